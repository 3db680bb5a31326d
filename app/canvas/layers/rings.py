"""Rings on free corners and dots where they were, from kept pictures.

Stroking 68 of them took a fifth of a frame.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap

from app.canvas import colors
from domain.geometry import FloatArray

STEPS = 4
"""Places of a mark within a device pixel, to either side: none is off by more than an eighth."""
HALO_PX, RING_PX = 3.2, 1.3
_Mark = Callable[[QPainter, QPointF, float], None]


def draw_rings(painter: QPainter, places: FloatArray, *, radius: float) -> None:
    """Draw a ring around each (x, y) in screen pixels."""
    _draw(painter, places, _ring, radius=radius)


def draw_dots(painter: QPainter, places: FloatArray, *, radius: float) -> None:
    """Draw a faint dot at each (x, y) in screen pixels."""
    _draw(painter, places, _dot, radius=radius)


def _draw(painter: QPainter, places: FloatArray, mark: _Mark, *, radius: float) -> None:
    density = painter.device().devicePixelRatioF()
    radius = round(radius, 1)
    reach = _reach(radius, density)
    steps = np.floor(places * density * STEPS + 0.5).astype(int)
    corners, parts = np.divmod(steps, STEPS)
    starts = (corners - reach) / density
    for (x, y), (right, down) in zip(starts.tolist(), parts.tolist(), strict=True):
        painter.drawPixmap(QPointF(x, y), _picture(mark, radius, right, down, density))


def _reach(radius: float, density: float) -> int:
    return math.ceil((radius + HALO_PX) * density)


@lru_cache(maxsize=1024)
def _picture(mark: _Mark, radius: float, right: int, down: int, density: float) -> QPixmap:
    """A mark so many steps right of and below the middle of its picture."""
    reach = _reach(radius, density)
    picture = QPixmap(2 * reach + 1, 2 * reach + 1)
    picture.setDevicePixelRatio(density)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    at = QPointF(reach + right / STEPS, reach + down / STEPS) / density
    mark(painter, at, radius)
    painter.end()
    return picture


def _ring(painter: QPainter, at: QPointF, radius: float) -> None:
    for color, width in ((colors.HALO, HALO_PX), (colors.CORNER, RING_PX)):
        painter.setPen(QPen(color, width))
        painter.drawEllipse(at, radius, radius)


def _dot(painter: QPainter, at: QPointF, radius: float) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colors.GHOST)
    painter.drawEllipse(at, radius, radius)
