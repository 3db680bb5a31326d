"""The networks of a task to choose from, and the card of the one in use."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from app.widgets.pieces import combo
from inference.manifest import WeightsEntry


class WeightsRow(QWidget):
    """A box and a button."""

    chosen = Signal(object)  # WeightsEntry

    def __init__(self, *, show_card: Callable[[], None]) -> None:
        super().__init__()
        self._offered: tuple[WeightsEntry, ...] = ()
        self.box = combo("Weights")
        self.box.setPlaceholderText("No network installed")
        self.box.activated.connect(self._choose)
        card = QToolButton()
        card.setText("Card")
        card.setToolTip("What this network was trained on, and how good it is")
        card.clicked.connect(lambda _=False: show_card())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.box, 1)
        row.addWidget(card)

    def offer(self, weights: Sequence[WeightsEntry]) -> None:
        """What there is to choose from."""
        self._offered = tuple(weights)
        self.box.clear()
        for entry in weights:
            self.box.addItem(entry.title, entry.id)

    def show_in_use(self, weights_id: str | None) -> None:
        """Which one is asked."""
        self.box.setCurrentIndex(self.box.findData(weights_id))

    @Slot(int)
    def _choose(self, row: int) -> None:
        self.chosen.emit(self._offered[row])
