"""What stands in the corners of the canvas: orientation, name, scale, window, zoom, cursor."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFont, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.canvas import colors
from app.canvas.lettering import draw_figures, draw_text, elided, font, width_of
from app.canvas.overlay import Overlay
from app.canvas.reading import Reading
from app.canvas.strokes import draw_rimmed

EDGE = 16.0
LINE = 17.0
HEAD, FOOT = 53.0, 72.0
LETTER_ROOM = QRectF(-120, -30, 240, 60)
"""Rooms for the lines along the upper and the lower edge."""
CURSOR_ROOM, ABOVE_CURSOR = QRectF(0, 0, 360, 26), 36.0
WIDEST_BAR = 140.0
NAME_SHARE, NAME_LEAST = 0.36, 120.0


@dataclass(frozen=True)
class ScaleBar:
    """A round length that fits the canvas."""

    text: str
    pixels: float


def scale_bar(mm_per_screen_px: float) -> ScaleBar:
    """The longest of 1, 2, 5 × 10ⁿ mm that is not wider than the room for it."""
    most = WIDEST_BAR * mm_per_screen_px
    power = 10.0 ** math.floor(math.log10(most))
    length_mm = max(step * power for step in (1, 2, 5) if step * power <= most)
    text = f"{length_mm / 10:g} cm" if length_mm >= 10 else f"{length_mm:g} mm"
    return ScaleBar(text, length_mm / mm_per_screen_px)


class Hud(Overlay):
    """Draws a reading around the edges of the canvas, in screen pixels."""

    def __init__(self) -> None:
        super().__init__()
        self._reading = Reading()
        self._cursor = ""
        self._size = (1.0, 1.0)
        self.setZValue(100)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemHasNoContents, False)

    @property
    def reading(self) -> Reading:
        """What the corners say now."""
        return self._reading

    @property
    def cursor_text(self) -> str:
        """What is said about the place under the cursor."""
        return self._cursor

    def say(self, reading: Reading) -> None:
        """Change the corners."""
        if reading != self._reading:
            self._reading = reading
            self.update()

    def say_cursor(self, text: str) -> None:
        """Change only the line about the cursor, which changes with every move of the mouse."""
        if text != self._cursor:
            self._cursor = text
            self.update(self._cursor_room())

    def set_size(self, width: float, height: float) -> None:
        """Follow the canvas."""
        self.prepareGeometryChange()
        self._size = (width, height)

    def name_as(self, name: str, *, page: str = "") -> None:
        """Change the case's name and page alone."""
        self.say(replace(self._reading, name=name, page=page))

    def boundingRect(self) -> QRectF:
        return QRectF(0, 0, *self._size)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        if not self._reading.shown:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        half = self._size[0] / 2
        head = QRectF(0, 0, half, HEAD)
        foot = QRectF(0, self._size[1] - FOOT, half, FOOT)
        for room, paint in (
            (head, self._paint_name),
            (head.translated(half, 0), self._paint_marks),
            (self._cursor_room(), self._paint_cursor),
            (foot.adjusted(0, 0, 0, -ABOVE_CURSOR), self._paint_scale),
            (foot.translated(half, 0), self._paint_window),
        ):
            if self.shows(room):
                paint(painter)
        self._paint_letters(painter)
        if self._reading.synthetic:
            self._paint_band(painter)

    def _cursor_room(self) -> QRectF:
        return CURSOR_ROOM.translated(0, self._size[1] - EDGE - CURSOR_ROOM.height() + 10)

    def _paint_name(self, painter: QPainter) -> None:
        strong, quiet = font(13, strong=True), font(11)
        at = QPointF(EDGE, EDGE + 12)
        name = self.shown_name(strong)
        draw_text(painter, name, at=at, face=strong, color=colors.TEXT)
        below = at + QPointF(0, LINE)
        detail = "   ".join(part for part in (self._reading.page, self._reading.detail) if part)
        draw_text(painter, detail, at=below, face=quiet, color=colors.TEXT_QUIET)

    def shown_name(self, face: QFont) -> str:
        """The name, as far as it leaves the middle to the film."""
        room = max(self._size[0] * NAME_SHARE - EDGE, NAME_LEAST)
        return elided(self._reading.name, face=face, width=room)

    def _paint_marks(self, painter: QPainter) -> None:
        at = QPointF(self._size[0] - EDGE, EDGE + 12)
        face = font(13, strong=True)
        draw_text(painter, self._reading.marks, at=at, face=face, color=colors.TEXT, align=1.0)

    def _paint_letters(self, painter: QPainter) -> None:
        width, height = self._size
        face = font(17, strong=True)
        letters = self._reading.letters
        places = (
            (letters.left, QPointF(EDGE, height / 2 + 6), 0.0),
            (letters.right, QPointF(width - EDGE, height / 2 + 6), 1.0),
            (letters.top, QPointF(width / 2, EDGE + 14), 0.5),
            (letters.bottom, QPointF(width / 2, height - EDGE), 0.5),
        )
        for letter, at, align in places:
            if not self.shows(LETTER_ROOM.translated(at)):
                continue
            if letter in ("L", "R") and letters.assumed:
                _paint_assumed(painter, letter, at=at, align=align)
            elif letter:
                draw_text(painter, letter, at=at, face=face, color=colors.LETTER, align=align)

    def _paint_cursor(self, painter: QPainter) -> None:
        at = QPointF(EDGE, self._size[1] - EDGE)
        draw_figures(painter, self._cursor, at=at, face=font(11), color=colors.TEXT)

    def _paint_scale(self, painter: QPainter) -> None:
        quiet = font(11)
        above = QPointF(EDGE, self._size[1] - EDGE - LINE - 3)
        mm = self._reading.mm_per_screen_px
        if mm is None:
            color = colors.TEXT_QUIET
            draw_text(painter, "uncalibrated", at=above, face=quiet, color=color)
            return
        bar = scale_bar(mm)
        end = above + QPointF(bar.pixels, 0)
        places = [above - QPointF(0, 5), above, end, end - QPointF(0, 5)]
        corners = np.array([place.toTuple() for place in places])
        lines = np.stack([corners[:-1], corners[1:]], axis=1)
        draw_rimmed(painter, lines, color=colors.TEXT, width=1.6)
        text = f"{bar.text}  {self._reading.scale_source}".rstrip()
        beside = end + QPointF(8, 0)
        draw_text(painter, text, at=beside, face=quiet, color=colors.TEXT_QUIET)

    def _paint_window(self, painter: QPainter) -> None:
        width, height = self._size
        quiet = font(11)
        at = QPointF(width - EDGE, height - EDGE)
        above = at - QPointF(0, LINE)
        for text, place in ((self._reading.zoom, at), (self._reading.window, above)):
            draw_figures(painter, text, at=place, face=quiet, color=colors.TEXT_QUIET, align=1.0)

    def _paint_band(self, painter: QPainter) -> None:
        face = font(11, strong=True)
        text = "SYNTHETIC  ·  drawn by a program"
        wide = width_of(text, face=face) + 28
        room = QRectF((self._size[0] - wide) / 2, EDGE - 4, wide, 24)
        if self._reading.letters.top:
            room.translate(0, 26)
        painter.setBrush(colors.SYNTHETIC_BAND)
        painter.setPen(QPen(colors.SYNTHETIC, 1))
        painter.drawRoundedRect(room, 12, 12)
        at = QPointF(room.center().x(), room.center().y() + 4)
        painter.setFont(face)
        painter.setPen(colors.SYNTHETIC)
        painter.drawText(QPointF(at.x() - (wide - 28) / 2, at.y()), text)


def _paint_assumed(painter: QPainter, letter: str, *, at: QPointF, align: float) -> None:
    """A side that nobody recorded: faint, with a question mark and the reason."""
    strong, quiet = font(17, strong=True), font(11)
    color = colors.LETTER_ASSUMED
    room = draw_text(painter, f"{letter}?", at=at, face=strong, color=color, align=align)
    is_centred = align == 0.5  # at the upper or lower edge, where there is no room below
    beside = QPointF(room.right() + 6, at.y()) if is_centred else at + QPointF(0, LINE - 2)
    align = 0.0 if is_centred else align
    draw_text(painter, "side assumed", at=beside, face=quiet, color=color, align=align)
