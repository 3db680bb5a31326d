"""Outlined regions over the film: which is chosen, which is under the mouse, what is said of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from app.canvas import colors
from app.canvas.layers.layer import DataLayer
from app.canvas.lettering import draw_text, font
from app.canvas.strokes import pen
from domain.errors import ImageMismatch
from domain.measures import Place

ABOVE_FILM = 8.0


class Look(StrEnum):
    """How a region is drawn."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


LOOKS = {
    Look.OPEN: colors.HINT,
    Look.ACCEPTED: colors.COBB,
    Look.REJECTED: colors.GHOST,
}


@dataclass(frozen=True)
class RegionShape:
    """One thing on the film, however many outlines it has there.

    Args:
        number: what it is known by.
        outlines: closed polygons.
        label: a word or two beside it.
        is_here: False where it was found on a neighbouring frame.
    """

    number: int
    outlines: tuple[tuple[Place, ...], ...]
    label: str
    look: Look = Look.OPEN
    is_here: bool = True


@dataclass(frozen=True)
class RegionsData:
    """All regions of a frame; `selected` is the number that keys act on, 0 for none."""

    image_sha256: str
    shapes: tuple[RegionShape, ...] = ()
    selected: int = 0


class RegionsLayer(DataLayer):
    """Pure data in, clicks out; a drag that begins on a region is the film's."""

    selected = Signal(int)  # 0 for none

    def __init__(self) -> None:
        super().__init__()
        self._data: RegionsData | None = None
        self._paths: dict[int, QPainterPath] = {}
        self._under = 0
        self._pressed = QPointF()
        self.setZValue(ABOVE_FILM)

    @property
    def shown_data(self) -> RegionsData | None:
        """What is drawn."""
        return self._data

    def set_data(self, data: RegionsData | None) -> None:
        """Draw this.

        Raises:
            ImageMismatch: the regions belong to other pixels than those on screen.
        """
        if data is not None and data.image_sha256 != self.image_sha256:
            raise ImageMismatch("These regions belong to another image.")
        self._take_data(data)
        self._refresh()

    def clear(self) -> None:
        self.set_data(None)

    def number_at(self, at: QPointF) -> int:
        """The smallest region under a screen position, 0 for none."""
        if not self.isVisible():
            return 0
        under = [number for number, path in self._paths.items() if path.contains(at)]
        return min(under, key=lambda number: _area(self._paths[number]), default=0)

    def hover(self, at: QPointF | None) -> bool:
        under = 0 if at is None else self.number_at(at)
        if under != self._under:
            self._under = under
            self.update()
        return under != 0

    def press(self, at: QPointF) -> bool:
        self._pressed = at  # whether it becomes a click is known when the button is up
        return False

    def click_empty(self) -> None:
        if self._data is not None:
            self.selected.emit(self.number_at(self._pressed))

    def right_click(self, at: QPointF) -> None:
        if self.number_at(at):
            self.selected.emit(self.number_at(at))

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        if self._data is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = self._data.selected
        for shape in sorted(self._data.shapes, key=lambda one: one.number == chosen):
            self._paint_shape(painter, shape, is_chosen=shape.number == chosen)

    def _paint_shape(self, painter: QPainter, shape: RegionShape, *, is_chosen: bool) -> None:
        path = self._paths[shape.number]
        color = colors.SELECTED if is_chosen else LOOKS[shape.look]
        is_lit = is_chosen or shape.number == self._under
        fill = QColor(LOOKS[shape.look])
        fill.setAlpha(36 if is_lit else 0)
        painter.fillPath(path, fill)
        rim, line = pen(colors.HALO, 4.2), pen(color, 2.0 if is_lit else 1.5)
        if not shape.is_here or shape.look is Look.REJECTED:
            line.setStyle(Qt.PenStyle.DashLine)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for stroke in (rim, line):
            painter.setPen(stroke)
            painter.drawPath(path)
        corners = [path.elementAt(n) for n in range(path.elementCount())]
        right = max(corners, key=lambda corner: corner.x, default=None)
        if right is None:
            return
        at = QPointF(right.x + 6, right.y + 4)
        draw_text(painter, shape.label, at=at, face=font(12, strong=is_lit), color=color)

    def _refresh(self) -> None:
        self.prepareGeometryChange()
        shapes = () if self._data is None else self._data.shapes
        self._paths = {shape.number: self._path_of(shape) for shape in shapes}
        self.update()

    def _path_of(self, shape: RegionShape) -> QPainterPath:
        whole = QPainterPath()
        for outline in shape.outlines:
            one = QPainterPath()
            one.addPolygon([QPointF(x, y) for x, y in self.placement.to_screen(outline)])
            one.closeSubpath()
            one = one.simplified()  # without the way to a hole and back
            whole = one if whole.isEmpty() else whole.united(one)
        return whole


def _area(path: QPainterPath) -> float:
    room: QRectF = path.boundingRect()
    return room.width() * room.height()
