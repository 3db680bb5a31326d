"""Which cases are shown, as a row of small buttons with counts."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QToolButton, QWidget

from app.widgets.case_filter import SHOW_TITLES, Show

COLUMNS = 3


class FilterChips(QWidget):
    """One of them is down; `Failed` is there only while anything failed."""

    chosen = Signal(object)  # Show

    def __init__(self) -> None:
        super().__init__()
        self._chips: dict[Show, QToolButton] = {}
        group = QButtonGroup(self)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        for place, show in enumerate(SHOW_TITLES):
            chip = QToolButton()
            chip.setCheckable(True)
            chip.setObjectName("chip")
            chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            chip.clicked.connect(lambda _=False, one=show: self.chosen.emit(one))
            group.addButton(chip)
            grid.addWidget(chip, *divmod(place, COLUMNS))
            self._chips[show] = chip
        grid.setColumnStretch(COLUMNS, 1)
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
