"""A kept picture of what a layer draws, for frames in which it stands still or only shifts."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QImage, QPainter

MARGIN = 200.0
"""Screen pixels kept around the canvas: so far a film is panned before it is drawn anew."""
MOST_PIXELS = 3_000_000
"""Of a thing that is kept whole, however far it reaches beyond the canvas."""
BAND = 48
"""Rows of a kept picture that are laid on the film together, as wide as there is something."""
WHOLE = 1e-3
_ANYWHERE = QRectF(-1e6, -1e6, 2e6, 2e6)


@dataclass(frozen=True, eq=False)
class _Kept:
    """A picture, where its upper left corner is, and where the film was when it was drawn.

    Args:
        parts: what of the picture is not empty, in its own pixels.
        reach: where the thing lay, on the canvas and off.
    """

    picture: QImage
    parts: tuple[QRect, ...]
    corner: QPointF
    reach: QRectF
    anchor: QPointF
    density: float

    def shift(self, anchor: QPointF) -> QPointF | None:
        """How far the film went since; None unless by whole device pixels."""
        way = anchor - self.anchor
        steps = round(way.x() * self.density), round(way.y() * self.density)
        off = max(abs(way.x() * self.density - steps[0]), abs(way.y() * self.density - steps[1]))
        return QPointF(*steps) / self.density if off < WHOLE else None

    def covers(self, room: QRectF, *, shift: QPointF) -> bool:
        """Whether all of the thing that lies in a room is in the picture, both shifted."""
        picture = QRectF(self.corner, self.picture.deviceIndependentSize())
        return picture.contains(self.reach.intersected(room.translated(-shift)))

    def lay(self, painter: QPainter, *, shift: QPointF) -> None:
        """Lay it where the film is now."""
        at = self.corner + shift
        for part in self.parts:
            painter.drawImage(at + QPointF(part.topLeft()) / self.density, self.picture, part)


@dataclass(frozen=True, eq=False)
class Sketch:
    """A thing that can be drawn.

    Args:
        draw: draws it in screen pixels, the same for the same key but for where the film is.
        anchor: where a place of the film is on the screen.
        room: what of the canvas it may reach.
        reach: tells where it lies, on the canvas and off; it fills everything by default.
    """

    draw: Callable[[QPainter], None]
    key: Hashable
    anchor: QPointF
    room: QRectF
    reach: Callable[[], QRectF] | None = None


class Sheet:
    """Draws a thing itself the first time, from a kept picture as long as it stays the same.

    A thing that differs in each frame is never kept, so that it costs no more than before.

    Args:
        is_eager: the thing is known to stay the same for some frames: it is kept at once.
    """

    def __init__(self, *, is_eager: bool = False) -> None:
        self._is_eager = is_eager
        self._key: Hashable = None
        self._kept: _Kept | None = None
        self._density, self._hints = 0.0, QPainter.RenderHint.Antialiasing  # of the last painter

    def paint(
        self,
        painter: QPainter,
        sketch: Sketch,
        *,
        draw_part: Callable[[QPainter], None] | None = None,
    ) -> None:
        """Draw it, or its picture.

        Args:
            draw_part: draws what is needed of it now, where that is not all of it.
        """
        self._hints = painter.renderHints()
        self._density = painter.deviceTransform().m11()  # also of a widget drawn into a picture
        if sketch.key != self._key:
            self._key, self._kept = sketch.key, None
            if not self._is_eager:
                (draw_part or sketch.draw)(painter)
                return
        shift = self._shift(sketch)
        if shift is None and draw_part is not None:
            draw_part(painter)
            return
        if self._kept is None or shift is None:
            self._kept, shift = self._drawn(sketch), QPointF()
        self._kept.lay(painter, shift=shift)

    def prepare(self, sketch: Sketch) -> None:
        """Draw its picture now, for a frame to come like the last one."""
        if sketch.key != self._key and self._density:
            self._key, self._kept = sketch.key, self._drawn(sketch)

    def _drawn(self, sketch: Sketch) -> _Kept:
        density, room = self._density, sketch.room
        lies = _ANYWHERE if sketch.reach is None else sketch.reach()
        wide = room.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN).intersected(lies)
        if lies.width() * lies.height() * density**2 <= MOST_PIXELS:
            wide = lies  # wherever the film is panned to, it is there
        picture, corner = _drawn(sketch.draw, room=wide, density=density, hints=self._hints)
        parts = (picture.rect(),) if sketch.reach is None else _parts(picture)
        return _Kept(picture, parts, corner, lies, QPointF(sketch.anchor), density)

    def _shift(self, sketch: Sketch) -> QPointF | None:
        kept = self._kept
        if kept is None or kept.density != self._density:
            return None
        shift = kept.shift(sketch.anchor)
        return None if shift is None or not kept.covers(sketch.room, shift=shift) else shift


def _drawn(
    draw: Callable[[QPainter], None], *, room: QRectF, density: float, hints: QPainter.RenderHint
) -> tuple[QImage, QPointF]:
    """A picture of a room, and where its upper left corner is."""
    corner = QPointF(math.floor(room.left()), math.floor(room.top()))
    width, height = room.right() - corner.x(), room.bottom() - corner.y()
    size = max(1, math.ceil(width * density)), max(1, math.ceil(height * density))
    picture = QImage(*size, QImage.Format.Format_ARGB32_Premultiplied)
    picture.setDevicePixelRatio(density)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHints(hints)
    painter.translate(-corner)
    draw(painter)
    painter.end()
    return picture, corner


def _parts(picture: QImage) -> tuple[QRect, ...]:
    """Bands of a picture, no wider than what is in them; like ones below one another are one."""
    pixels = np.frombuffer(picture.constBits(), np.uint32).reshape(picture.height(), -1)
    parts: list[QRect] = []
    for top in range(0, len(pixels), BAND):
        band = pixels[top : top + BAND]
        there = np.flatnonzero(band.any(axis=0))
        if not len(there):
            continue
        left, right = int(there[0]), int(there[-1])
        above = parts[-1] if parts else QRect()
        if (above.left(), above.right(), above.bottom()) == (left, right, top - 1):
            above.setBottom(top + len(band) - 1)
        else:
            parts.append(QRect(left, top, right - left + 1, len(band)))
    return tuple(parts)
