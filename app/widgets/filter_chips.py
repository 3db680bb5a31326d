"""Which cases are shown, as a row of small buttons with counts."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from app.widgets.case_filter import SHOW_TITLES, Show

A_LINE = 3


class FilterChips(QWidget):
    """One of them is down; `Failed` is there only while anything failed."""

    chosen = Signal(object)  # Show

    def __init__(self) -> None:
        super().__init__()
        self._chips: dict[Show, QToolButton] = {}
        group = QButtonGroup(self)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(4)
        for place, show in enumerate(SHOW_TITLES):
            if place % A_LINE == 0:
                line = QHBoxLayout()
                line.setSpacing(4)
                line.addStretch(1)
                lines.addLayout(line)
            chip = QToolButton()
            chip.setCheckable(True)
            chip.setObjectName("chip")
            chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            chip.clicked.connect(lambda _=False, one=show: self.chosen.emit(one))
            group.addButton(chip)
            line.insertWidget(line.count() - 1, chip)
            self._chips[show] = chip
        self._chips[Show.ALL].setChecked(True)
        self.tell({})

    def chip(self, show: Show) -> QToolButton:
        """The button of a filter."""
        return self._chips[show]

    def tell(self, counts: Mapping[Show, int]) -> None:
        """How many cases each filter would show."""
        for show, chip in self._chips.items():
            number = counts.get(show, 0)
            chip.setText(f"{SHOW_TITLES[show]} {number}")
            chip.setVisible(show is not Show.FAILED or number > 0 or chip.isChecked())
