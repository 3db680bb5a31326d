"""Pictures laid over parts of the film: heat, or what a network made of what lies there."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from app.canvas.layers.layer import DataLayer
from app.canvas.layers.measures_paint import paint_hint
from domain.errors import ImageMismatch
from domain.panorama import Window

BELOW_MARKS = 1.0


@dataclass(frozen=True, eq=False)
class PictureData:
    """A picture over the film.

    Args:
        image_sha256: the pixels it belongs to.
        picture: what is drawn, its own transparency kept.
        room: the part of the film that it covers.
        opacity: 0 … 1, of the whole.
        title: said at the top of the canvas; "" for nothing.
    """

    image_sha256: str
    picture: QImage
    room: Window
    opacity: float = 1.0
    title: str = ""


class PictureLayer(DataLayer):
    """Draws one picture where its part of the film is; the hand passes through it."""

    def __init__(self, *, height: float = BELOW_MARKS) -> None:
        super().__init__()
        self._data: PictureData | None = None
        self.setZValue(height)

    @property
    def shown_data(self) -> PictureData | None:
        """What is drawn."""
        return self._data

    def set_data(self, data: PictureData | None) -> None:
        """Draw this.

        Raises:
            ImageMismatch: it belongs to other pixels than those on screen.
        """
        if data is not None and data.image_sha256 != self.image_sha256:
            raise ImageMismatch("This picture belongs to another image.")
        self._take_data(data)
        self._refresh()

    def clear(self) -> None:
        self.set_data(None)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        data = self._data
        if data is None:
            return
        painter.save()
        painter.setTransform(self.placement.transform(), True)
        painter.setOpacity(data.opacity)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(room_of(data.room), data.picture)
        painter.restore()
        if data.title:
            paint_hint(painter, data.title, room=self.screen_room())

    def _refresh(self) -> None:
        self.update()


def room_of(window: Window) -> QRectF:
    """A part of the film in its own coordinates: edges lie half a pixel from pixel centres."""
    return QRectF(window.left - 0.5, window.top - 0.5, window.columns, window.rows)
