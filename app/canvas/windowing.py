"""How the grey values of an image are spread: what windows are chosen from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.image import Pixels

SAMPLES_WANTED = 1_000_000


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
