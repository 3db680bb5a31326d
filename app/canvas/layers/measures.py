"""Measures over the film: draws what it is given, tells what the hand does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from app.canvas.layers.hit import distance_to, nearest
from app.canvas.layers.layer import Layer
from app.canvas.layers.measures_data import MeasuresData
from app.canvas.layers.measures_paint import Drawn, paint_hint, paint_measures
from domain.errors import ImageMismatch
from domain.geometry import FloatArray
from domain.measure_shapes import strokes
from domain.measures import Measure, MeasureKind, Place

DRAG_BEGINS_PX = 3.0
BODY_REACH_PX = 6.0
ABOVE_CORNERS = 20.0


@dataclass(frozen=True)
class Grip:
    """What the hand has of a measure: one of its handles, or (None) the whole of it."""

    measure: Measure
    handle: int | None


class MeasuresLayer(Layer):
    """Pure data in, signals out.

    Of a draft speak, in image pixels, `placed` (a button went down, or up elsewhere), `pointed`
    (the mouse is there) and `settled` (the button is up).
    """

    selected = Signal(str, object)  # "" for none; the handle, None for the whole
    drag_started = Signal(str)
    dragged = Signal(Measure)
    drag_finished = Signal(Measure)
    drag_cancelled = Signal()
    rename_wanted = Signal(str)
    placed = Signal(float, float)
    pointed = Signal(float, float)
    settled = Signal()

    def __init__(self, *, others_take: Callable[[QPointF], bool] = lambda at: False) -> None:
        super().__init__()
        self._others_take = others_take
        self._data: MeasuresData | None = None
        self._grip: Grip | None = None
        self._start = QPointF()
        self._dragging = False
        self._held: Place | None = None
        self._places = False  # the button that placed a point is still down
        self._under: str | None = None
        self.setZValue(ABOVE_CORNERS)

    @property
    def shown_data(self) -> MeasuresData | None:
        """What is drawn."""
        return self._data

    @property
    def armed(self) -> bool:
        """Whether every click is the next point of a draft."""
        return self._data is not None and self._data.draft is not None

    def set_data(self, data: MeasuresData | None) -> None:
        """Draw this.

        Raises:
            ImageMismatch: the measures belong to other pixels than those on screen.
        """
        if data is not None and data.image_sha256 != self.image_sha256:
            raise ImageMismatch("These measures belong to another image.")
        if data != self._data:  # whoever follows decisions gives the same again and again
            self.prepareGeometryChange()
            self._data = data
            self.update()

    def end_placing(self) -> None:
        """Whatever the button that is down does from now on, it places no point."""
        self._places, self._held = False, None

    @property
    def cursor_shape(self) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor if self.armed else super().cursor_shape

    @property
    def held_point(self) -> Place | None:
        return self._held

    def show_on(self, image_sha256: str | None) -> None:
        if image_sha256 != self.image_sha256:
            self.cancel_drag()
            self.set_data(None)
        super().show_on(image_sha256)

    def press(self, at: QPointF) -> bool:
        self._start, self._dragging = at, False
        if self.armed:
            self._places = True
            self.placed.emit(*self._place(at))
            return True
        self._grip = self._grip_at(at)
        if self._grip is not None:
            self.selected.emit(self._grip.measure.id, self._grip.handle)
        return self._grip is not None

    def move(self, at: QPointF) -> None:
        way = at - self._start
        if not self._dragging and np.hypot(way.x(), way.y()) < DRAG_BEGINS_PX:
            return
        if self._places:
            self._dragging, self._held = True, self._place(at)
            self.pointed.emit(*self._held)
        elif self._grip is not None:
            if not self._dragging:
                self._dragging = True
                self.drag_started.emit(self._grip.measure.id)
            if self._dragging:  # whoever hears of the start may cancel it
                self.dragged.emit(self._carried(self._grip, at))

    def release(self, at: QPointF) -> None:
        grip, was_dragging, places = self._grip, self._dragging, self._places
        self.end_placing()
        self._grip, self._dragging = None, False
        if grip is not None and was_dragging:
            self.drag_finished.emit(self._carried(grip, at))
            self._held = None
        if places and was_dragging:
            self.placed.emit(*self._place(at))
        if places:
            self.settled.emit()

    def cancel_drag(self) -> bool:
        was_dragging = self._dragging and self._grip is not None
        self.end_placing()
        self._grip, self._dragging = None, False
        if was_dragging:
            self.drag_cancelled.emit()
        return was_dragging

    def double_click(self, at: QPointF) -> None:
        if self._grip is not None:
            self.rename_wanted.emit(self._grip.measure.id)

    def hover(self, at: QPointF | None) -> bool:
        if self.armed:
            if at is not None:
                self.pointed.emit(*self._place(at))
            return True
        grip = None if at is None else self._grip_at(at)
        under = grip.measure.id if grip else None
        if under != self._under:
            self._under = under
            self.update()
        return under is not None

    def click_empty(self) -> None:
        self.selected.emit("", None)

    def boundingRect(self) -> QRectF:
        return self.screen_room() if self._data is not None else QRectF()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        if self._data is None:
            return
        room = self.screen_room()
        paint_measures(painter, self._drawn(self._data), room=room)
        if self._data.draft is not None:
            paint_hint(painter, self._data.draft.hint, room=room)

    def _drawn(self, data: MeasuresData) -> list[Drawn]:
        drawn = []
        for item in sorted(data.items, key=lambda item: item.measure.id == data.selected):
            solid, dashed = self._lines(item.measure.kind, item.measure.points)
            handles = self.placement.to_screen(item.measure.handles)
            chosen = item.measure.id == data.selected
            lively = item.measure.id == self._under
            point = data.point if chosen else None
            drawn.append(
                Drawn(
                    solid, dashed, handles, item.text, selected=chosen, lively=lively, point=point
                )
            )
        draft = data.draft
        if draft is not None and draft.points:
            solid, dashed = self._lines(draft.kind, draft.points) if draft.kind else ((), ())
            handles = self.placement.to_screen(draft.points)
            drawn.append(Drawn(solid, dashed, handles, draft.text, selected=True))
        return drawn

    def _lines(
        self, kind: MeasureKind, points: tuple[Place, ...]
    ) -> tuple[tuple[FloatArray, ...], tuple[FloatArray, ...]]:
        shape = strokes(kind, points, rows=self._data.rows if self._data else 1)
        to_screen = self.placement.to_screen
        return tuple(map(to_screen, shape.solid)), tuple(map(to_screen, shape.dashed))

    def _place(self, at: QPointF) -> Place:
        return self.placement.to_image(at.x(), at.y())

    def _carried(self, grip: Grip, at: QPointF) -> Measure:
        """The measure with what the hand has of it carried as far as the mouse went."""
        row, column = self._place(at)
        start_row, start_column = self._place(self._start)
        down, right = row - start_row, column - start_column
        if grip.handle is None:
            return grip.measure.moved(down, right)
        before = grip.measure.handles[grip.handle]
        self._held = (before[0] + down, before[1] + right)
        return grip.measure.with_handle(grip.handle, to=self._held)

    def _grip_at(self, at: QPointF) -> Grip | None:
        """A chosen measure's handles come before everything, other layers before the rest."""
        if self._data is None or not self.isVisible():
            return None
        chosen = [i.measure for i in self._data.items if i.measure.id == self._data.selected]
        others = [i.measure for i in self._data.items if i.measure.id != self._data.selected]
        handle = self._handle_at(at, chosen)
        if handle is not None:
            return handle
        if self._others_take(at):
            return None
        return self._handle_at(at, others) or self._body_at(at, [*chosen, *others])

    def _handle_at(self, at: QPointF, measures: list[Measure]) -> Grip | None:
        grips = [Grip(measure, n) for measure in measures for n in range(len(measure.handles))]
        if not grips:
            return None
        places = [measure.handles for measure in measures]
        screen = self.placement.to_screen([place for handles in places for place in handles])
        found = nearest(screen, at=(at.x(), at.y()))
        return None if found is None else grips[found]

    def _body_at(self, at: QPointF, measures: list[Measure]) -> Grip | None:
        for measure in measures:
            for line in self._lines(measure.kind, measure.points)[0]:
                if distance_to(line, at=(at.x(), at.y())) <= BODY_REACH_PX:
                    return Grip(measure, None)
        return None
