"""The column of corners over the film: draws what it is given, tells what the hand does."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import replace
from functools import partial

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPolygonF
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from app.canvas.layers.corners_data import CobbLine, CornersData
from app.canvas.layers.corners_paint import (
    MARK_REACH,
    Drawing,
    Part,
    paint_angles,
    paint_attention,
    paint_column,
    paint_held,
    paint_still,
    sizes_for,
)
from app.canvas.layers.corners_rooms import changed_rooms
from app.canvas.layers.hit import nearest
from app.canvas.layers.layer import PointsLayer
from app.canvas.overlay import PACE_MS, is_exposed
from app.canvas.placement import Placement
from app.canvas.sheet import Sheet, Sketch
from domain.errors import ImageMismatch
from domain.geometry import FloatArray

DRAG_BEGINS_PX = 3.0
__all__ = ["CobbLine", "CornersData", "CornersLayer", "Part"]

PULSE_SECONDS = 1.8
PULSE_FRAME_MS = 50
ROOM_AROUND = 30.0
CALM_MS = 120
"""So long after a zoom lines are drawn finely again."""


class CornersLayer(PointsLayer):
    """Corners, end-plates, names, ghosts and angles of one column; pure data in, signals out.

    `dragged` comes with every move, in image pixels.
    After `drag_finished` the corner stays where it was dropped until the next `set_data`.
    """

    drag_started = Signal(int)
    dragged = Signal(int, float, float)
    drag_finished = Signal(int, float, float)
    drag_cancelled = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._data: CornersData | None = None
        self._coming: CornersData | None = None  # in the place of the data, once it is drawn
        self._screen: FloatArray = np.empty((0, 2))
        self._drawing: Drawing | None = None  # on the screen
        self._is_moving = False
        self._pressed: tuple[int, QPointF, QPointF] | None = None  # corner, press, grab offset
        self._dragging = False
        self._placed: tuple[int, float, float] | None = None  # corner, row, column of the hand
        self._parts = frozenset(Part)
        self._calm = QTimer(self, singleShot=True, interval=CALM_MS)
        self._calm.timeout.connect(self._refresh)
        self._pace = QTimer(self, singleShot=True, interval=PACE_MS)
        self._pace.timeout.connect(self._refresh)
        self._ahead = QTimer(self, singleShot=True, interval=0)  # after what is to be painted first
        self._ahead.timeout.connect(self._take_coming)
        self._sheet = Sheet()
        self._still = Sheet(is_eager=True)
        self._painted_at = 0.0
        self._clock = QTimer(self)
        self._clock.setInterval(PULSE_FRAME_MS)
        self._clock.timeout.connect(self._beat)
        self.setZValue(10)

    @property
    def shown_data(self) -> CornersData | None:
        """What is drawn."""
        return self._data

    @property
    def drawn(self) -> FloatArray:
        """(4 n, 2) rows and columns as drawn: the data, with what the hand holds where that is."""
        if self._data is None:
            return np.empty((0, 2))
        coordinates = self._data.coordinates.copy()
        if self._placed is not None:
            coordinates[self._placed[0]] = self._placed[1:]
        return coordinates

    @property
    def held_point(self) -> tuple[float, float] | None:
        return self._placed[1:] if self._dragging and self._placed else None

    def place(self, placement: Placement) -> None:
        self._drawing = None  # everything is painted anew
        if placement.scale != self.placement.scale and self._data is not None:
            self._calm.start()  # the hand zooms
        super().place(placement)

    def set_data(self, data: CornersData | None) -> None:
        """Draw something else; a corner in the hand stays in the hand.

        Raises:
            ImageMismatch: the data belong to another image than the one on screen.
        """
        if data is not None and data.image_sha256 != self.image_sha256:
            shown = self.image_sha256[:12] if self.image_sha256 else "none"
            raise ImageMismatch(
                "These corners belong to another image.",
                why=f"They carry identity {data.image_sha256[:12]}, on screen is {shown}.",
                remedy="Show the image they were made on.",
            )
        if data is None or (self._data and len(data.coordinates) != len(self._data.coordinates)):
            self.cancel_drag()
            self._under = None
        if self._dragging and data is not None:
            self._expect(data)
            return
        self._expect(None)
        self._placed = None
        self._take_data(data)
        self._refresh()
        self._set_clock()

    def carry_to(self, coordinates: FloatArray) -> None:
        """Draw (4 n, 2) other places of the same corners; all that is written stays."""
        newest = self._coming or self._data
        if newest is not None and len(coordinates) == len(newest.coordinates):
            self._expect(replace(newest, coordinates=coordinates))

    def _expect(self, data: CornersData | None) -> None:
        self._coming = data
        if data is None:
            self._ahead.stop()
        else:
            self._ahead.start()

    def _adopt(self) -> None:
        if self._coming is not None:
            self._take_data(self._coming)
            self._expect(None)
            self._set_clock()

    def _take_coming(self) -> None:
        """Between two frames of the hand, draw what the network moved and the hand does not hold.

        It is shown with the hand's next frame, or alone where the hand rests.
        """
        self._adopt()
        self._screen = self.placement.to_screen(self.drawn)
        drawing = self._drawing_now()
        if drawing is not None and drawing.held is not None:
            self._still.prepare(self._still_sketch(drawing))
        self._pace.start()

    def set_part_visible(self, part: str, visible: bool) -> None:
        """Draw or leave out one part, by the name of a `Part`; hidden corners can't be taken."""
        self._parts = self._parts | {Part(part)} if visible else self._parts - {Part(part)}
        self._refresh()

    def clear(self) -> None:
        self.set_data(None)

    def press(self, at: QPointF) -> bool:
        index = self._hit(at)
        if index is None:
            return False
        self._pressed = (index, at, QPointF(*self._screen[index]) - at)
        self.selected.emit(index)
        return True

    def move(self, at: QPointF) -> None:
        if self._pressed is None:
            return
        self._is_moving = True  # whoever hears of the move gives other data: draw them once
        try:
            self._carry(*self._pressed, at=at)
        finally:
            self._is_moving = False
        self._settle()

    def _carry(self, index: int, start: QPointF, grab: QPointF, *, at: QPointF) -> None:
        if not self._dragging:
            way = at - start
            if np.hypot(way.x(), way.y()) < DRAG_BEGINS_PX:
                return
            self._dragging = True
            self._hold(index, self._screen[index].tolist())
            self.drag_started.emit(index)
        before, target = self._placed, at + grab
        if self._dragging:  # whoever hears of the start may cancel it
            row, column = self._hold(index, [target.x(), target.y()])
            if self._placed != before:
                self.dragged.emit(index, row, column)

    def release(self, at: QPointF) -> None:
        if self._dragging:
            self.move(at)
        self._adopt()
        placed, was_dragging = self._placed, self._dragging
        self._pressed, self._dragging = None, False
        if was_dragging and placed is not None:
            self.drag_finished.emit(*placed)
        self._refresh()

    def cancel_drag(self) -> bool:
        pressed, was_dragging = self._pressed, self._dragging
        self._pressed, self._dragging = None, False
        if pressed is None:
            return False
        if was_dragging:
            self._adopt()
            self._placed = None
            self._refresh()
            self.drag_cancelled.emit(pressed[0])
        return was_dragging

    def right_click(self, at: QPointF) -> None:
        index = self._hit(at)
        if index is None:
            index = next((n for n in range(0, len(self._screen), 4) if self._holds(n, at)), None)
        if index is not None and self._data is not None:
            chosen = self._data.selected
            if chosen is None or chosen // 4 != index // 4:
                self.selected.emit(index)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        drawing = self._drawing
        if drawing is None:
            return
        self._painted_at = time.monotonic()
        for exposed in self.parts(painter):
            self._paint_part(painter, drawing, exposed)

    def _paint_part(self, painter: QPainter, drawing: Drawing, exposed: QRect | None) -> None:
        room = self.screen_room()
        if exposed is not None and exposed.contains(room.toAlignedRect()):
            exposed = None
        if exposed is None or is_exposed(drawing.reach, exposed):
            self._paint_column(painter, drawing, exposed)
        phase = self._painted_at % PULSE_SECONDS / PULSE_SECONDS
        paint_attention(painter, drawing, hovered=self._under, phase=phase, exposed=exposed)

    def _paint_column(self, painter: QPainter, drawing: Drawing, exposed: QRect | None) -> None:
        """While a hand holds a corner, all but its vertebra comes from a kept picture."""
        if drawing.held is not None:
            paint_angles(painter, drawing, exposed=exposed)
            self._still.paint(painter, self._still_sketch(drawing))
            paint_held(painter, drawing, exposed=exposed)
            return
        whole = partial(paint_column, drawing=drawing)
        key = (self._data, self._placed, self._parts, self.placement.scale, drawing.is_plain)
        self._sheet.paint(
            painter,
            self._sketch(whole, key=key, reach=lambda: drawing.reach),
            draw_part=None if exposed is None else partial(whole, exposed=exposed),
        )

    def _still_sketch(self, drawing: Drawing) -> Sketch:
        draw, key = partial(paint_still, drawing=drawing), (drawing.still_key, self.placement.scale)
        return self._sketch(draw, key=key, reach=lambda: drawing.still_reach)

    def _sketch(
        self, draw: Callable[[QPainter], None], *, key: Hashable, reach: Callable[[], QRectF]
    ) -> Sketch:
        return Sketch(draw, key, self.placement.origin, self.screen_room(), reach)

    def room_of(self, point: int) -> QRectF:
        if point >= len(self._screen):
            return QRectF()
        x, y = self._screen[point].tolist()
        return QRectF(x - MARK_REACH, y - MARK_REACH, 2 * MARK_REACH, 2 * MARK_REACH)

    def _hit(self, at: QPointF) -> int | None:
        if self._data is None or not self.isVisible() or Part.CORNERS not in self._parts:
            return None
        return nearest(self._screen, at=(at.x(), at.y()), preferred=self._data.selected)

    def _holds(self, first: int, at: QPointF) -> bool:
        """Whether the vertebra whose first corner this is lies under a place."""
        outline = [QPointF(*self._screen[first + n]) for n in (0, 1, 3, 2)]
        return QPolygonF(outline).containsPoint(at, Qt.FillRule.OddEvenFill)

    def _hold(self, index: int, at: list[float]) -> tuple[float, float]:
        row, column = self.placement.to_image(at[0], at[1])
        self._placed = (index, row, column)
        self._refresh()
        return row, column

    def _refresh(self) -> None:
        drawn = self.drawn
        self._screen = self.placement.to_screen(drawn) if len(drawn) else drawn
        if not self._is_moving:
            self._settle()

    def _settle(self) -> None:
        """Have painted what changed."""
        self._pace.stop()
        before, self._drawing = self._drawing, self._drawing_now()
        rooms = None
        if before is not None and self._drawing is not None:
            rooms = changed_rooms(before, self._drawing)
        if rooms is None:
            self.update()
        else:
            self.repaint(rooms)

    def _drawing_now(self) -> Drawing | None:
        if self._data is None:
            return None
        ghosts = self._data.ghosts
        kept = self._drawing.sizes if self._dragging and self._drawing else None
        return Drawing(
            data=self._data,
            screen=self._screen,
            ghosts=None if ghosts is None else self.placement.to_screen(ghosts),
            held=self._placed[0] if self._dragging and self._placed else None,
            parts=self._parts,
            sizes=kept or sizes_for(self._screen),  # under a hand they stay
            is_plain=self._calm.isActive(),
        )

    def _set_clock(self) -> None:
        if self._data is not None and self._data.pulse is not None:
            self._clock.start()
        else:
            self._clock.stop()

    def _beat(self) -> None:
        if self._data is None or self._data.pulse is None or not self.isVisible():
            return
        if time.monotonic() - self._painted_at < PULSE_FRAME_MS / 2000:
            return  # a gesture paints it anyway
        x, y = self._screen[self._data.pulse].tolist()
        self.update(QRectF(x - ROOM_AROUND, y - ROOM_AROUND, 2 * ROOM_AROUND, 2 * ROOM_AROUND))
