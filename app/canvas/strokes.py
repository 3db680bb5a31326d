"""Lines over a film, each with a dark rim so that it is seen on bone and on air.

Qt strokes a line that is opaque, or no wider than a device pixel, twenty times as fast as a wide
one that is seen through. So a rim is drawn beside its line, in lines so thin, and not beneath it.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QLineF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.canvas import colors
from domain.geometry import FloatArray

RIM_PX = 0.9
"""How far a rim reaches beyond its line, in screen pixels."""


def pen(color: QColor, width: float) -> QPen:
    """A pen in screen pixels; flat ends cost half of round ones and are hidden by the marks."""
    return _pen(color.rgba(), width)


@lru_cache(maxsize=256)
def _pen(rgba: int, width: float) -> QPen:
    color = QColor.fromRgba(rgba)
    flat, round_ = Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.RoundJoin
    return QPen(color, width, Qt.PenStyle.SolidLine, flat, round_)


def draw_lines(painter: QPainter, ends: FloatArray, *, color: QColor, width: float) -> None:
    """Draw (n, 2, 2) lines from (x, y) to (x, y)."""
    painter.setPen(pen(color, width))
    painter.drawLines([QLineF(*line) for line in ends.reshape(-1, 4).tolist()])


def draw_rimmed(
    painter: QPainter, ends: FloatArray, *, color: QColor, width: float, is_plain: bool = False
) -> None:
    """Draw (n, 2, 2) lines with a dark rim along both sides of all of them.

    Args:
        is_plain: leave the rims off: the film is on the move.
    """
    if is_plain:
        draw_lines(painter, ends, color=color, width=width)
        return
    along = ends[:, 1] - ends[:, 0]
    length = np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    aside = np.stack([-along[:, 1], along[:, 0]], axis=1) / length
    count = max(1, math.ceil(RIM_PX * painter.device().devicePixelRatioF()))
    step = RIM_PX / count
    away = width / 2 + step * (np.arange(count) + 0.5)
    beside = np.concatenate([away, -away, [0.0]])  # and at the ends of the line
    offsets = beside[:, None, None, None] * aside[:, None]
    draw_lines(painter, (ends + offsets).reshape(-1, 2, 2), color=colors.HALO, width=step)
    draw_lines(painter, ends, color=color, width=width)
