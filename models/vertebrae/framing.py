"""Where the network looks: upright frames between a film's pixels and the network's, and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

# The network was taught pictures stretched or squeezed sideways by up to this much.
_NARROWEST, _WIDEST = 0.75, 1.4
# Room left around a found column, in shares of its height: above, below, and at each side.
_ABOVE, _BELOW, _BESIDE = 0.10, 0.10, 0.10


@dataclass(frozen=True)
class Frame:
    """An axis-aligned window of a film, seen by a network of `rows` x `columns`.

    network = (film + 1/2) * scale + offset - 1/2, for rows and for columns.
    """

    row_scale: float
    column_scale: float
    row_offset: float
    column_offset: float
    rows: int = 256
    columns: int = 128

    def to_network(self, points: FloatArray) -> FloatArray:
        """(…, 2) film pixels to network pixels."""
        return (points + 0.5) * self._scale() + self._offset() - 0.5

    def to_film(self, points: FloatArray) -> FloatArray:
        """(…, 2) network pixels to film pixels."""
        return (points + 0.5 - self._offset()) / self._scale() - 0.5

    def _scale(self) -> FloatArray:
        return np.array([self.row_scale, self.column_scale])

    def _offset(self) -> FloatArray:
        return np.array([self.row_offset, self.column_offset])


def frame_of_box(
    top_left: FloatArray, bottom_right: FloatArray, *, rows: int = 256, columns: int = 128
) -> Frame:
    """The frame that holds a box of the film, centred, as large as fits.

    The box is given by its outer edges in film coordinates (a pixel's edges lie at +-1/2).
    """
    height, width = np.maximum(bottom_right - top_left, 1.0)
    tall, wide = rows / height, columns / width
    row_scale, column_scale = tall, wide
    if wide > _WIDEST * tall:
        column_scale = _WIDEST * tall
    elif wide < _NARROWEST * tall:
        row_scale = wide / _NARROWEST
    centre = (top_left + bottom_right) / 2 + 0.5
    return Frame(
        row_scale=float(row_scale),
        column_scale=float(column_scale),
        row_offset=float(rows / 2 - centre[0] * row_scale),
        column_offset=float(columns / 2 - centre[1] * column_scale),
        rows=rows,
        columns=columns,
    )


def frame_of_film(height: int, width: int, *, rows: int = 256, columns: int = 128) -> Frame:
    """The frame that shows a whole film."""
    top_left = np.array([-0.5, -0.5])
    size = np.array([height, width])
    return frame_of_box(top_left, top_left + size, rows=rows, columns=columns)


def frame_of_column(points: FloatArray, *, rows: int = 256, columns: int = 128) -> Frame:
    """The frame around a column found before, (68, 2) in film pixels, with room at every side."""
    low, high = points.min(axis=0), points.max(axis=0)
    height = max(float(high[0] - low[0]), 1.0)
    low = low - height * np.array([_ABOVE, _BESIDE])
    high = high + height * np.array([_BELOW, _BESIDE])
    return frame_of_box(low, high, rows=rows, columns=columns)
