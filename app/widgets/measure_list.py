"""What was measured by hand, as a small list: choose, rename, remove, copy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.widgets.pieces import quiet_label

ID = Qt.ItemDataRole.UserRole
MOST_ROWS = 6


@dataclass(frozen=True)
class MeasureRow:
    """One measure: its name, what it reads, and how that is meant."""

    id: str
    title: str
    reading: str
    detail: str = ""


class MeasureList(QWidget):
    """Hidden while there is nothing to list."""

    chosen = Signal(str)
    remove_requested = Signal(str)
    rename_requested = Signal(str)
    copy_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        caption = QLabel("Measured by hand")
        caption.setObjectName("caption")
        copy = QToolButton()
        copy.setText("Copy")
        copy.setToolTip("Put all measures on the clipboard as text")
        copy.clicked.connect(self.copy_requested)
        head = QHBoxLayout()
        head.addWidget(caption, 1)
        head.addWidget(copy)
        self._list = _Rows()
        self._list.setAccessibleName("Measures")
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.itemClicked.connect(lambda item: self.chosen.emit(item.data(ID)))
        self._list.itemDoubleClicked.connect(lambda item: self.rename_requested.emit(item.data(ID)))
        self._list.key_pressed.connect(self._take_key)
        self._grid = quiet_label()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self._list)
        layout.addWidget(self._grid)
        self.hide()

    @property
    def texts(self) -> tuple[str, ...]:
        """What the rows say."""
        return tuple(self._list.item(n).text() for n in range(self._list.count()))

    def set_rows(self, rows: Sequence[MeasureRow], *, selected: str | None, grid: str) -> None:
        """List these; `grid` says whose spacing counts, empty where nothing is to be said."""
        while self._list.count() > len(rows):
            self._list.takeItem(self._list.count() - 1)
        while self._list.count() < len(rows):
            self._list.addItem(QListWidgetItem())
        self._list.setCurrentRow(-1)
        for n, row in enumerate(rows):
            item = self._list.item(n)
            item.setText(f"{row.title}   {row.reading}".rstrip())
            item.setToolTip(row.detail)
            item.setData(ID, row.id)
            if row.id == selected:
                self._list.setCurrentItem(item)
        self._grid.setText(grid)
        self._grid.setVisible(bool(grid))
        self.setVisible(bool(rows) or bool(grid))
        height = self._list.sizeHintForRow(0) if rows else 0
        self._list.setFixedHeight(height * min(len(rows), MOST_ROWS) + 4)
        self._list.setVisible(bool(rows))

    def _take_key(self, key: int) -> None:
        item = self._list.currentItem()
        if item is None:
            return
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_requested.emit(item.data(ID))
        elif key == Qt.Key.Key_F2:
            self.rename_requested.emit(item.data(ID))
        else:
            self.chosen.emit(item.data(ID))


class _Rows(QListWidget):
    """A list whose arrows choose and whose Delete removes."""

    key_pressed = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_F2):
            self.key_pressed.emit(event.key())
            return
        before = self.currentRow()
        super().keyPressEvent(event)
        if self.currentRow() != before:
            self.key_pressed.emit(event.key())

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self.currentItem() is None and self.count():
            self.setCurrentRow(0)
