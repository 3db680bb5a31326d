"""Grey values to brightness: windows as files and people ask for them, and one for nobody's."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from domain.image import GreyWindow, LutFunction, Pixels

Table = NDArray[np.uint8]
_SAMPLES = 250_000
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


def windowed(
    pixels: Pixels, *, percent: tuple[float, float] = (0.5, 99.5), inverted: bool = False
) -> Table:
    """(rows, columns) uint8: the values between two percentiles spread over black to white.

    Args:
        inverted: low values are bright.
    """
    step = max(1, int((pixels.size / _SAMPLES) ** 0.5))
    low, high = np.percentile(pixels[::step, ::step], percent)
    if high <= low:
        low, high = float(pixels.min()), max(float(pixels.max()), float(pixels.min()) + 1.0)
    between = GreyWindow((low + high) / 2, high - low, function=LutFunction.LINEAR_EXACT)
    return shown_through(pixels, between, inverted=inverted)


def shown_through(pixels: Pixels, window: GreyWindow, *, inverted: bool = False) -> Table:
    """The pixels on eight bits as they look through a window."""
    shown: Table = window_table(8 * pixels.dtype.itemsize, window, inverted=inverted)[pixels]
    return shown
