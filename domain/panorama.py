"""A panoramic radiograph as the sixteen overlapping pictures that the implant network looks at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WINDOWS = 16
TRUE_SHAPE = 1127, 1991
"""Rows and columns of the panoramics before they were stretched to a square (UFBA-425)."""
_TOP, _BOTTOM = 0.12, 0.92  # of the height: 98 of 100 films have all their teeth between


@dataclass(frozen=True)
class Window:
    """A piece of a picture: edges in pixels of the picture, not centres.

    Args:
        top, left: its first edges.
        rows, columns: its size.
    """

    top: float
    left: float
    rows: float
    columns: float

    def out_of(self, points: NDArray[np.float64], *, side: int) -> NDArray[np.float64]:
        """Places in the picture for (n, 2) places in the window drawn `side` pixels wide and high.

        Both are (row, column) with pixel centres at whole numbers.
        """
        scale = np.array([self.rows, self.columns]) / side
        return (np.asarray(points) + 0.5) * scale - 0.5 + [self.top, self.left]

    def into(self, points: NDArray[np.float64], *, side: int) -> NDArray[np.float64]:
        """The other way round."""
        scale = side / np.array([self.rows, self.columns])
        return (np.asarray(points) + 0.5 - [self.top, self.left]) * scale - 0.5


def arch_windows(rows: int, columns: int, *, aspect: float = 1.0) -> tuple[Window, ...]:
    """Windows along the arch, left to right, square in the mouth.

    Args:
        rows, columns: of the picture.
        aspect: height of a pixel over its width.
    """
    top, height = _TOP * rows, (_BOTTOM - _TOP) * rows
    width = min(height * aspect, float(columns))
    step = (columns - width) / (WINDOWS - 1)
    return tuple(Window(top, number * step, height, width) for number in range(WINDOWS))
