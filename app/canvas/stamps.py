"""Small pictures of marks that are drawn over and over: a copy costs a tenth of the strokes."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Hashable

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPixmap

STEPS = 4
"""Places of a mark within a device pixel, to either side: none is off by more than an eighth."""
HELD = 512


class Stamps:
    """Marks of one kind, kept by what they look like."""

    def __init__(self) -> None:
        self._held: OrderedDict[Hashable, QPixmap] = OrderedDict()

    def draw(
        self,
        painter: QPainter,
        at: QPointF,
        *,
        key: Hashable,
        reach: tuple[float, float],
        mark: Callable[[QPainter, QPointF], None],
    ) -> None:
        """Draw a mark at a place in screen pixels.

        Args:
            key: the same for marks that look the same.
            reach: how far it goes from its place, to the sides and up and down.
            mark: draws it at a place.
        """
        density = painter.device().devicePixelRatioF()
        across, down = (math.ceil(side * density) for side in reach)
        (x, right), (y, below) = (
            divmod(math.floor(part * density * STEPS + 0.5), STEPS) for part in at.toTuple()
        )
        name = key, across, down, right, below, density
        picture = self._held.get(name)
        if picture is None:
            place = QPointF(across + right / STEPS, down + below / STEPS) / density
            size = 2 * across + 1, 2 * down + 1
            picture = self._held[name] = _drawn(mark, place, size=size, density=density)
            if len(self._held) > HELD:
                self._held.popitem(last=False)
        painter.drawPixmap(QPointF((x - across) / density, (y - down) / density), picture)


def _drawn(
    mark: Callable[[QPainter, QPointF], None],
    at: QPointF,
    *,
    size: tuple[int, int],
    density: float,
) -> QPixmap:
    picture = QPixmap(*size)
    picture.setDevicePixelRatio(density)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    mark(painter, at)
    painter.end()
    return picture
