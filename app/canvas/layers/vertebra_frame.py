"""A frame around one vertebra, by which the hand moves, turns or resizes it as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPolygonF
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from app.canvas import colors
from app.canvas.layers.corners import DRAG_BEGINS_PX
from app.canvas.layers.hit import nearest
from app.canvas.layers.layer import DataLayer
from app.canvas.strokes import pen
from domain.geometry import FloatArray
from domain.measures import Place

ROOM_PX = 11.0
"""From the corners to the frame: a corner can be seen inside it."""
STEM_PX = 24.0
KNOB = 5.0
LEAST_SCALE, LARGEST_SCALE = 0.2, 5.0
_AROUND = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])  # along (across, down), clockwise


class Grip(Enum):
    """What of the frame the hand has."""

    MOVE = auto()
    TURN = auto()
    RESIZE = auto()


_SHAPES = {
    Grip.MOVE: Qt.CursorShape.SizeAllCursor,
    Grip.TURN: Qt.CursorShape.CrossCursor,
    Grip.RESIZE: Qt.CursorShape.SizeFDiagCursor,
}


@dataclass(frozen=True, eq=False)
class FrameShape:
    """The frame in screen pixels.

    Args:
        middle: x and y of the vertebra.
        knobs: (4, 2) the frame's corners, by which it is resized.
        turner: x and y of the handle that turns it.
    """

    middle: FloatArray
    knobs: FloatArray
    turner: FloatArray


def frame_shape(corners: FloatArray) -> FrameShape:
    """The frame around (4, 2) corners TL, TR, BL, BR on the screen, tilted as they are."""
    middle = corners.mean(axis=0)
    across = corners[[1, 3]].mean(axis=0) - corners[[0, 2]].mean(axis=0)
    across = across / max(float(np.linalg.norm(across)), 1e-9)
    down = np.array([-across[1], across[0]])
    if (corners[2:].mean(axis=0) - middle) @ down < 0:  # the film is mirrored
        down = -down
    axes = np.stack([across, down])
    half = np.abs((corners - middle) @ axes.T).max(axis=0) + ROOM_PX
    knobs = middle + (_AROUND * half) @ axes
    return FrameShape(middle, knobs, middle - down * (half[1] + STEM_PX))


class VertebraFrame(DataLayer):
    """Four corners as one thing; places in image pixels go out, nothing is decided here."""

    drag_started = Signal()
    dragged = Signal(object)  # four places
    drag_finished = Signal()
    drag_cancelled = Signal()
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._data: FloatArray | None = None
        self._screen: FloatArray = np.empty((0, 2))
        self._grip: Grip | None = None
        self._under: Grip | None = None
        self._start = QPointF()
        self._begun: FloatArray | None = None  # the corners on the screen when the drag began
        self.setZValue(12)

    @property
    def shape_on_screen(self) -> FrameShape | None:
        """Where the frame is drawn."""
        return None if self._data is None else frame_shape(self._screen)

    def set_corners(self, corners: FloatArray | None) -> None:
        """Frame these (4, 2) rows and columns, or nothing."""
        if corners is None:
            self.cancel_drag()
        if corners is not None or self._data is not None:
            self._data = corners
            self._refresh()

    def clear(self) -> None:
        self.set_corners(None)

    @property
    def cursor_shape(self) -> Qt.CursorShape:
        return _SHAPES.get(self._under or Grip.MOVE, super().cursor_shape)

    def takes(self, at: QPointF) -> bool:
        return self._hit(at) is not None

    def press(self, at: QPointF) -> bool:
        self._grip, self._start = self._hit(at), at
        return self._grip is not None

    def move(self, at: QPointF) -> None:
        if self._grip is None:
            return
        way = at - self._start
        if self._begun is None:
            if np.hypot(way.x(), way.y()) < DRAG_BEGINS_PX:
                return
            self._begun = self._screen.copy()
            self.drag_started.emit()
        if self._begun is not None:  # whoever hears of the start may cancel it
            self.dragged.emit(self._carried(self._begun, at))

    def release(self, at: QPointF) -> None:
        self.move(at)
        was_dragging = self._begun is not None
        self._grip, self._begun = None, None
        if was_dragging:
            self.drag_finished.emit()

    def cancel_drag(self) -> bool:
        was_dragging = self._begun is not None
        self._grip, self._begun = None, None
        if was_dragging:
            self.drag_cancelled.emit()
        return was_dragging

    def hover(self, at: QPointF | None) -> bool:
        under = None if at is None else self._hit(at)
        if under is not self._under:
            self._under = under
            self.update()
        return under is not None

    def click_empty(self) -> None:
        if self._data is not None:
            self.left.emit()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        shape = self.shape_on_screen
        if shape is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        knobs = [QPointF(*knob) for knob in shape.knobs]
        top = QPointF(*shape.knobs[:2].mean(axis=0))
        turner = QPointF(*shape.turner)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for color, width in ((colors.HALO, 3.6), (colors.SELECTED, 1.2)):
            painter.setPen(pen(color, width))
            painter.drawPolygon(knobs)
            painter.drawLine(top, turner)
        for grip, places in ((Grip.RESIZE, knobs), (Grip.TURN, [turner])):
            lit = grip in (self._grip, self._under)
            painter.setPen(pen(colors.SELECTED, 1.4))
            painter.setBrush(colors.SELECTED if lit else colors.PILL)
            for at in places:
                _paint_knob(painter, at, is_round=grip is Grip.TURN)

    def _hit(self, at: QPointF) -> Grip | None:
        shape = self.shape_on_screen
        if shape is None or not self.isVisible():
            return None
        here = (at.x(), at.y())
        if nearest(shape.turner[None], at=here) is not None:
            return Grip.TURN
        if nearest(shape.knobs, at=here, reach=KNOB + 3) is not None:
            return Grip.RESIZE
        frame = QPolygonF([QPointF(*knob) for knob in shape.knobs])
        return Grip.MOVE if frame.containsPoint(at, Qt.FillRule.OddEvenFill) else None

    def _carried(self, begun: FloatArray, at: QPointF) -> tuple[Place, ...]:
        """Where the four corners are with the hand here, in image pixels."""
        middle = begun.mean(axis=0)
        start = np.array([self._start.x(), self._start.y()]) - middle
        now = np.array([at.x(), at.y()]) - middle
        if self._grip is Grip.MOVE:
            moved = begun + (now - start)
        elif self._grip is Grip.TURN:
            angle = np.arctan2(now[1], now[0]) - np.arctan2(start[1], start[0])
            turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
            moved = middle + (begun - middle) @ turn
        else:
            scale = np.linalg.norm(now) / max(float(np.linalg.norm(start)), 1e-9)
            moved = middle + (begun - middle) * np.clip(scale, LEAST_SCALE, LARGEST_SCALE)
        return tuple(self.placement.to_image(float(x), float(y)) for x, y in moved)

    def _refresh(self) -> None:
        self.prepareGeometryChange()
        if self._data is not None:
            self._screen = self.placement.to_screen(self._data)
        self.update()


def _paint_knob(painter: QPainter, at: QPointF, *, is_round: bool) -> None:
    room = QRectF(at.x() - KNOB, at.y() - KNOB, 2 * KNOB, 2 * KNOB)
    if is_round:
        painter.drawEllipse(room)
    else:
        painter.drawRect(room.adjusted(1, 1, -1, -1))
