"""Grey values to brightness as files ask for it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from domain.image import GreyWindow, LutFunction

Table = NDArray[np.uint8]
Values = NDArray[np.float64]


def _linear(offset: Values, window: float) -> Values:
    """DICOM PS3.3 C.11.2.1.2.1: the outermost of `window` grey values are black and white."""
    offset = offset + 0.5
    if window <= 1:
        return np.asarray(offset > 0, dtype=np.float64)
    return offset / (window - 1) + 0.5


def _linear_exact(offset: Values, window: float) -> Values:
    """DICOM PS3.3 C.11.2.1.3.2: from black at level - window / 2 to white at level + window / 2."""
    return offset / max(window, 1e-6) + 0.5


def _sigmoid(offset: Values, window: float) -> Values:
    """DICOM PS3.3 C.11.2.1.3.1."""
    exponent = np.clip(-4 * offset / max(window, 1e-6), -700, 700)  # beyond it exp overflows
    share: Values = 1 / (1 + np.exp(exponent))
    return share


_SHARES: dict[LutFunction, Callable[[Values, float], Values]] = {
    LutFunction.LINEAR: _linear,
    LutFunction.LINEAR_EXACT: _linear_exact,
    LutFunction.SIGMOID: _sigmoid,
}


def window_table(bits: int, shown: GreyWindow, *, inverted: bool = False) -> Table:
    """Brightness 0..255, rounded, for every grey value of an image with 8 or 16 bits a pixel."""
    offset = np.arange(2**bits, dtype=np.float64) - shown.level
    share = _SHARES[shown.function](offset, shown.window)
    bright = np.rint(np.clip(share, 0.0, 1.0) * 255).astype(np.uint8)
    return 255 - bright if inverted else bright
