"""What the hand draws on the film: a polygon click by click, or strokes of a brush."""

from __future__ import annotations

from enum import Enum, auto

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from app.canvas import colors
from app.canvas.layers.layer import Layer
from app.canvas.layers.measures_paint import paint_hint
from app.canvas.strokes import pen
from domain.measures import Place

LEAST_CORNERS = 3
CLOSES_PX = 8.0
STEP_PX = 2.0
ABOVE_ALL = 30.0


class Drawing(Enum):
    """What is drawn."""

    POLYGON = auto()
    BRUSH = auto()
    ERASER = auto()


HINTS = {
    Drawing.POLYGON: "Click its corners; Enter closes, Backspace takes back, Esc cancels",
    Drawing.BRUSH: "Drag to add to the region; Ctrl+[ and Ctrl+] change the brush, Esc ends",
    Drawing.ERASER: "Drag to take away from the region; Esc ends",
}


class DrawingLayer(Layer):
    """While armed every press of the left button draws; places go out in image pixels."""

    drawn = Signal(object)  # places of a closed polygon
    stroked = Signal(object)  # places that a brush went through
    ended = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.kind: Drawing | None = None
        self.radius = 12.0  # of the brush, in image pixels
        self._places: list[Place] = []
        self._mouse: QPointF | None = None
        self._is_down = False
        self.setZValue(ABOVE_ALL)

    def arm(self, kind: Drawing) -> None:
        """Draw this from now on."""
        self.prepareGeometryChange()
        self.kind, self._places, self._is_down = kind, [], False
        self.update()

    def disarm(self) -> bool:
        """Draw no more, and forget what was not finished; False where nothing was drawn."""
        was_armed = self.kind is not None
        self.prepareGeometryChange()
        self.kind, self._places, self._is_down = None, [], False
        self.update()
        if was_armed:
            self.ended.emit()
        return was_armed

    def close_polygon(self) -> bool:
        """Enter: what was clicked is a polygon now; False where it is none."""
        if self.kind is not Drawing.POLYGON:
            return False
        places = tuple(self._places)
        if len(places) >= LEAST_CORNERS:
            self.disarm()
            self.drawn.emit(places)
        return True

    def take_back(self) -> bool:
        """Give up the last corner; False where no polygon is drawn."""
        if self.kind is not Drawing.POLYGON:
            return False
        self._places = self._places[:-1]
        self.update()
        return True

    def resize_brush(self, factor: float) -> None:
        """A wider or a narrower brush."""
        self.radius = float(np.clip(self.radius * factor, 1.0, 500.0))
        self.update()

    @property
    def cursor_shape(self) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor

    def show_on(self, image_sha256: str | None) -> None:
        if image_sha256 != self.image_sha256:
            self.disarm()
        super().show_on(image_sha256)

    def boundingRect(self) -> QRectF:
        return self.screen_room() if self.kind is not None else QRectF()

    def takes(self, at: QPointF) -> bool:
        return self.kind is not None

    def hover(self, at: QPointF | None) -> bool:
        self._mouse = at
        if self.kind is not None:
            self.update()
        return self.kind is not None

    def press(self, at: QPointF) -> bool:
        if self.kind is None:
            return False
        self._is_down, self._mouse = True, at
        if self.kind is Drawing.POLYGON and self._closes(at):
            self.close_polygon()
        else:
            self._places.append(self._place(at))
        self.update()
        return True

    def move(self, at: QPointF) -> None:
        self._mouse = at
        if self._is_down and self.kind in (Drawing.BRUSH, Drawing.ERASER):
            x, y = self.placement.to_screen([self._places[-1]])[0]
            if np.hypot(at.x() - x, at.y() - y) >= STEP_PX:
                self._places.append(self._place(at))
        self.update()

    def release(self, at: QPointF) -> None:
        was_down, self._is_down = self._is_down, False
        if was_down and self.kind in (Drawing.BRUSH, Drawing.ERASER):
            places, self._places = tuple(self._places), []
            self.stroked.emit(places)
        self.update()

    def double_click(self, at: QPointF) -> None:
        self.close_polygon()

    def cancel_drag(self) -> bool:
        was_down, self._is_down = self._is_down, False
        if was_down and self.kind is not Drawing.POLYGON:
            self._places = []
        self.update()
        return was_down

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        if self.kind is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = QPolygonF([QPointF(x, y) for x, y in self._on_screen()])
        if self.kind is Drawing.POLYGON:
            self._paint_polygon(painter, line)
        else:
            self._paint_brush(painter, line)
        paint_hint(painter, HINTS[self.kind], room=self.screen_room())

    def _paint_polygon(self, painter: QPainter, line: QPolygonF) -> None:
        corners = [line.at(place) for place in range(line.size())]
        if self._mouse is not None:
            line.append(self._mouse)
        for color, width in ((colors.HALO, 3.6), (colors.SELECTED, 1.4)):
            painter.setPen(pen(color, width))
            painter.drawPolyline(line)
        painter.setBrush(colors.PILL)
        for corner in corners:
            painter.drawEllipse(corner, 3.5, 3.5)

    def _paint_brush(self, painter: QPainter, line: QPolygonF) -> None:
        radius = self.radius * self.placement.zoom
        color = colors.HINT if self.kind is Drawing.BRUSH else colors.PIN
        if line.size():
            stroke = QPen(color, 2 * radius)
            stroke.setCapStyle(Qt.PenCapStyle.RoundCap)
            stroke.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.save()
            painter.setOpacity(0.35)
            painter.setPen(stroke)
            line.append(line.last() + QPointF(0.01, 0))  # a dot is a line too
            painter.drawPolyline(line)
            painter.restore()
        if self._mouse is not None:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(pen(color, 1.4))
            painter.drawEllipse(self._mouse, radius, radius)

    def _closes(self, at: QPointF) -> bool:
        if len(self._places) < LEAST_CORNERS:
            return False
        x, y = self._on_screen()[0]
        return float(np.hypot(at.x() - x, at.y() - y)) <= CLOSES_PX

    def _on_screen(self) -> list[list[float]]:
        if not self._places:
            return []
        return [[float(x), float(y)] for x, y in self.placement.to_screen(self._places)]

    def _place(self, at: QPointF) -> Place:
        return self.placement.to_image(at.x(), at.y())
