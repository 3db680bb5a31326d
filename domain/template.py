"""A column to begin with where no network is asked: seventeen vertebrae between two clicks."""

from __future__ import annotations

import numpy as np

from domain.errors import WrongUse
from domain.geometry import FloatArray
from domain.measures import Place

# Shares of the length from T1's upper to L5's lower end-plate, in thousandths: medians over the
# corners of 371 films of AASCE 2019 (the training part of training/data/aasce_split.json).
_HEIGHTS = (27.5, 30.9, 34.3, 37.0, 39.2, 39.5, 40.3, 41.2, 42.3, 44.2, 46.2, 48.3,
            50.0, 50.3, 52.3, 54.7, 50.9)  # fmt: skip
_GAPS = (11.8, 12.5, 13.4, 13.8, 13.2, 13.1, 13.4, 14.0, 15.0, 16.6, 18.6, 21.4,
         22.6, 24.2, 24.4, 23.7)  # fmt: skip
_WIDTHS = (70.5, 66.0, 62.1, 60.6, 61.5, 64.1, 66.1, 69.1, 71.7, 75.4, 79.9, 83.3,
           87.2, 89.4, 92.9, 98.6, 105.2)  # fmt: skip
LEAST_PX = 34.0
"""Half a pixel for each of the 68 corners is no column any more."""


def column_between(top: Place, bottom: Place) -> FloatArray:
    """(68, 2) corners of a straight column.

    Args:
        top: middle of T1's upper end-plate.
        bottom: middle of L5's lower end-plate.

    Raises:
        WrongUse: the two lie too close together.
    """
    start, end = np.array(top, dtype=np.float64), np.array(bottom, dtype=np.float64)
    length = float(np.linalg.norm(end - start))
    if not length >= LEAST_PX:
        raise WrongUse(
            "The two ends of the column lie too close together.",
            why=f"They are {length:.0f} pixels apart; a column needs {LEAST_PX:.0f}.",
            remedy="Click the middle of T1's upper end-plate, then of L5's lower end-plate.",
        )
    edges = np.insert(np.cumsum(_spans()), 0, 0.0).reshape(-1, 2)  # upper and lower edge of each
    down = (end - start) / length
    right = np.array([-down[1], down[0]])  # of a column that hangs down the rows: + columns
    half = np.array(_WIDTHS) / sum(_spans(thousandths=True)) / 2
    corners = [
        start + length * (edge * down + side * wide * right)
        for (upper, lower), wide in zip(edges, half, strict=True)
        for edge in (upper, lower)
        for side in (-1, 1)
    ]
    return np.array(corners)


def _spans(*, thousandths: bool = False) -> FloatArray:
    """Heights and gaps in turn, top to bottom, as shares of the whole."""
    spans = np.empty(len(_HEIGHTS) + len(_GAPS))
    spans[0::2], spans[1::2] = _HEIGHTS, _GAPS
    return spans if thousandths else spans / spans.sum()
