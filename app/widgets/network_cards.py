"""Networks side by side: a column each, the same lines in all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.widgets.fit import resize_on_screen
from app.widgets.pieces import caption, close_row, quiet_label, rule, scrolled
from app.widgets.words import Words

MORE = (
    "UNet-IKEM and HRNet-W32 + OCR-IKEM stand here once their weights are brought in, or trained "
    "by “Train and evaluate…”."
)
COLUMN_PX = 250
TITLES_PX = 165


@dataclass(frozen=True)
class NetworkColumn:
    """A network as it is told of.

    Args:
        lines: what is said, one text for each of the dialog's titles.
        modes: in which it can be used, the usual one first.
        why_not: why it cannot be used now; "" where it can.
    """

    id: str
    title: str
    lines: tuple[str, ...]
    modes: tuple[str, ...]
    is_used: bool = False
    why_not: str = ""


class NetworkCards(QDialog):
    """Compares networks and lets a person take one."""

    chosen = Signal(str, str)  # id and mode
    more_asked = Signal()

    def __init__(
        self, parent: QWidget, titles: Sequence[str], columns: Sequence[NetworkColumn]
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Compare networks")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._titles, self._columns = tuple(titles), tuple(columns)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(10)
        self._grid.setColumnMinimumWidth(0, TITLES_PX)
        for row, title in enumerate(titles, start=2):
            self._grid.addWidget(caption(title), 2 * row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(rule(), 2 * row - 1, 0, 1, 1 + len(columns))
        for number, column in enumerate(columns, start=1):
            self._put(column, number)
        self._grid.setRowStretch(2 * (len(self._titles) + 2), 1)
        held = QVBoxLayout()
        held.addLayout(self._grid)
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 20, 24, 16)
        box.setSpacing(14)
        box.addWidget(scrolled(held), 1)
        box.addWidget(quiet_label(MORE))
        buttons = close_row(self)
        more = buttons.addButton("Bring weights in…", QDialogButtonBox.ButtonRole.ActionRole)
        more.clicked.connect(self._ask_more)
        box.addWidget(buttons)
        resize_on_screen(self, TITLES_PX + (COLUMN_PX + 24) * max(len(columns), 2) + 90, 760)

    @property
    def text(self) -> str:
        """All that is said, column by column."""
        parts = []
        for column in self._columns:
            told = zip(self._titles, column.lines, strict=True)
            parts += [column.title, *(f"{title}: {words}" for title, words in told)]
        return "\n".join(parts)

    def _put(self, column: NetworkColumn, number: int) -> None:
        top = Qt.AlignmentFlag.AlignTop
        self._grid.setColumnMinimumWidth(number, COLUMN_PX)
        self._grid.setColumnStretch(number, 1)
        heading = QLabel(column.title)
        heading.setObjectName("heading")
        heading.setTextFormat(Qt.TextFormat.PlainText)
        heading.setWordWrap(True)
        self._grid.addWidget(heading, 0, number, top)
        self._grid.addWidget(self._use(column), 1, number, top)
        for row, words in enumerate(column.lines, start=2):
            label = Words()
            label.setTextFormat(Qt.TextFormat.PlainText)  # somebody typed it
            label.setText(words)
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._grid.addWidget(label, 2 * row, number, top)

    def _use(self, column: NetworkColumn) -> QWidget:
        """How it can be taken, or why it cannot."""
        held = QWidget()
        box = QVBoxLayout(held)
        box.setContentsMargins(0, 0, 0, 0)
        if column.why_not:
            box.addWidget(quiet_label(column.why_not))
            return held
        modes = QComboBox()
        modes.setAccessibleName(f"Mode of {column.title}")
        modes.addItems(list(column.modes))
        modes.setVisible(len(column.modes) > 1)
        button = QPushButton("In use" if column.is_used else "Use this one")
        button.setAutoDefault(False)
        button.setEnabled(not column.is_used or len(column.modes) > 1)
        button.setAccessibleName(f"Use {column.title}")
        button.clicked.connect(lambda: self._choose(column.id, modes.currentText()))
        box.addWidget(modes)
        box.addWidget(button)
        return held

    def _ask_more(self) -> None:
        self.close()
        self.more_asked.emit()

    def _choose(self, network: str, mode: str) -> None:
        self.chosen.emit(network, mode)
        self.close()
