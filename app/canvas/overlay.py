"""What is drawn over the film in screen pixels, and how it paints no more than it has to."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QRegion
from PySide6.QtWidgets import QGraphicsObject


class Overlay(QGraphicsObject):
    """Something over the film; the view hands the mouse over where it is for it.

    `exposed` is what is being painted; None for everything.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.exposed: QRegion | None = None

    def shows(self, room: QRectF) -> bool:
        """Whether any of this is being painted."""
        return is_exposed(room, self.exposed)

    def repaint(self, rooms: Iterable[QRectF]) -> None:
        """Paint these parts anew; `update` takes all that lies between them along."""
        scene = self.scene()
        if scene is not None and self.isVisible():
            for room in rooms:
                scene.update(room)


def is_exposed(room: QRectF, exposed: QRegion | None) -> bool:
    """Whether any of it is to be painted; all is where nothing is said."""
    return exposed is None or exposed.intersects(room.toAlignedRect())
