"""A path to type or to browse for."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget


class PathField(QWidget):
    """A folder, or a file that is there where a `pattern` is given."""

    changed = Signal()

    def __init__(self, title: str, *, pattern: str = "") -> None:
        super().__init__()
        self._title, self._pattern = title, pattern
        self._text = QLineEdit()
        self._text.setAccessibleName(title)
        self._text.textChanged.connect(self.changed)
        browse = QPushButton("Browse…")
        browse.setAutoDefault(False)
        browse.setAccessibleName(f"Browse: {title}")
        browse.clicked.connect(self._browse)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._text, 1)
        row.addWidget(browse)
        self.setFocusProxy(self._text)

    @property
    def path(self) -> Path:
        """What stands there; Path() where nothing does."""
        text = self._text.text().strip()
        return Path(text).expanduser() if text else Path()

    @path.setter
    def path(self, path: Path) -> None:
        self._text.setText("" if path == Path() else str(path))

    def _browse(self) -> None:
        start = str(self.path) if self.path != Path() else ""
        if self._pattern:
            name, _ = QFileDialog.getOpenFileName(self, self._title, start, self._pattern)
        else:
            name = QFileDialog.getExistingDirectory(self, self._title, start)
        if name:
            self._text.setText(name)
