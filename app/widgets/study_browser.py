"""Choose films of a folder or disc: patients, studies and series on the left, pictures right.

Names of patients are on the screen here and nowhere else: they are not stored, logged or titled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QSortFilterProxyModel, Qt, Signal, Slot
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSplitter,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from app.widgets.browser_images import KEY, BrowserImage, BrowserImages, images_view
from app.widgets.fit import resize_on_screen
from app.widgets.job_status import JobStatus

NODE = Qt.ItemDataRole.UserRole
WORDS = Qt.ItemDataRole.UserRole + 1
FEW_ROWS = 24
"""A tree that is no longer than this is shown with all its branches open."""


@dataclass(frozen=True)
class BrowserNode:
    """A patient, study or series: what stands in its row, and what lies below it.

    Args:
        key: tells it from others beside it, so that it is known again when more was found.
    """

    title: str
    subtitle: str = ""
    children: tuple[BrowserNode, ...] = ()
    images: tuple[BrowserImage, ...] = ()
    key: object = None

    @property
    def all_images(self) -> tuple[BrowserImage, ...]:
        """Its own images and those of everything below it, in the order of the tree."""
        below = (image for child in self.children for image in child.all_images)
        return (*self.images, *below)


class StudyBrowser(QDialog):
    """Several series or images can be chosen; Enter and a double click open them.

    `chosen` gives the keys of the images to open, `thumbnail_wanted` one that came in sight: answer
    with `set_thumbnail`.
    """

    chosen = Signal(list)
    thumbnail_wanted = Signal(str)
    stopped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("DICOM films")
        resize_on_screen(self, 1080, 680)
        self._model = QStandardItemModel(self)
        self._proxy = QSortFilterProxyModel(self, recursiveFilteringEnabled=True)
        self._proxy.setAutoAcceptChildRows(True)
        self._proxy.setFilterRole(WORDS)
        self._proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._proxy.setSourceModel(self._model)
        self._images = BrowserImages()
        self._search = QLineEdit(placeholderText="Search for a name, number, date or description")
        self._search.setClearButtonEnabled(True)
        self._tree = _tree_view(self._proxy)
        self._wall = images_view(self._images)
        self._note = QLabel()
        self._note.setObjectName("secondary")
        self._note.setWordWrap(True)
        self._job = JobStatus()
        self._open = QPushButton("Open")
        self._open.setObjectName("primary")
        self._open.setDefault(True)
        self._lay_out()
        self._connect()
        self._follow_images()

    @Slot(int, int)
    def show_progress(self, done: int, total: int) -> None:
        """Files are being looked through; a total of 0 is not known yet."""
        self._note.hide()
        self._job.show_progress(done, total, f"Looking through {total or 'the'} files")

    def show_part(self, nodes: Sequence[BrowserNode]) -> None:
        """List what was found so far; what is chosen and open stays so."""
        was_empty = self._model.rowCount() == 0
        _merge(self._model.invisibleRootItem(), nodes)
        if _count(self._model) <= FEW_ROWS:
            self._tree.expandAll()
        self._tree.resizeColumnToContents(0)
        self._follow_rows()
        if not self._tree.selectionModel().hasSelection():
            self._choose_first()
        if was_empty:
            self._tree.setFocus()

    def show_nodes(self, nodes: Sequence[BrowserNode], *, note: str = "", more: str = "") -> None:
        """Everything is looked through; the first series is chosen where none was.

        Args:
            note: what else is to be said, like how many files were passed over.
            more: all of it, for whoever points at the note.
        """
        self.show_part(nodes)
        self.show_end(note, more=more)

    def show_end(self, note: str, *, more: str = "") -> None:
        """Nothing more will come; say why, or what else is to be said."""
        self._job.clear()
        self._note.setText(note)
        self._note.setToolTip(more)
        self._note.show()

    @Slot(str, bytes)
    def set_thumbnail(self, key: str, encoded: bytes) -> None:
        """A picture that was wanted."""
        self._images.set_picture(key, encoded)

    @property
    def keys(self) -> list[str]:
        """What opening would open: the chosen images, else all of the chosen rows."""
        rows = sorted(index.row() for index in self._wall.selectionModel().selectedIndexes())
        listed = self._images.images
        wanted = [listed[row] for row in rows] if rows else list(listed)
        return [image.key for image in wanted if not image.refusal]

    def _lay_out(self) -> None:
        halves = QSplitter()
        halves.addWidget(self._tree)
        halves.addWidget(self._wall)
        halves.setSizes([430, 650])
        halves.setChildrenCollapsible(False)
        close = QPushButton("Close")
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addWidget(self._job)
        foot.addWidget(self._note, 1)
        foot.addWidget(close)
        foot.addWidget(self._open)
        box = QVBoxLayout(self)
        box.setContentsMargins(18, 16, 18, 14)
        box.setSpacing(12)
        box.addWidget(self._search)
        box.addWidget(halves, 1)
        box.addLayout(foot)

    def _connect(self) -> None:
        self._search.textChanged.connect(self._filter)
        self._job.cancelled.connect(self.stopped)
        self._tree.selectionModel().selectionChanged.connect(self._follow_rows)
        self._wall.selectionModel().selectionChanged.connect(self._follow_images)
        self._images.modelReset.connect(self._follow_images)
        self._images.wanted.connect(self.thumbnail_wanted)
        self._open.clicked.connect(self._choose)
        self._tree.doubleClicked.connect(self._open_series)
        self._wall.doubleClicked.connect(self._open_image)

    def _choose_first(self) -> None:
        first = self._proxy.index(0, 0)
        while first.isValid() and self._proxy.hasChildren(first):
            first = self._proxy.index(0, 0, first)
        self._tree.setCurrentIndex(first)

    @Slot(str)
    def _filter(self, wanted: str) -> None:
        self._proxy.setFilterFixedString(wanted.strip())
        if wanted.strip():
            self._tree.expandAll()
        if not self._tree.selectionModel().hasSelection():
            self._choose_first()

    @Slot()
    def _follow_rows(self) -> None:
        listed: dict[str, BrowserImage] = {}
        for index in self._tree.selectionModel().selectedRows():
            node: BrowserNode = index.data(NODE)
            listed.update((image.key, image) for image in node.all_images)
        images = tuple(listed.values())
        if images != self._images.images:
            chosen = {index.data(KEY) for index in self._wall.selectionModel().selectedIndexes()}
            self._images.set_images(images)
            self._choose_images(chosen)

    def _choose_images(self, keys: set[str]) -> None:
        """Choose them again after others came between them."""
        flag = QItemSelectionModel.SelectionFlag.Select
        for row, image in enumerate(self._images.images):
            if image.key in keys:
                self._wall.selectionModel().select(self._images.index(row), flag)

    @Slot()
    def _follow_images(self) -> None:
        count = len(self.keys)
        self._open.setEnabled(count > 0)
        self._open.setText(f"Open {count} films" if count > 1 else "Open film")

    @Slot(QModelIndex)
    def _open_series(self, index: QModelIndex) -> None:
        if not self._proxy.hasChildren(index.siblingAtColumn(0)):
            self._wall.clearSelection()
            self._choose()

    @Slot(QModelIndex)
    def _open_image(self, index: QModelIndex) -> None:
        self.chosen.emit([index.data(KEY)])
        self.accept()

    @Slot()
    def _choose(self) -> None:
        keys = self.keys
        if keys:
            self.chosen.emit(keys)
            self.accept()


def _tree_view(model: QSortFilterProxyModel) -> QTreeView:
    tree = QTreeView(headerHidden=True, uniformRowHeights=True)
    tree.setModel(model)
    tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    tree.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    tree.setExpandsOnDoubleClick(True)
    tree.setAccessibleName("Patients, studies and series")
    return tree


def _merge(parent: QStandardItem, nodes: Sequence[BrowserNode]) -> None:
    """Make the rows below `parent` these, keeping the items of those that are there already."""
    for place, node in enumerate(nodes):
        old = parent.child(place)
        if old is None or old.data(NODE).key != node.key:
            parent.insertRow(place, _row(node))
        elif old.data(NODE) != node:
            _merge(old, node.children)
            _label(old, parent.child(place, 1), node)
    parent.removeRows(len(nodes), parent.rowCount() - len(nodes))


def _row(node: BrowserNode) -> list[QStandardItem]:
    title, subtitle = QStandardItem(), QStandardItem()
    _label(title, subtitle, node)
    for child in node.children:
        title.appendRow(_row(child))
    return [title, subtitle]


def _label(title: QStandardItem, subtitle: QStandardItem, node: BrowserNode) -> None:
    title.setData(node, NODE)
    for item, words in ((title, node.title), (subtitle, node.subtitle)):
        item.setText(words)
        item.setData(f"{node.title} {node.subtitle}", WORDS)
        item.setToolTip(f"{node.title}\n{node.subtitle}")


def _count(model: QStandardItemModel) -> int:
    def below(item: QStandardItem) -> int:
        return 1 + sum(below(item.child(row)) for row in range(item.rowCount()))

    return sum(below(model.item(row)) for row in range(model.rowCount()))
