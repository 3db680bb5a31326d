"""What is drawn over the film in screen pixels, and how it paints no more than it has to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QRegion
from PySide6.QtWidgets import QGraphicsObject


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
        return is_exposed(room, self.exposed)

    def repaint(self, rooms: Iterable[QRectF]) -> None:
        """Paint these parts anew, and what lies between them."""
        whole = QRectF()
        for room in rooms:
            whole = whole.united(room)
        if not whole.isEmpty() and self.isVisible():
            self.ask(whole)

    def parts(self, painter: QPainter) -> Iterator[QRegion | None]:
        """The parts of what is being painted, with the painter kept to each; None for everything.

        What overlays asked for comes alone: within one rectangle Qt strokes a line in half the time
        that it takes within a region of several.
        """
        if self.exposed is None or self.exposed.rectCount() == 1:
            yield self.exposed
            return
        asked = QRegion(self.asked)
        for part in (self.exposed.intersected(asked), self.exposed.subtracted(asked)):
            if not part.isEmpty():
                painter.save()
                painter.setClipRegion(part)
                yield part
                painter.restore()


def is_exposed(room: QRectF, exposed: QRegion | None) -> bool:
    """Whether any of it is to be painted; all is where nothing is said."""
    return exposed is None or exposed.intersects(room.toAlignedRect())
