"""What is larger than the room there is: it scrolls, and dialogs stay on their screen."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QFrame, QScrollArea, QWidget

LEAST = 80
BAR_PX = 14
FRAME = QSize(16, 48)
"""Room for a window's frame and title, in pixels of the screen."""


class Scrolled(QScrollArea):
    """Holds a widget and scrolls where there is too little room for it.

    Args:
        keeps: the direction in which the widget always gets the room that it needs.
    """

    def __init__(self, inner: QWidget, *, keeps: Qt.Orientation | None = None) -> None:
        super().__init__()
        self._inner, self._keeps = inner, keeps
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        never = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        if keeps is Qt.Orientation.Horizontal:
            self.setHorizontalScrollBarPolicy(never)
        elif keeps is Qt.Orientation.Vertical:
            self.setVerticalScrollBarPolicy(never)
        self.setWidget(inner)

    def sizeHint(self) -> QSize:
        return self._inner.sizeHint()

    def minimumSizeHint(self) -> QSize:
        needed = self._inner.minimumSizeHint().expandedTo(self._inner.minimumSize())
        width, height = min(LEAST, needed.width()), min(LEAST, needed.height())
        if self._keeps is Qt.Orientation.Horizontal:
            width = needed.width() + BAR_PX
        elif self._keeps is Qt.Orientation.Vertical:
            height = needed.height()
        return QSize(width, height)


def resize_on_screen(dialog: QDialog, width: int, height: int) -> None:
    """Give a dialog that size, or as much of it as its screen has."""
    parent = dialog.parentWidget()
    room = (parent or dialog).screen().availableGeometry().size() - FRAME
    dialog.resize(QSize(width, height).boundedTo(room))
