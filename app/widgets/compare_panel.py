"""Under two films: which other one, whether they move together, the angles and their change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.widgets.pieces import quiet_label

MEANING = (
    "Two readings of one film differ by 2 to 4° on average, so that smaller changes are no change."
)
MISSING = "The other film has no corners yet: choose “Analyse again” for it in the list."
COLUMNS = 4


@dataclass(frozen=True)
class Choice:
    """A film to compare with."""

    id: str
    words: str


@dataclass(frozen=True)
class Line:
    """One curve on both films, in words."""

    title: str
    now: str
    other: str
    change: str


class ComparePanel(QWidget):
    """Shows what it is given; `chosen` names another film."""

    chosen = Signal(str)
    linked = Signal(bool)
    ended = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._films = QComboBox()
        self._films.setAccessibleName("Compare with")
        self._films.activated.connect(lambda row: self.chosen.emit(self._films.itemData(row)))
        self._linked = QCheckBox("Zoom and move together")
        self._linked.setChecked(True)
        self._linked.toggled.connect(self.linked)
        end = QPushButton("End comparison")
        end.clicked.connect(self.ended)
        top = QHBoxLayout()
        top.addWidget(QLabel("Compare with"))
        for widget in (self._films, self._linked):
            top.addWidget(widget)
        top.addStretch(1)
        top.addWidget(end)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(28)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(COLUMNS, 1)
        self._cells: list[QLabel] = []
        self._meaning = quiet_label()
        box = QVBoxLayout(self)
        box.setContentsMargins(14, 10, 14, 12)
        box.setSpacing(8)
        box.addLayout(top)
        box.addLayout(self._grid)
        box.addWidget(self._meaning)

    @property
    def lines(self) -> tuple[str, ...]:
        """Every cell of the table, row by row, the titles first."""
        return tuple(cell.text() for cell in self._cells)

    def show_choices(self, choices: Sequence[Choice]) -> None:
        """The films there are to compare with."""
        self._films.clear()
        for choice in choices:
            self._films.addItem(choice.words, choice.id)

    def set_current(self, case_id: str) -> None:
        """The film that is shown."""
        self._films.setCurrentIndex(self._films.findData(case_id))

    def show_lines(self, lines: Sequence[Line], *, missing: bool, when: str) -> None:
        """Fill the table.

        Args:
            missing: the other film has no corners.
            when: "earlier" or "later" where it is known of the other film, else "".
        """
        titles = ("Curve", "This film", f"{when or 'other'} film".capitalize(), "Change")
        texts = [titles, *((line.title, line.now, line.other, line.change) for line in lines)]
        self._require_cells(len(texts))
        flat = [text for row in texts for text in row]
        for cell, text in zip(self._cells, flat, strict=True):
            cell.setText(text)
        self._meaning.setText(MISSING if missing else MEANING)

    def _require_cells(self, rows: int) -> None:
        """Cells are kept while the hand moves; only their words change."""
        if len(self._cells) == rows * COLUMNS:
            return
        for cell in self._cells:
            self._grid.removeWidget(cell)
            cell.deleteLater()
        self._cells = []
        for row in range(rows):
            for column in range(COLUMNS):
                cell = QLabel()
                cell.setObjectName("caption" if row == 0 else "")
                self._grid.addWidget(cell, row, column)
                self._cells.append(cell)
