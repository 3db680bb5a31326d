"""Grey values to screen brightness: lookup tables and the distribution they are chosen from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.image import GreyWindow, LutFunction, Pixels

Table = NDArray[np.uint8]
SAMPLES_WANTED = 1_000_000


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


@dataclass(frozen=True, eq=False)
class Distribution:
    """How the grey values of an image are spread.

    Args:
        lowest, highest: extremes over all pixels sampled.
        cumulative: number of samples at or below each grey value; the extremes themselves are left
            out where anything lies between them, because borders and burnt-in marks sit there.
    """

    lowest: float
    highest: float
    cumulative: NDArray[np.int64]

    def value_at(self, share: float) -> float:
        """The grey value below which `share` (0..1) of the samples lie."""
        wanted = share * float(self.cumulative[-1])
        return float(np.searchsorted(self.cumulative, wanted))


def distribution(pixels: Pixels) -> Distribution:
    """The spread of an image's grey values, from at most about a million samples."""
    lowest, highest = int(pixels.min()), int(pixels.max())
    step = max(1, int(np.sqrt(pixels.size / SAMPLES_WANTED)))
    counts = np.bincount(pixels[::step, ::step].ravel(), minlength=highest + 1)
    between = counts.copy()
    between[[lowest, highest]] = 0
    return Distribution(lowest, highest, np.cumsum(between if between.any() else counts))
