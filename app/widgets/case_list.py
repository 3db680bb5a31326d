"""The cases of the library: thumbnail, name, status; search, drop, remove."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QSize,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeyEvent, QPixmap
from PySide6.QtWidgets import QLabel, QLineEdit, QListView, QMenu, QVBoxLayout, QWidget

from app.widgets.case_row import CaseRow

ID = Qt.ItemDataRole.UserRole
STATUS = Qt.ItemDataRole.UserRole + 1
THUMBNAILS_HELD = 500

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class CaseItem:
    """One case.

    Args:
        status: "new", "in_work" or "reviewed".
        thumbnail: an encoded picture (PNG, JPEG), or nothing yet.
    """

    id: str
    name: str
    status: str
    thumbnail: bytes | None = None


class CaseModel(QAbstractListModel):
    """The cases as Qt's lists ask for them."""

    def __init__(self) -> None:
        super().__init__()
        self._items: tuple[CaseItem, ...] = ()
        self._pictures: dict[tuple[str, int], QPixmap] = {}

    @property
    def items(self) -> tuple[CaseItem, ...]:
        """Every case."""
        return self._items

    def set_items(self, items: Sequence[CaseItem]) -> None:
        """Show other cases; only what differs is drawn again."""
        new = tuple(items)
        same = [item.id for item in new] == [item.id for item in self._items]
        if same:
            changed = [n for n, (a, b) in enumerate(zip(new, self._items, strict=True)) if a != b]
            self._items = new
            for row in changed:
                self.dataChanged.emit(self.index(row), self.index(row))
            return
        self.beginResetModel()
        self._items = new
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        item = self._items[index.row()]
        if role == Qt.ItemDataRole.DecorationRole:
            return self._picture(item)
        values: dict[int, object] = {
            Qt.ItemDataRole.DisplayRole: item.name,
            Qt.ItemDataRole.ToolTipRole: f"{item.name}\n{_words(item)}",
            Qt.ItemDataRole.AccessibleTextRole: f"{item.name}, {_words(item)}",
            ID: item.id,
            STATUS: item.status,
        }
        return values.get(role)

    def _picture(self, item: CaseItem) -> QPixmap | None:
        if not item.thumbnail:
            return None
        key = (item.id, len(item.thumbnail))
        if key not in self._pictures:
            if len(self._pictures) >= THUMBNAILS_HELD:
                self._pictures.clear()
            picture = QPixmap()
            picture.loadFromData(item.thumbnail)
            self._pictures[key] = picture
        return self._pictures[key]


class CaseList(QWidget):
    """Choose a case, look for one, drop files to open more."""

    case_chosen = Signal(str)
    files_dropped = Signal(list)
    remove_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self._model = CaseModel()
        self._proxy = QSortFilterProxyModel(self)
        self._proxy.setSourceModel(self._model)
        self._proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._search = QLineEdit(placeholderText="Search cases")
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(self._proxy.setFilterFixedString)
        self._view = _list_view(self._proxy)
        self._view.clicked.connect(self._choose)
        self._view.activated.connect(self._choose)
        self._view.customContextMenuRequested.connect(self._show_menu)
        self._footer = QLabel("+  Drop films here")
        self._footer.setObjectName("dropfooter")
        self._footer.setAlignment(Qt.AlignmentFlag.AlignCenter)
        box = QVBoxLayout(self)
        box.setContentsMargins(10, 10, 10, 10)
        box.setSpacing(8)
        box.addWidget(self._search)
        box.addWidget(self._view, 1)
        box.addWidget(self._footer)

    def set_cases(self, cases: Sequence[CaseItem]) -> None:
        """Show these cases; the chosen one stays chosen."""
        chosen = self.current
        self._model.set_items(cases)
        if chosen is not None:
            self.set_current(chosen)

    @property
    def current(self) -> str | None:
        """The chosen case."""
        index = self._view.currentIndex()
        return str(index.data(ID)) if index.isValid() else None

    @property
    def visible_cases(self) -> tuple[str, ...]:
        """The cases that the search leaves, in order."""
        rows = range(self._proxy.rowCount())
        return tuple(str(self._proxy.index(row, 0).data(ID)) for row in rows)

    def set_current(self, case_id: str) -> None:
        """Mark the case on screen; tells nobody."""
        for row, item in enumerate(self._model.items):
            if item.id == case_id:
                index = self._proxy.mapFromSource(self._model.index(row))
                if index.isValid() and index != self._view.currentIndex():
                    self._view.setCurrentIndex(index)
                    self._view.scrollTo(index)
                return

    def keyPressEvent(self, event: QKeyEvent) -> None:
        current = self.current
        if event.key() == Qt.Key.Key_Delete and self._view.hasFocus() and current is not None:
            self.remove_requested.emit(current)
            return
        super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _local_files(event.mimeData()):
            event.acceptProposedAction()
            self._light_footer(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._light_footer(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._light_footer(False)
        files = _local_files(event.mimeData())
        if files:
            event.acceptProposedAction()
            self.files_dropped.emit(files)

    def _choose(self, index: QModelIndex) -> None:
        if index.isValid():
            self.case_chosen.emit(str(index.data(ID)))

    def _show_menu(self, at: QPoint) -> None:
        index = self._view.indexAt(at)
        if not index.isValid():
            return
        case_id = str(index.data(ID))
        menu = QMenu(self)
        menu.addAction("Open").triggered.connect(lambda: self.case_chosen.emit(case_id))
        remove = menu.addAction("Remove from library…")
        remove.triggered.connect(lambda: self.remove_requested.emit(case_id))
        menu.exec(self._view.viewport().mapToGlobal(at))

    def _light_footer(self, over: bool) -> None:
        self._footer.setProperty("over", over)
        self._footer.style().unpolish(self._footer)
        self._footer.style().polish(self._footer)


def _list_view(model: QSortFilterProxyModel) -> QListView:
    view = QListView()
    view.setModel(model)
    view.setItemDelegate(CaseRow(view, status_role=STATUS))
    view.setUniformItemSizes(True)
    view.setMouseTracking(True)
    view.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
    view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    view.setAcceptDrops(False)
    view.setIconSize(QSize(40, 48))
    view.setAccessibleName("Cases")
    return view


def _words(item: CaseItem) -> str:
    return item.status.replace("_", " ")


def _local_files(mime: QMimeData) -> list[str]:
    return [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]
