"""What is drawn over the film in screen pixels, and how it paints no more than it has to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QRegion
from PySide6.QtWidgets import QGraphicsObject

PACE_MS = 34
"""What changes by itself while a hand drags waits so long for the hand: two of its frames."""


class Overlay(QGraphicsObject):
    """Something over the film; the view hands the mouse over where it is for it.

    `exposed` is what is being painted, None for everything; within it, `asked` is what overlays
    wanted painted anew. `ask` takes such a wish.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.exposed: QRegion | None = None
        self.asked = QRect()
        self.ask: Callable[[QRectF], None] = self.update

    def shows(self, room: QRectF) -> bool:
        """Whether any of this is being painted."""
        return self.exposed is None or self.exposed.intersects(room.toAlignedRect())

    def repaint(self, rooms: Iterable[QRectF]) -> None:
        """Paint these parts anew, and what lies between them."""
        whole = QRectF()
        for room in rooms:
            whole = whole.united(room)
        if not whole.isEmpty() and self.isVisible():
            self.ask(whole)

    def parts(self, painter: QPainter) -> Iterator[QRect | None]:
        """The rectangles that are being painted, with the painter kept to each; None for all.

        One by one, because Qt strokes a line in half the time within one, and what lies in none of
        them need not be stroked. What overlays asked for is one.
        """
        if self.exposed is None or self.exposed.rectCount() == 1:
            yield None if self.exposed is None else self.exposed.boundingRect()
            return
        asked = QRegion(self.asked)
        for region in (self.exposed.intersected(asked), self.exposed.subtracted(asked)):
            for part in region:  # type: ignore[attr-defined]
                painter.save()
                painter.setClipRect(part)
                yield part
                painter.restore()


def is_exposed(room: QRectF, part: QRect | None) -> bool:
    """Whether any of it is to be painted; all is where nothing is said."""
    return part is None or room.intersects(QRectF(part))
