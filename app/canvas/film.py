"""The film itself: a pyramid of halved images, so that a large one windows and pans at once."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QImage, QPainter, QTransform
from PySide6.QtWidgets import QGraphicsItem, QGraphicsObject, QStyleOptionGraphicsItem

from app.canvas.sheet import Sheet, Sketch
from app.io.windowing import Table
from domain.image import Pixels

SMALLEST_SIDE = 256
LARGE = 1_500_000
STRIP = 400_000
REST_MS = 120
"""A large film is windowed only where it is seen until its window and level rest this long."""
PIXELS_SEEN_MAGNIFIED = 10.0
PIXELS_SEEN_FROM = 3.0
"""Zoom from which pixels are shown as squares: a person who looks this close wants to see them."""


def halved(pixels: Pixels) -> Pixels:
    """Every 2×2 block as its rounded mean; an odd last row or column counts twice."""
    rows, columns = pixels.shape[0] % 2, pixels.shape[1] % 2
    if rows or columns:
        padding = [(0, rows), (0, columns), *[(0, 0)] * (pixels.ndim - 2)]
        even: NDArray[Any] = np.pad(pixels, padding, mode="edge")
    else:
        even = pixels
    total = even[0::2, 0::2].astype(np.uint32)
    total += even[1::2, 0::2]
    total += even[0::2, 1::2]
    total += even[1::2, 1::2]
    mean = (total + 2) >> 2
    return mean.astype(np.uint8) if pixels.dtype == np.uint8 else mean.astype(np.uint16)


def pyramid(pixels: Pixels) -> list[Pixels]:
    """The pixels and ever smaller halves of them."""
    levels = [pixels]
    while min(levels[-1].shape[:2]) >= 2 * SMALLEST_SIDE:
        levels.append(halved(levels[-1]))
    return levels


def level_for(device_zoom: float, *, count: int) -> int:
    """Which of `count` halvings suits a zoom in device pixels: the next one that is not blurred."""
    if device_zoom >= 1:
        return 0
    return min(int(math.log2(1 / device_zoom) + 0.25), count - 1)


class FilmItem(QGraphicsObject):
    """Draws one image with pixel centres at integers, through a lookup table."""

    def __init__(self) -> None:
        super().__init__()
        self._levels: list[Pixels] = []
        self._level = 0
        self._zoom = 1.0
        self._table: Table = np.arange(256, dtype=np.uint8)
        self._words_of = _words_of(self._table)
        self._shown: NDArray[np.uint32] | None = None  # the bytes of `_image`
        self._image = QImage()
        self._is_stale = True
        self._shown_key = object()  # another one for other bytes
        self._ready: dict[int, NDArray[np.uint32]] = {}  # levels seen through the table in use
        self._sheet = Sheet()
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._render_at_rest)
        self._is_hurried = False
        self._calm = QTimer(self, singleShot=True, interval=REST_MS)
        self._calm.timeout.connect(self._calm_down)
        self._coming: NDArray[np.uint32] = np.empty((0, 0), np.uint32)
        self._done = 0  # rows of it
        self._room = np.empty(0, np.uint32)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)

    def show_pixels(self, pixels: Pixels | None) -> None:
        """Draw other pixels, or none."""
        self._levels = [] if pixels is None else pyramid(pixels)
        self._level = 0
        self._ready.clear()
        self.prepareGeometryChange()
        self._require_render()

    def show_frame(self, pixels: Pixels) -> None:
        """Draw other pixels in the place of those before, as large as they were."""
        self._levels = pyramid(pixels)
        self._ready.clear()
        self._require_render()

    def set_table(self, table: Table) -> None:
        """Another window; drawn with the next frame, however many come in between."""
        self._table, self._words_of = table, _words_of(table)
        self._ready.clear()
        self._require_render()

    def set_zoom(self, device_zoom: float) -> None:
        """Tell how large the longer side of an image pixel is in device pixels."""
        self._zoom = device_zoom
        level = level_for(device_zoom, count=len(self._levels)) if self._levels else 0
        if level != self._level:
            self._level = level
            self._require_render()
            if level in self._ready:
                self._take(self._ready[level])

    def hurry(self) -> None:
        """Draw quickly rather than finely until the hand rests: it changes the zoom."""
        self._is_hurried = True
        self._calm.start()

    def _calm_down(self) -> None:
        self._is_hurried = False
        self.update()

    def _require_render(self) -> None:
        self._is_stale = True
        self._rest.stop()
        self._done = 0
        self.update()

    def picture(self) -> QImage:
        """The whole image at full size, through the table."""
        return _to_qimage(self._through_table(self._levels[0])) if self._levels else QImage()

    def boundingRect(self) -> QRectF:
        if not self._levels:
            return QRectF()
        rows, columns = self._levels[0].shape[:2]
        return QRectF(-0.5, -0.5, columns, rows)

    def _render(self) -> None:
        if self._levels:
            self._take(self._words(self._levels[self._level]))

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, *_: object) -> None:
        if not self._levels:
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._is_smooth)
        if self._is_stale and self._levels[self._level].size > LARGE:
            coarser = min((level for level in self._ready if level > self._level), default=None)
            if self._is_hurried and coarser is not None:
                self._draw(painter, _image_over(self._ready[coarser]), level=coarser)
            else:
                self._paint_part(painter, option.exposedRect, level=self._level)
            if not self._rest.isActive():  # a film that is only moved need not wait for the hand
                self._rest.start(REST_MS)
            return
        if self._is_stale:
            self._render()
        place = painter.worldTransform()
        if self._is_hurried or self._is_pixel_for_pixel(place):
            self._draw(painter, self._image, level=self._level)
            return
        scale = place.m11(), place.m12(), place.m21(), place.m22()
        painter.save()
        painter.resetTransform()
        sketch = Sketch(
            partial(self._draw_at, place=place),
            key=(self._shown_key, self._is_smooth, scale),
            anchor=place.map(QPointF()),
            room=place.mapRect(self.boundingRect()).intersected(QRectF(painter.viewport())),
        )
        self._sheet.paint(painter, sketch)
        painter.restore()

    @property
    def _is_smooth(self) -> bool:
        return self._zoom < PIXELS_SEEN_FROM and not self._is_hurried

    def _is_pixel_for_pixel(self, place: QTransform) -> bool:
        """As quick as a kept picture; and Qt rounds where it lies, here and there otherwise."""
        pixel = 2.0**self._level * max(abs(place.m11()), abs(place.m12()))
        return math.isclose(pixel, 1.0, rel_tol=1e-6)

    def _draw_at(self, painter: QPainter, *, place: QTransform) -> None:
        painter.setTransform(place, True)
        self._draw(painter, self._image, level=self._level)

    def _draw(self, painter: QPainter, image: QImage, *, level: int) -> None:
        """Draw the whole film from one of its levels."""
        rows, columns = self._levels[0].shape[:2]
        share = 2.0**level  # the last halved pixel may reach over the edge: leave that off
        source = QRectF(0, 0, columns / share, rows / share)
        painter.drawImage(self.boundingRect(), image, source)

    def paint_around(
        self, painter: QPainter, *, centre: tuple[float, float], reach: float, zoom: float
    ) -> None:
        """Draw only what lies within `reach` pixels of (row, column), at its own zoom."""
        if not self._levels:
            return
        row, column = centre
        painter.setRenderHint(
            QPainter.RenderHint.SmoothPixmapTransform, zoom < PIXELS_SEEN_MAGNIFIED
        )
        part = QRectF(column - reach, row - reach, 2 * reach, 2 * reach)
        self._paint_part(painter, part, level=level_for(zoom, count=len(self._levels)))

    def _paint_part(self, painter: QPainter, part: QRectF, *, level: int) -> None:
        """Window and draw no more than a part, given in image pixels."""
        share = 2**level
        pixels = self._levels[level]
        left, top = (max(0, math.floor(at / share) - 1) for at in (part.left(), part.top()))
        right, bottom = (math.ceil(at / share) + 2 for at in (part.right(), part.bottom()))
        shown = pixels[top : max(bottom, 0), left : max(right, 0)]
        if shown.size == 0:
            return
        rows, columns = shown.shape[:2]
        target = QRectF(left * share - 0.5, top * share - 0.5, columns * share, rows * share)
        painter.save()
        painter.setClipRect(self.boundingRect(), Qt.ClipOperation.IntersectClip)
        words = self._words(shown, room=self._room_for(rows, columns))
        painter.drawImage(target, _image_over(words))
        painter.restore()

    def _render_at_rest(self) -> None:
        """Window the whole film strip by strip: no frame waits for more than one."""
        if not self._is_stale or not self._levels:
            return
        pixels = self._levels[self._level]
        if self._done == 0:
            self._coming = np.empty(pixels.shape[:2], np.uint32)
        strip = slice(self._done, self._done + max(1, STRIP // pixels.shape[1]))
        self._coming[strip] = self._words(pixels[strip])
        self._done = strip.stop
        if self._done < len(pixels):
            self._rest.start(0)
        else:
            self._take(self._coming)
            self.update()

    def _take(self, words: NDArray[np.uint32]) -> None:
        self._ready[self._level] = words
        self._shown, self._image, self._is_stale = words, _image_over(words), False
        self._shown_key = object()

    def _room_for(self, rows: int, columns: int) -> NDArray[np.uint32]:
        """Room for a part, the same in each frame: fresh memory costs more than the windowing."""
        if self._room.size < rows * columns:
            self._room = np.empty(rows * columns, np.uint32)
        return self._room[: rows * columns].reshape(rows, columns)

    def _words(
        self, pixels: Pixels, *, room: NDArray[np.uint32] | None = None
    ) -> NDArray[np.uint32]:
        """(rows, columns) through the table, 32 bits a pixel: scaled in half the time of eight."""
        if pixels.ndim == 2:
            return np.take(self._words_of, pixels, mode="clip", out=room)
        red, green, blue = np.moveaxis(self._through_table(pixels).astype(np.uint32), 2, 0)
        words: NDArray[np.uint32] = (red << 16) + (green << 8) + blue + np.uint32(0xFF000000)
        return words

    def _through_table(self, pixels: Pixels) -> NDArray[np.uint8]:
        return np.ascontiguousarray(np.take(self._table, pixels, mode="clip"))


def _words_of(table: Table) -> NDArray[np.uint32]:
    """Each brightness as an opaque grey pixel of 32 bits."""
    words: NDArray[np.uint32] = table.astype(np.uint32) * 0x010101 + 0xFF000000
    return words


def _image_over(words: NDArray[np.uint32]) -> QImage:
    """An image over these bytes, which must live as long."""
    rows, columns = words.shape
    return QImage(words.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32)


def _to_qimage(grey: NDArray[np.uint8]) -> QImage:
    """A QImage that owns its bytes."""
    rows, columns = grey.shape[:2]
    if grey.ndim == 2:
        kind = QImage.Format.Format_Grayscale8
        return QImage(grey.data, columns, rows, columns, kind).copy()
    return QImage(grey.data, columns, rows, 3 * columns, QImage.Format.Format_RGB888).copy()
