"""How measures are drawn: lines, handles and words, in screen pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from app.canvas import colors
from app.canvas.lettering import font, width_of
from domain.geometry import FloatArray

HANDLE_PX = 4.0
LABEL_GAP = 12.0
LABEL_HEIGHT = 22.0
LABEL_PADDING = 9.0
HINT_TOP = 62.0
_SOLID = Qt.PenStyle.SolidLine


@dataclass(frozen=True, eq=False)
class Drawn:
    """One measure on the screen.

    Args:
        solid, dashed: polylines, each (n, 2) x and y.
        handles: (n, 2) x and y.
        lively: selected, under the mouse or in the hand.
        point: the handle that keys act on.
    """

    solid: tuple[FloatArray, ...]
    dashed: tuple[FloatArray, ...]
    handles: FloatArray
    text: str
    selected: bool = False
    lively: bool = False
    point: int | None = None


@dataclass(frozen=True, eq=False)
class Around:
    """What words must not cover.

    Args:
        room: the canvas.
        handles: (n, 2) x and y of every handle on it.
        taken: where other words stand.
    """

    room: QRectF
    handles: FloatArray
    taken: tuple[QRectF, ...] = ()

    def is_clear(self, box: QRectF) -> bool:
        """Whether words there would cover nothing."""
        over_words = any(box.intersects(other) for other in self.taken)
        return not over_words and not _covers(box, self.handles)


def paint_measures(painter: QPainter, measures: Sequence[Drawn], *, room: QRectF) -> None:
    """Lines first, words last: they stand over lines, but over no handle and no other words."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for drawn in measures:
        _paint_shape(painter, drawn)
    handles = [drawn.handles for drawn in measures]
    taken: list[QRectF] = []
    for drawn in reversed(measures):  # the selected one, which comes last, has the first choice
        if drawn.text:
            face = font(12, strong=drawn.selected)
            size = QSizeF(width_of(drawn.text, face=face) + 2 * LABEL_PADDING, LABEL_HEIGHT)
            around = Around(room, np.concatenate(handles), tuple(taken))
            taken.append(label_box(drawn.handles, size=size, around=around))
            _paint_text(painter, drawn, box=taken[-1])


def _paint_shape(painter: QPainter, drawn: Drawn) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    width = 2.0 if drawn.selected or drawn.lively else 1.5
    dash = Qt.PenStyle.DashLine
    for color, extra in ((colors.HALO, 2.2), (colors.MEASURE, 0.0)):
        _paint_lines(painter, drawn.solid, QPen(color, width + extra))
        _paint_lines(painter, drawn.dashed, QPen(color, 1.2 + extra, dash if not extra else _SOLID))
    for place, (x, y) in enumerate(drawn.handles.tolist()):
        _paint_handle(painter, QPointF(x, y), strong=drawn.selected)
        if place == drawn.point:
            _paint_chosen(painter, QPointF(x, y))


def _paint_lines(painter: QPainter, lines: Sequence[FloatArray], pen: QPen) -> None:
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    for line in lines:
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in line.tolist()]))


def _paint_handle(painter: QPainter, at: QPointF, *, strong: bool) -> None:
    """A small open square: what it marks can be seen through it."""
    half = HANDLE_PX if strong else HANDLE_PX - 1
    box = QRectF(at.x() - half, at.y() - half, 2 * half, 2 * half)
    shade = colors.SELECTED if strong else colors.MEASURE
    for color, width in ((colors.HALO, 3.4), (shade, 1.4)):
        painter.setPen(QPen(color, width))
        painter.drawRect(box)


def _paint_chosen(painter: QPainter, at: QPointF) -> None:
    """A second square around the handle that the arrow keys move."""
    half = HANDLE_PX + 4
    painter.setPen(QPen(colors.SELECTED, 1.4))
    painter.drawRect(QRectF(at.x() - half, at.y() - half, 2 * half, 2 * half))


def _paint_text(painter: QPainter, drawn: Drawn, *, box: QRectF) -> None:
    edge = colors.MEASURE if drawn.selected else colors.MEASURE_QUIET
    _pill(painter, box, edge=edge)
    painter.setFont(font(12, strong=drawn.selected))
    painter.setPen(colors.LETTER)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, drawn.text)


def label_box(handles: FloatArray, *, size: QSizeF, around: Around) -> QRectF:
    """Where words stand: beside the handles, on the canvas where they fit, and covering nothing."""
    low, high = handles.min(axis=0), handles.max(axis=0)
    middle = QPointF(*((low + high) / 2))
    far_x, far_y = size.width() / 2 + LABEL_GAP, size.height() / 2 + LABEL_GAP
    beside = (high[0] + far_x, low[0] - far_x)
    centres = [QPointF(x, middle.y()) for x in beside]
    centres += [QPointF(middle.x(), y) for y in (low[1] - far_y, high[1] + far_y)]
    centres += [QPointF(x, y) for y in (low[1] - far_y, high[1] + far_y) for x in beside]
    boxes = [_inside(_around(centre, size), around.room) for centre in centres]
    free = [box for box in boxes if not _covers(box, handles)]
    clear = [box for box in free if around.is_clear(box)]
    return (clear or free or [_around(centres[0], size)])[0]


def _around(centre: QPointF, size: QSizeF) -> QRectF:
    box = QRectF(QPointF(0, 0), size)
    box.moveCenter(centre)
    return box


def _inside(box: QRectF, room: QRectF) -> QRectF:
    """Pushed into the canvas."""
    left = min(max(box.left(), room.left() + 4), max(room.right() - 4 - box.width(), 0))
    top = min(max(box.top(), room.top() + 4), max(room.bottom() - 4 - box.height(), 0))
    return QRectF(QPointF(left, top), box.size())


def _covers(box: QRectF, handles: FloatArray) -> bool:
    grown = box.adjusted(-HANDLE_PX - 1, -HANDLE_PX - 1, HANDLE_PX + 1, HANDLE_PX + 1)
    return any(grown.contains(QPointF(x, y)) for x, y in handles.tolist())


def paint_hint(painter: QPainter, hint: str, *, room: QRectF) -> None:
    """What the next click means, at the top of the canvas."""
    face = font(12)
    box = QRectF(0, 0, width_of(hint, face=face) + 28, 26)
    box.moveCenter(QPointF(room.center().x(), HINT_TOP))
    _pill(painter, box, edge=colors.MEASURE)
    painter.setFont(face)
    painter.setPen(colors.LETTER)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, hint)


def _pill(painter: QPainter, box: QRectF, *, edge: QColor) -> None:
    painter.setPen(QPen(edge, 1.0))
    painter.setBrush(colors.PILL)
    painter.drawRoundedRect(box, 11, 11)
    painter.setBrush(Qt.BrushStyle.NoBrush)
