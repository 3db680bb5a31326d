"""A line to search with: Esc empties it, Enter and Down go on to what was found."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class SearchField(QLineEdit):
    """`entered` asks for the first that was found, `left_down` for the list of them."""

    entered = Signal()
    left_down = Signal()

    def __init__(self, placeholder: str) -> None:
        super().__init__(placeholderText=placeholder)
        self.setClearButtonEnabled(True)

    def event(self, event: QEvent) -> bool:
        """While something is typed Esc is not the window's."""
        asks = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if asks and event.type() == QEvent.Type.ShortcutOverride and self.text():
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif key == Qt.Key.Key_Down:
            self.left_down.emit()
        elif key in ENTER and self.text():
            self.entered.emit()
        else:
            super().keyPressEvent(event)
