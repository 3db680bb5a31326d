"""Handles at the ends of the drawn Cobb lines: a drag carries one from vertebra to vertebra."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPolygonF
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from app.canvas import colors
from app.canvas.layers.angle_shapes import shape_on
from app.canvas.layers.corners import DRAG_BEGINS_PX
from app.canvas.layers.hit import nearest
from app.canvas.layers.layer import PointsLayer
from app.canvas.lettering import draw_text, font
from app.canvas.overlay import is_exposed
from app.canvas.stamps import Stamps
from app.canvas.strokes import pen
from domain.annotation import CurveEnds
from domain.geometry import FloatArray

RADIUS = 6.0
NAME_GAP = 12.0
NAME_REACH = 64.0
TURN_STEP = 3
"""Degrees from one kept picture of a handle to the next: half a step is a quarter of a pixel."""
_HANDLES = Stamps()


@dataclass(frozen=True, eq=False)
class CurveEndsData:
    """The curves whose ends can be taken.

    Args:
        corners: (4 n, 2) rows and columns in original pixels.
        ends: end vertebrae of each curve, top to bottom.
        labels: names of the vertebrae.
        selected: the end that keys act on: twice the curve's place, plus 1 for its lower end.
    """

    corners: FloatArray
    ends: tuple[CurveEnds, ...]
    labels: tuple[str, ...]
    selected: int | None = None


class CurveEndsLayer(PointsLayer):
    """One handle an end of a curve; pure data in, signals out. Ends are numbered as `selected`."""

    drag_started = Signal(int)
    dragged = Signal(int, int)  # end, vertebra
    drag_finished = Signal(int)
    drag_cancelled = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._data: CurveEndsData | None = None
        self._middles: FloatArray = np.empty((0, 2, 2))
        self.handles: FloatArray = np.empty((0, 2))
        self._outward: FloatArray = np.empty((0, 2))
        self._looks: frozenset[_Look] | None = frozenset()  # None: not worked out
        self._pressed: tuple[int, QPointF, FloatArray] | None = None  # end, press, its end-plate
        self._vertebra: int | None = None  # under the hand; None until a drag begins
        self.setZValue(11)  # over the lines of the corners' layer

    def set_data(self, data: CurveEndsData | None) -> None:
        """Show other handles; one in the hand stays in the hand."""
        held = self._pressed[0] if self._pressed else -1
        if data is None or held >= 2 * len(data.ends):
            self.cancel_drag()
            self._under = None
        self._take_data(data)
        before = self._looks
        self._refresh()
        self._looks = self._looks_now()
        if before is None:
            self.update()
        else:
            self.repaint(_room_of(one.place, is_lit=one.is_lit) for one in before ^ self._looks)

    def clear(self) -> None:
        self.set_data(None)

    def press(self, at: QPointF) -> bool:
        end = self._hit(at)
        if end is None or self._data is None:
            return False
        self._pressed = (end, at, self._middles[self._vertebra_of(end), end % 2])
        self.selected.emit(end)
        return True

    def move(self, at: QPointF) -> None:
        if self._pressed is None:
            return
        end, start, plate = self._pressed
        way = at - start
        if self._vertebra is None:
            if np.hypot(way.x(), way.y()) < DRAG_BEGINS_PX:
                return
            self._vertebra = self._vertebra_of(end)
            self.drag_started.emit(end)
        # The handle is carried as far along the column as the hand goes.
        wanted = plate + np.array([way.x(), way.y()])
        vertebra = int(np.argmin(np.linalg.norm(self._middles[:, end % 2] - wanted, axis=1)))
        if self._pressed is not None and vertebra != self._vertebra:
            self._vertebra = vertebra
            self.dragged.emit(end, vertebra)

    def release(self, at: QPointF) -> None:
        self.move(at)
        pressed, was_dragging = self._pressed, self._vertebra is not None
        self._pressed, self._vertebra = None, None
        if pressed is not None and was_dragging:
            self.drag_finished.emit(pressed[0])
        self.update()

    def cancel_drag(self) -> bool:
        pressed, was_dragging = self._pressed, self._vertebra is not None
        self._pressed, self._vertebra = None, None
        if pressed is not None and was_dragging:
            self.drag_cancelled.emit(pressed[0])
        return was_dragging

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        if self._data is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = self._pressed[0] if self._pressed else self._data.selected
        for exposed in self.parts(painter):
            for end, outward in enumerate(self._outward):
                is_lit = end in (chosen, self._under)
                if is_exposed(_room_of(self.handles[end].tolist(), is_lit=is_lit), exposed):
                    at = QPointF(*self.handles[end])
                    _draw_handle(painter, at, outward, is_chosen=end == chosen)
                    if is_lit:
                        self._paint_attention(painter, end)

    def _paint_attention(self, painter: QPainter, end: int) -> None:
        """A ring, and the name of the vertebra on the side where the bracket is not."""
        assert self._data is not None
        at = QPointF(*self.handles[end])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for color, width in ((colors.HALO, 3.4), (colors.SELECTED, 1.3)):
            painter.setPen(pen(color, width))
            painter.drawEllipse(at, RADIUS + 3, RADIUS + 3)
        away = self.handles[end] - self.handles[end ^ 1]
        away = away / max(float(np.linalg.norm(away)), 1e-9)
        x, y = self.handles[end] + away * (RADIUS + NAME_GAP)
        name = self._data.labels[self._vertebra_of(end)]
        align = 0.5 - 0.5 * float(away[0])
        face = font(12, strong=True)
        draw_text(painter, name, at=QPointF(x, y + 4), face=face, color=colors.COBB, align=align)

    def _vertebra_of(self, end: int) -> int:
        assert self._data is not None
        pair = self._data.ends[end // 2]
        return pair.lower if end % 2 else pair.upper

    def room_of(self, point: int) -> QRectF:
        gone = point >= len(self.handles)
        return QRectF() if gone else _room_of(self.handles[point].tolist(), is_lit=True)

    def _hit(self, at: QPointF) -> int | None:
        if self._data is None or not self.isVisible():
            return None
        return nearest(self.handles, at=(at.x(), at.y()), preferred=self._data.selected)

    def _refresh(self) -> None:
        self._looks = None  # whoever places it has everything painted anew
        self.handles = self._outward = np.empty((0, 2))
        if self._data is not None and self._data.ends:
            screen = self.placement.to_screen(self._data.corners)
            self._middles = screen.reshape(-1, 2, 2, 2).mean(axis=2)
            lines = np.concatenate(
                [
                    shape_on(screen, upper=pair.upper, lower=pair.lower, plates=True).lines
                    for pair in self._data.ends
                ]
            )
            self.handles, ways = lines[:, 1], lines[:, 1] - lines[:, 0]
            lengths = np.linalg.norm(ways, axis=1, keepdims=True)
            self._outward = ways / np.maximum(lengths, 1e-9)

    def _looks_now(self) -> frozenset[_Look]:
        if self._data is None:
            return frozenset()
        chosen = self._pressed[0] if self._pressed else self._data.selected
        places, ways = self.handles.tolist(), self._outward.tolist()
        return frozenset(
            _Look(
                (x, y),
                tuple(way),
                is_chosen=end == chosen,
                is_lit=end in (chosen, self._under),
                name=self._data.labels[self._vertebra_of(end)],
            )
            for end, ((x, y), way) in enumerate(zip(places, ways, strict=True))
        )


@dataclass(frozen=True)
class _Look:
    """All that is seen of a handle."""

    place: tuple[float, float]
    outward: tuple[float, ...]
    is_chosen: bool
    is_lit: bool
    name: str


def _room_of(place: Sequence[float], *, is_lit: bool) -> QRectF:
    """What a handle covers, its name included where that is shown."""
    reach = NAME_REACH if is_lit else RADIUS + 3
    return QRectF(place[0] - reach, place[1] - reach, 2 * reach, 2 * reach)


def _draw_handle(painter: QPainter, at: QPointF, outward: FloatArray, *, is_chosen: bool) -> None:
    turns = math.degrees(math.atan2(outward[1], outward[0]))
    degrees = TURN_STEP * round(turns / TURN_STEP)
    way = math.radians(degrees)
    at = (at * 2).toPoint().toPointF() / 2  # it turns and moves often enough
    mark = partial(_paint_handle, outward=(math.cos(way), math.sin(way)), is_chosen=is_chosen)
    reach = (RADIUS + 3, RADIUS + 3)
    _HANDLES.draw(painter, at, key=(degrees, is_chosen), reach=reach, mark=mark)


def _paint_handle(
    painter: QPainter, at: QPointF, *, outward: tuple[float, float], is_chosen: bool
) -> None:
    """A disc with an arrow up and one down the column."""
    painter.setPen(pen(colors.HALO, 4.0))
    painter.setBrush(colors.PILL)
    painter.drawEllipse(at, RADIUS, RADIUS)
    painter.setPen(pen(colors.COBB, 1.5))
    painter.setBrush(colors.COBB if is_chosen else colors.PILL)
    painter.drawEllipse(at, RADIUS, RADIUS)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colors.PILL if is_chosen else colors.COBB)
    along, across = QPointF(-outward[1], outward[0]), QPointF(*outward)
    for way in (along, -along):
        corners = [at + way * 4.2, at + way * 1.0 + across * 2.6, at + way * 1.0 - across * 2.6]
        painter.drawPolygon(QPolygonF(corners))
