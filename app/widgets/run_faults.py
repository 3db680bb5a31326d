"""What is wrong with the films of a folder, film by film, to read and to copy."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from app.widgets.pieces import caption

COPY = "Copy the list"


class RunFaults(QWidget):
    """A list and a button."""

    def __init__(self) -> None:
        super().__init__()
        self._list = QPlainTextEdit(readOnly=True)
        self._list.setAccessibleName("What is wrong, film by film")
        self.copy = QPushButton(COPY)
        self.copy.setAutoDefault(False)
        self.copy.clicked.connect(self._copy)
        top = QHBoxLayout()
        self._title = caption("")
        top.addWidget(self._title, 1)
        top.addWidget(self.copy)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addLayout(top)
        box.addWidget(self._list, 1)

    @property
    def text(self) -> str:
        """The list."""
        return self._list.toPlainText()

    def show_lines(self, lines: Sequence[str]) -> None:
        """One line a fault."""
        self._title.setText(f"What is wrong, film by film: {len(lines)}")
        self._list.setPlainText("\n".join(lines))
        self.copy.setText(COPY)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text)
        self.copy.setText("Copied")
