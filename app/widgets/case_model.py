"""The cases as Qt's lists ask for them: filtered, sorted, each picture read when it is seen."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, groupby

from PySide6.QtCore import (
    QItemSelection,
    QModelIndex,
    QPersistentModelIndex,
    QSignalBlocker,
    QStringListModel,
    Qt,
)
from PySide6.QtGui import QPixmap

from app.library.search import folded
from app.widgets.case_filter import (
    CaseItem,
    Order,
    Show,
    counts,
    found,
    let_through,
    neighbour,
    next_unreviewed,
    ordered,
)

ID = Qt.ItemDataRole.UserRole
ITEM = Qt.ItemDataRole.UserRole + 1
THUMBNAILS_HELD = 100

FLAGS = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemNeverHasChildren

Index = QModelIndex | QPersistentModelIndex


class CaseModel(QStringListModel):
    """Ten thousand cases, of which a search and a filter leave some.

    Of Qt's strings it uses only how many there are: a list asks that twice for each of its rows
    whenever it lays them out, which took most of 60 ms while Python answered.

    Args:
        thumbnail: case -> its picture (PNG, JPEG) or None; asked once a case, when it is painted.
    """

    def __init__(self, thumbnail: Callable[[str], bytes | None]) -> None:
        super().__init__()
        self._thumbnail = thumbnail
        self._items: tuple[CaseItem, ...] = ()
        self._ordered: Sequence[CaseItem] = ()
        self._shown: Sequence[CaseItem] = ()
        self._rows: dict[str, int] = {}
        self._search, self._show, self._order = "", Show.ALL, Order.NEWEST
        self._counts = counts(())
        self._pictures: OrderedDict[str, QPixmap] = OrderedDict()

    @property
    def shown(self) -> Sequence[CaseItem]:
        """What search and filter leave, in order."""
        return self._shown

    @property
    def rows_in_all(self) -> int:
        """How many cases there are, shown or not."""
        return len(self._items)

    @property
    def counts(self) -> dict[Show, int]:
        """How many of the cases found each filter would show."""
        return self._counts

    def set_items(self, items: Sequence[CaseItem]) -> None:
        """Show other cases, newest first; only what differs is drawn again."""
        self._items = tuple(items)
        self._arrange(sort=True)

    def set_search(self, search: str) -> None:
        """Show only cases with these words."""
        self._search = search
        self._arrange()

    def set_show(self, show: Show) -> None:
        """Show only cases of one kind."""
        self._show = show
        self._arrange()

    def set_order(self, order: Order) -> None:
        """Sort otherwise."""
        self._order = order
        self._arrange(sort=True)

    def row_of(self, case_id: str) -> int | None:
        """Where a case is; None where it is not shown."""
        return self._rows.get(case_id)

    def ranges_of(self, case_ids: Iterable[str]) -> QItemSelection:
        """Where those of these cases are that are shown, rows that follow each other as one."""
        rows = sorted(self._rows[one] for one in case_ids if one in self._rows)
        ranges = QItemSelection()
        for _, run in groupby(enumerate(rows), key=lambda numbered: numbered[1] - numbered[0]):
            follow = [row for _, row in run]
            ranges.select(self.index(follow[0]), self.index(follow[-1]))
        return ranges

    def neighbour(self, case_id: str | None, *, step: int) -> str | None:
        """The case after (1) or before (-1) in what is shown."""
        return neighbour(self._ordered, case_id, among=self._shown, step=step)

    def next_unreviewed(self, case_id: str | None) -> str | None:
        """The next shown case that is not reviewed."""
        return next_unreviewed(self._ordered, case_id, among=self._shown)

    def flags(self, index: Index) -> Qt.ItemFlag:
        return FLAGS

    def match(
        self,
        start: Index,
        role: int,
        value: object,
        /,
        hits: int = 1,
        flags: Qt.MatchFlag = Qt.MatchFlag.MatchStartsWith | Qt.MatchFlag.MatchWrap,
    ) -> list[QModelIndex]:
        """Where keys typed into the list lead: the next name, round the end, that begins so."""
        words, begin = folded(str(value)), start.row()
        for row in chain(range(begin, len(self._shown)), range(begin)):
            if self._shown[row].text.startswith(words):
                return [self.index(row)]
        return []

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._shown):
            return None
        item = self._shown[index.row()]
        if role == Qt.ItemDataRole.DecorationRole:
            return self._picture(item.id)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip_of(item)
        values: dict[int, object] = {
            Qt.ItemDataRole.DisplayRole: item.name,
            Qt.ItemDataRole.AccessibleTextRole: f"{item.name}, {item.words}",
            ID: item.id,
            ITEM: item,
        }
        return values.get(role)

    def _arrange(self, *, sort: bool = False) -> None:
        if sort:
            self._ordered = ordered(self._items, self._order)
        hits = found(self._ordered, self._search)
        self._counts = counts(hits)
        before, after = self._shown, let_through(hits, self._show)
        if [item.id for item in before] != [item.id for item in after]:
            self._lay_out(after)
            return
        self._shown = after
        for row, (old, new) in enumerate(zip(before, after, strict=True)):
            if old is not new and old != new:
                self.dataChanged.emit(self.index(row), self.index(row))

    def _lay_out(self, after: Sequence[CaseItem]) -> None:
        """Other rows; what is chosen stays chosen where it is still there."""
        self.layoutAboutToBeChanged.emit()
        kept = self.persistentIndexList()
        ids = [self._shown[index.row()].id for index in kept]
        had = self.rowCount()
        self._shown = after
        self._rows = {item.id: row for row, item in enumerate(after)}
        with QSignalBlocker(self):  # the new layout tells of all at once
            self.insertRows(had, max(0, len(after) - had))
            moved = [
                self.index(self._rows[one]) if one in self._rows else QModelIndex() for one in ids
            ]
            self.changePersistentIndexList(kept, moved)
            self.removeRows(len(after), max(0, had - len(after)))
        self.layoutChanged.emit()

    def _picture(self, case_id: str) -> QPixmap:
        if case_id not in self._pictures:
            while len(self._pictures) >= THUMBNAILS_HELD:
                self._pictures.popitem(last=False)
            self._pictures[case_id] = QPixmap()
            self._pictures[case_id].loadFromData(self._thumbnail(case_id) or b"")
        self._pictures.move_to_end(case_id)
        return self._pictures[case_id]


def tip_of(item: CaseItem) -> str:
    """All that is known of a case, for the pointer that rests on it."""
    films = f"{item.films} films of one patient" if item.films > 1 else ""
    parts = (item.name, item.status.replace("_", " "), item.activity, item.trouble, films)
    lines = "\n".join(part for part in parts if part)
    return f"{lines}\n\n{item.note}" if item.note else lines
