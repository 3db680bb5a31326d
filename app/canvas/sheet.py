"""A kept picture of what a layer draws, for frames in which it stands still or only shifts."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap

MARGIN = 160.0
"""Screen pixels kept around the canvas: so far a film is panned before it is drawn anew."""
WHOLE = 1e-3
_ANYWHERE = QRectF(-1e6, -1e6, 2e6, 2e6)


@dataclass(frozen=True, eq=False)
class _Kept:
    """A picture, where its upper left corner is, and where the film was when it was drawn.

    Args:
        reach: where the thing lay, on the canvas and off.
    """

    picture: QPixmap
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

    def paint(
        self,
        painter: QPainter,
        draw: Callable[[QPainter], None],
        *,
        key: Hashable,
        anchor: QPointF,
        room: QRectF,
        reach: Callable[[], QRectF] | None = None,
        draw_part: Callable[[QPainter], None] | None = None,
    ) -> None:
        """Draw it, or its picture.

        Args:
            draw: draws it in screen pixels, the same for the same key but for where the film is.
            anchor: where a place of the film is on the screen.
            room: what of the canvas it may reach.
            reach: tells where it lies, on the canvas and off; anywhere by default.
            draw_part: draws what is needed of it now, where that is not all of it.
        """
        if key != self._key:
            self._key, self._kept = key, None
            if not self._is_eager:
                (draw_part or draw)(painter)
                return
        density = painter.deviceTransform().m11()  # also where a widget is drawn into a picture
        shift = self._shift(anchor, room=room, density=density)
        if shift is None and draw_part is not None:
            draw_part(painter)
            return
        if shift is None:
            wide = room.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)
            lies = _ANYWHERE if reach is None else reach()
            picture, corner = _drawn(
                draw, room=wide.intersected(lies), density=density, hints=painter.renderHints()
            )
            self._kept = _Kept(picture, corner, lies, QPointF(anchor), density)
            shift = QPointF()
        assert self._kept is not None
        painter.drawPixmap(self._kept.corner + shift, self._kept.picture)

    def _shift(self, anchor: QPointF, *, room: QRectF, density: float) -> QPointF | None:
        kept = self._kept
        if kept is None or kept.density != density:
            return None
        shift = kept.shift(anchor)
        return None if shift is None or not kept.covers(room, shift=shift) else shift


def _drawn(
    draw: Callable[[QPainter], None], *, room: QRectF, density: float, hints: QPainter.RenderHint
) -> tuple[QPixmap, QPointF]:
    """A picture of a room, and where its upper left corner is."""
    corner = QPointF(math.floor(room.left()), math.floor(room.top()))
    width, height = room.right() - corner.x(), room.bottom() - corner.y()
    picture = QPixmap(max(1, math.ceil(width * density)), max(1, math.ceil(height * density)))
    picture.setDevicePixelRatio(density)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHints(hints)
    painter.translate(-corner)
    draw(painter)
    painter.end()
    return picture, corner
