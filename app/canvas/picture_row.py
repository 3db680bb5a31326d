"""A row of small pictures that all show the part of the film that the canvas shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.canvas import colors
from app.canvas.layers.pictures import room_of
from app.canvas.lettering import font
from app.canvas.placement import Placement
from domain.panorama import Window

HEIGHT, TITLE, GAP = 132, 18, 8
WIDEST = 1.9
"""Of a picture, its width over its height: a row of five needs no more."""


@dataclass(frozen=True, eq=False)
class SmallPicture:
    """One picture of the row.

    Args:
        title: what it is.
        picture: None while there is none.
        room: the part of the film that it covers.
    """

    title: str
    picture: QImage | None = None
    room: Window | None = None


class PictureRow(QWidget):
    """Zoom, place, flips and turns are the canvas's; a double click asks for one on the canvas."""

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._pictures: tuple[SmallPicture, ...] = ()
        self._placement = Placement(zoom=1.0, centre=(0.0, 0.0), viewport=(1.0, 1.0))
        self._on_canvas = 0
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip("Double-click shows a picture on the canvas")

    @property
    def pictures(self) -> tuple[SmallPicture, ...]:
        """What is shown."""
        return self._pictures

    def set_pictures(self, pictures: Sequence[SmallPicture]) -> None:
        """Show others."""
        self._pictures = tuple(pictures)
        self.update()

    def place(self, placement: Placement) -> None:
        """Show the part of the film that the canvas shows."""
        self._placement = placement
        self.update()

    def tell_chosen(self, number: int) -> None:
        """Which one the canvas shows."""
        self._on_canvas = number
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(5 * HEIGHT, HEIGHT)

    def room_for(self, number: int) -> QRectF:
        """Where a picture is drawn."""
        count = max(len(self._pictures), 1)
        high = HEIGHT - TITLE - 6.0
        pitch = (self.width() - 20) / count
        across, down = self._placement.viewport
        wide = min(pitch - GAP, high * min(across / max(down, 1.0), WIDEST))
        left = 10 + (self.width() - 20 - count * (wide + GAP)) / 2 + number * (wide + GAP)
        return QRectF(left, TITLE, wide, high)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        for number in range(len(self._pictures)):
            if self.room_for(number).contains(event.position()):
                self.chosen.emit(number)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        for number, small in enumerate(self._pictures):
            room = self.room_for(number)
            is_chosen = number == self._on_canvas
            role = (
                QPalette.ColorRole.WindowText if is_chosen else QPalette.ColorRole.PlaceholderText
            )
            painter.setPen(palette.color(role))
            painter.setFont(font(11, strong=is_chosen))
            title = QRectF(room.left(), 0, room.width(), TITLE)
            painter.drawText(title, Qt.AlignmentFlag.AlignVCenter, small.title)
            painter.fillRect(room, colors.BACKGROUND)
            self._paint(painter, small, room)
            if is_chosen:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(palette.color(QPalette.ColorRole.Highlight), 1.5))
                painter.drawRect(room)

    def _paint(self, painter: QPainter, small: SmallPicture, room: QRectF) -> None:
        if small.picture is None or small.room is None:
            return
        across, down = self._placement.viewport
        scale = min(room.width() / max(across, 1.0), room.height() / max(down, 1.0))
        painter.save()
        painter.setClipRect(room)
        painter.translate(room.center())
        painter.scale(scale, scale)
        painter.translate(-QPointF(across / 2, down / 2))
        painter.setTransform(self._placement.transform(), True)
        painter.drawImage(room_of(small.room), small.picture)
        painter.restore()
