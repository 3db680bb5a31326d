"""How the column is counted, and the verbs that put a wrong count right."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from app.session.editing import Editing
from app.session.repairing import Repairing
from domain.numbering import remarks


class ColumnView(QWidget):
    """The levels and what is unusual about them; below, what can be done with one vertebra."""

    def __init__(self, editing: Editing, repairing: Repairing) -> None:
        super().__init__()
        self._editing, self._repairing = editing, repairing
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        self._range = QLabel()
        self._remarks = QLabel()
        self._remarks.setObjectName("secondary")
        self._remarks.setWordWrap(True)
        layout.addLayout(self._count_row())
        layout.addWidget(self._remarks)
        self._one = QWidget()
        self._one.setLayout(self._vertebra_row())
        layout.addWidget(self._one)
        editing.shown_changed.connect(self.refresh)
        editing.selection_changed.connect(self.refresh)
        self.refresh()

    def _count_row(self) -> QHBoxLayout:
        row, repairing = _row(), self._repairing
        row.addWidget(self._range, 1)
        for text, tip, run in (
            ("Names ▲", "Every vertebra takes the name of the one above (Ctrl+Up)", -1),
            ("▼", "Every vertebra takes the name of the one below (Ctrl+Down)", 1),
        ):
            row.addWidget(_button(text, tip, partial(repairing.shift_names, run)))
        for text, tip, run in (
            ("Slide ▲", "Every vertebra takes the place of the one above (Alt+PgUp)", -1),
            ("▼", "Every vertebra takes the place of the one below (Alt+PgDown)", 1),
        ):
            row.addWidget(_button(text, tip, partial(repairing.slide, run)))
        return row

    def _vertebra_row(self) -> QHBoxLayout:
        row, repairing = _row(), self._repairing
        self._whole = _button(
            "Whole", "Move, turn or resize this vertebra as one (B)", self._toggle
        )
        self._whole.setCheckable(True)
        row.addWidget(self._whole)
        for text, tip, run in (
            ("Insert ▲", "A vertebra above this one (Shift+Ins)", self._insert_above),
            ("▼", "A vertebra below this one (Ins)", self._insert_below),
            ("Delete", "Take this vertebra out of the column (Ctrl+Del)", repairing.delete),
        ):
            row.addWidget(_button(text, tip, run))
        self._name = _button("Name", "Call this vertebra something else (Shift+F2)")
        self._name.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self._name)
        menu.aboutToShow.connect(self._fill_names)
        self._name.setMenu(menu)
        row.addWidget(self._name)
        row.addStretch(1)
        return row

    @Slot()
    def refresh(self) -> None:
        """Read the decisions on screen again."""
        names, at = self._repairing.names, self._repairing.selected
        self.setVisible(bool(names))
        if not names:
            return
        self._range.setText(f"{names[0]} to {names[-1]}")
        self._range.setToolTip(f"{len(names)} vertebrae")
        said = " ".join(remarks(names))
        self._remarks.setText(said)
        self._remarks.setVisible(bool(said))
        self._one.setVisible(at is not None)
        self._whole.setChecked(self._editing.whole)

    def _toggle(self) -> None:
        self._editing.handle_whole(not self._editing.whole)

    def _insert_above(self) -> None:
        self._repairing.insert(below=False)

    def _insert_below(self) -> None:
        self._repairing.insert(below=True)

    @Slot()
    def _fill_names(self) -> None:
        menu = self._name.menu()
        menu.clear()
        for name in self._repairing.choices:
            menu.addAction(name, partial(self._repairing.rename, name))


def _row() -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    return row


def _button(text: str, tip: str, run: Callable[[], object] | None = None) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    if run is not None:
        button.clicked.connect(lambda _=False: run())
    return button
