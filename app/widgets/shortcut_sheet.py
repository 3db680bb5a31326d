"""Every key there is, in one sheet made from a table."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement, pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.widgets.fit import FRAME, resize_on_screen

COLUMNS = (3, 2, 1)
HEIGHT = 620
AROUND = 60
"""What lies beside the columns: margins and a scroll bar."""
Row = tuple[str, str, str]


class ShortcutSheet(QDialog):
    """Groups of actions with their keys; typing narrows them down.

    Args:
        rows: (group, action, keys), several keys of one action separated by two spaces.
    """

    def __init__(self, rows: Sequence[Row], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        self._rows = tuple(rows)
        self._filter = QLineEdit(placeholderText="Search for an action or a key")
        self._filter.setClearButtonEnabled(True)
        self._filter.textChanged.connect(self._lay_out)
        self._area = QScrollArea(widgetResizable=True)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 18, 20, 18)
        box.setSpacing(14)
        box.addWidget(self._filter)
        box.addWidget(self._area, 1)
        self._shown: tuple[Row, ...] = ()
        width = self._lay_out("")
        resize_on_screen(self, width + AROUND, HEIGHT)

    @property
    def shown(self) -> tuple[Row, ...]:
        """The rows that the search leaves."""
        return self._shown

    def _lay_out(self, wanted: str) -> int:
        """Show what is wanted; the width that it takes."""
        needle = wanted.strip().casefold()
        self._shown = tuple(row for row in self._rows if needle in " ".join(row).casefold())
        groups: dict[str, list[Row]] = {}
        for row in self._shown:
            groups.setdefault(row[0], []).append(row)
        room = self.screen().availableGeometry().width() - AROUND - FRAME.width()
        for columns in COLUMNS:  # as many as the screen has room for
            page = _page(groups, columns=columns)
            if page.sizeHint().width() <= room:
                break
        self._area.setWidget(page)
        return page.sizeHint().width()


def _page(groups: dict[str, list[Row]], *, columns: int) -> QWidget:
    page = QWidget()
    line = QHBoxLayout(page)
    line.setContentsMargins(0, 0, 8, 0)
    line.setSpacing(34)
    for column in _balanced(groups, columns=columns):
        stack = QVBoxLayout()
        stack.setSpacing(18)
        for name, members in column:
            stack.addLayout(_group(name, members))
        stack.addStretch(1)
        line.addLayout(stack, 1)
    return page


def _balanced(groups: dict[str, list[Row]], *, columns: int) -> list[list[tuple[str, list[Row]]]]:
    """Groups in columns, their order kept, the tallest column as short as can be."""
    members = list(groups.items())
    heights = [len(rows) + 2 for _, rows in members]
    cuts = combinations_with_replacement(range(len(members) + 1), columns - 1)

    def tallest(cut: tuple[int, ...]) -> int:
        edges = (0, *cut, len(members))
        return max(sum(heights[a:b]) for a, b in pairwise(edges))

    edges = (0, *min(cuts, key=tallest), len(members))
    return [members[a:b] for a, b in pairwise(edges)]


def _group(name: str, rows: list[Row]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(6)
    title = QLabel(name.replace("/", " · "))
    title.setObjectName("caption")
    grid.addWidget(title, 0, 0, 1, 2)
    for place, (_, action, keys) in enumerate(rows, start=1):
        grid.addWidget(QLabel(action), place, 0)
        grid.addLayout(_caps(keys), place, 1, Qt.AlignmentFlag.AlignRight)
    grid.setColumnStretch(0, 1)
    return grid


def _caps(keys: str) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(5)
    for key in keys.split("  "):
        cap = QLabel(key)
        cap.setObjectName("keycap")
        row.addWidget(cap)
    return row
