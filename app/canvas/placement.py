"""Where an image lies on the screen: zoom, flips and quarter turns as one affine map."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QTransform

from app.canvas.state import ViewState
from domain.geometry import FloatArray

FIT_MARGIN = 18.0
MAX_ZOOM = 64.0
_TURNS = (
    ((1, 0), (0, 1)),
    ((0, -1), (1, 0)),
    ((-1, 0), (0, -1)),
    ((0, 1), (-1, 0)),
)


@lru_cache
def _orientation(flipped_h: bool, flipped_v: bool, turns: int) -> NDArray[np.float64]:
    flips = np.diag([-1.0 if flipped_h else 1.0, -1.0 if flipped_v else 1.0])
    oriented: NDArray[np.float64] = np.array(_TURNS[turns], dtype=np.float64) @ flips
    oriented.flags.writeable = False  # it is handed out again and again
    return oriented


@dataclass(frozen=True)
class Placement:
    """The map between (row, column) in image pixels and (x, y) in screen pixels.

    Args:
        zoom: screen pixels the width of an image pixel.
        centre: (row, column) in the middle of the viewport.
        viewport: (width, height) in screen pixels.
        flipped_h, flipped_v, quarter_turns: as in `ViewState`.
        aspect: height of an image pixel over its width.
    """

    zoom: float
    centre: tuple[float, float]
    viewport: tuple[float, float]
    flipped_h: bool = False
    flipped_v: bool = False
    quarter_turns: int = 0
    aspect: float = 1.0

    @cached_property
    def orientation(self) -> NDArray[np.float64]:
        """(2, 2) from directions along (columns, rows) to directions along (x, y)."""
        return _orientation(self.flipped_h, self.flipped_v, self.quarter_turns % 4)

    @property
    def pixel_size(self) -> tuple[float, float]:
        """(width, height) of an image pixel before turning, in screen pixels."""
        return self.zoom, self.zoom * self.aspect

    @cached_property
    def matrix(self) -> NDArray[np.float64]:
        """(2, 2) from (column, row) to (x, y)."""
        return self.orientation * self.pixel_size

    @property
    def scale(self) -> tuple[float, bool, bool, int, float]:
        """What two placements have in common that differ by a shift alone."""
        return self.zoom, self.flipped_h, self.flipped_v, self.quarter_turns, self.aspect

    @property
    def origin(self) -> QPointF:
        """Where the first pixel is on the screen."""
        return QPointF(*self.to_screen([(0.0, 0.0)])[0].tolist())

    def to_screen(self, points: ArrayLike) -> FloatArray:
        """(n, 2) rows and columns to (n, 2) x and y."""
        offsets = np.atleast_2d(np.asarray(points, dtype=np.float64)) - np.asarray(self.centre)
        middle = np.asarray(self.viewport) / 2
        screen: FloatArray = offsets[:, ::-1] @ self.matrix.T + middle
        return screen

    def to_image(self, x: float, y: float) -> tuple[float, float]:
        """Row and column under a place on the screen."""
        offset = np.array([x - self.viewport[0] / 2, y - self.viewport[1] / 2])
        column, row = offset @ self.orientation / self.pixel_size  # the inverse of `matrix`
        return float(row + self.centre[0]), float(column + self.centre[1])

    def transform(self) -> QTransform:
        """The same map for a painter, from (x=column, y=row)."""
        (m11, m21), (m12, m22) = self.matrix
        dx, dy = self.to_screen([(0.0, 0.0)])[0]
        return QTransform(m11, m12, m21, m22, dx, dy)

    def zoomed(self, factor: float, *, at: tuple[float, float], lowest: float) -> Placement:
        """Zoomed so that what lies under the screen position `at` stays there."""
        zoom = float(np.clip(self.zoom * factor, lowest, MAX_ZOOM))
        row, column = self.to_image(*at)
        after = replace(self, zoom=zoom)
        row_after, column_after = after.to_image(*at)
        centre = (self.centre[0] + row - row_after, self.centre[1] + column - column_after)
        return replace(after, centre=centre)

    def panned(self, dx: float, dy: float) -> Placement:
        """Moved by screen pixels."""
        middle_x, middle_y = self.viewport[0] / 2, self.viewport[1] / 2
        return replace(self, centre=self.to_image(middle_x - dx, middle_y - dy))

    def way_into_view(self, row: float, column: float, *, margin: float) -> tuple[float, float]:
        """Screen pixels to pan by until a place of the image keeps that distance to every edge."""
        (at,) = self.to_screen([(row, column)])
        dx, dy = np.clip(at, margin, np.maximum(np.subtract(self.viewport, margin), margin)) - at
        return float(dx), float(dy)


def fitting_zoom(
    shape: tuple[int, int],
    *,
    viewport: tuple[float, float],
    quarter_turns: int,
    aspect: float = 1.0,
) -> float:
    """The zoom at which the whole image is seen."""
    size = shape[1], shape[0] * aspect
    across, down = size if quarter_turns % 2 == 0 else size[::-1]
    width, height = (max(side - 2 * FIT_MARGIN, 16.0) for side in viewport)
    return min(width / across, height / down, MAX_ZOOM)


def place(
    state: ViewState, *, shape: tuple[int, int], viewport: tuple[float, float], aspect: float = 1.0
) -> Placement:
    """Where an image of `shape` with pixels of `aspect` lies under a view state."""
    zoom = state.zoom
    if zoom is None:
        turns = state.quarter_turns
        zoom = fitting_zoom(shape, viewport=viewport, quarter_turns=turns, aspect=aspect)
    return Placement(
        zoom=zoom,
        centre=state.centre or ((shape[0] - 1) / 2, (shape[1] - 1) / 2),
        viewport=viewport,
        flipped_h=state.flipped_h,
        flipped_v=state.flipped_v,
        quarter_turns=state.quarter_turns,
        aspect=aspect,
    )


def flipped(state: ViewState, *, horizontally: bool) -> ViewState:
    """Mirrored as the screen shows it: on a film that lies on its side the other axis changes."""
    if horizontally == (state.quarter_turns % 2 == 0):
        return replace(state, flipped_h=not state.flipped_h)
    return replace(state, flipped_v=not state.flipped_v)


def turned(state: ViewState, *, quarters: int) -> ViewState:
    """Turned clockwise on the screen."""
    return replace(state, quarter_turns=(state.quarter_turns + quarters) % 4)
