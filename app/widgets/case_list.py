"""The cases of the library: search, filters, order; choose one, or several to act on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from PySide6.QtCore import (
    QItemSelectionModel,
    QMimeData,
    QModelIndex,
    QPoint,
    QSize,
    Qt,
    Signal,
    SignalInstance,
    Slot,
)
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListView,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.widgets.case_filter import ORDER_TITLES, CaseItem, Order, Show
from app.widgets.case_model import ID, ITEM, CaseModel
from app.widgets.case_row import CaseRow
from app.widgets.filter_chips import FilterChips
from app.widgets.search_field import SearchField

__all__ = ["CaseItem", "CaseList"]

ANALYSE, LOCALISE, EXPORT = "Analyse again", "Localise implants", "Export…"
IMPLANT = "implant"
"""The task whose cases are localised, and not analysed."""


class CaseList(QWidget):
    """Choose a case, look for some, drop files to open more.

    Every `…_requested` names the chosen cases.

    Args:
        thumbnail: case -> its picture (PNG, JPEG) or None; asked when the case is seen.
    """

    case_chosen = Signal(str)
    files_dropped = Signal(list)
    remove_requested = Signal(list)
    analyse_requested = Signal(list)
    localise_requested = Signal(list)
    export_requested = Signal(list)
    group_requested = Signal(list)
    ungroup_requested = Signal(list)

    def __init__(self, thumbnail: Callable[[str], bytes | None] = lambda _: None) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self._on_screen: str | None = None
        self._model = CaseModel(thumbnail)
        self._search = SearchField("Search cases")
        self._search.setToolTip("Words of names, notes and tasks, in any order")
        self._search.entered.connect(self._open_first)
        self._search.left_down.connect(self._enter_list)
        self._search.textChanged.connect(self._look_for)
        self._chips = FilterChips()
        self._chips.chosen.connect(self.show_only)
        self._view = _list_view(self._model)
        self._view.clicked.connect(self._choose)
        self._view.activated.connect(self._choose)
        self._view.customContextMenuRequested.connect(self._show_menu)
        self._nothing = _words_over(self._view)
        self._footer = QLabel("+  Drop films here")
        self._footer.setObjectName("dropfooter")
        self._footer.setAlignment(Qt.AlignmentFlag.AlignCenter)
        top = QHBoxLayout()
        top.addWidget(self._search, 1)
        top.addWidget(self._order_button())
        box = QVBoxLayout(self)
        box.setContentsMargins(10, 10, 10, 10)
        box.setSpacing(8)
        box.addLayout(top)
        box.addWidget(self._chips)
        box.addWidget(self._view, 1)
        box.addWidget(self._footer)

    # -- what is shown

    def set_cases(self, cases: Sequence[CaseItem]) -> None:
        """Show these cases, newest first; the chosen ones stay chosen."""
        with self._keeping_choice():
            self._model.set_items(cases)

    def show_only(self, show: Show) -> None:
        """Use a filter."""
        self._chips.chip(show).setChecked(True)
        with self._keeping_choice():
            self._model.set_show(show)

    def sort_by(self, order: Order) -> None:
        """Sort otherwise."""
        with self._keeping_choice():
            self._model.set_order(order)

    @property
    def current(self) -> str | None:
        """The case that keys act on."""
        index = self._view.currentIndex()
        return str(index.data(ID)) if index.isValid() else None

    @property
    def selected(self) -> list[str]:
        """The chosen cases, from top to bottom."""
        ranges = self._view.selectionModel().selection().toList()
        rows = {row for one in ranges for row in range(one.top(), one.bottom() + 1)}
        return [self._model.shown[row].id for row in sorted(rows)]

    @property
    def visible_cases(self) -> tuple[str, ...]:
        """The cases that search and filter leave, in order."""
        return tuple(item.id for item in self._model.shown)

    def neighbour(self, step: int) -> str | None:
        """The case after (1) or before (-1) the one on screen."""
        return self._model.neighbour(self._on_screen, step=step)

    def next_unreviewed(self) -> str | None:
        """The next case that is not reviewed."""
        return self._model.next_unreviewed(self._on_screen)

    def set_current(self, case_id: str | None) -> None:
        """Mark the case on screen; tells nobody."""
        self._on_screen = case_id
        self._delegate.on_screen = case_id
        row = None if case_id is None else self._model.row_of(case_id)
        if row is not None:
            index = self._model.index(row)
            select = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self._view.selectionModel().setCurrentIndex(index, select)
            self._view.scrollTo(index)
        self._view.viewport().update()

    # -- events

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete and self._view.hasFocus() and self.selected:
            self.remove_requested.emit(self.selected)
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

    # -- inside

    @property
    def _delegate(self) -> CaseRow:
        delegate = self._view.itemDelegate()
        assert isinstance(delegate, CaseRow)
        return delegate

    def _look_for(self, words: str) -> None:
        with self._keeping_choice():
            self._model.set_search(words)

    @contextmanager
    def _keeping_choice(self) -> Iterator[None]:
        """Around a change of the rows, which Qt does not follow where all of many are chosen.

        It remembers only the first and the last: what comes between them would be chosen too.
        """
        chosen, selection = self.selected, self._view.selectionModel()
        are_all = len(chosen) == len(self._model.shown) > 1
        if are_all:
            selection.clearSelection()
        yield
        if are_all:
            selection.select(
                self._model.ranges_of(chosen), QItemSelectionModel.SelectionFlag.Select
            )
        self._follow()

    def _follow(self) -> None:
        """Counts as they are; the case on screen is marked again where nothing else is chosen."""
        self._chips.tell(self._model.counts)
        self._nothing.setText(self._why_empty())
        if not self._view.selectionModel().hasSelection():
            self.set_current(self._on_screen)

    def _why_empty(self) -> str:
        if self._model.shown or not self._model.rows_in_all:
            return ""
        return "No case has these words. Esc shows all." if self._search.text() else "None."

    @Slot()
    def _open_first(self) -> None:
        if self._model.shown:
            self.case_chosen.emit(self._model.shown[0].id)

    @Slot()
    def _enter_list(self) -> None:
        """Keys go to the list; the first case where the one on screen is not shown."""
        if self._model.shown:
            if not self._view.currentIndex().isValid():
                self._view.setCurrentIndex(self._model.index(0))
            self._view.setFocus()

    def _choose(self, index: QModelIndex) -> None:
        """Open one case; Ctrl and Shift choose several and open none."""
        if index.isValid() and self.selected == [index.data(ID)]:
            self.case_chosen.emit(str(index.data(ID)))

    def _show_menu(self, at: QPoint) -> None:
        index = self._view.indexAt(at)
        if index.isValid():
            menu = self.menu_for(self.selected)
            menu.exec(self._view.viewport().mapToGlobal(at))

    def menu_for(self, ids: list[str]) -> QMenu:
        """What can be done with these cases."""
        menu = QMenu(self)
        if len(ids) == 1:
            menu.addAction("Open").triggered.connect(lambda: self.case_chosen.emit(ids[0]))
        for text, signal in self._verbs(ids):
            menu.addAction(text).triggered.connect(lambda _=False, one=signal: one.emit(ids))
            if text == EXPORT:
                self._offer_all(menu, chosen=len(ids))
        return menu

    def _offer_all(self, menu: QMenu, *, chosen: int) -> None:
        shown = list(self.visible_cases)
        if len(shown) > chosen:
            every = menu.addAction(f"Export all {len(shown)} shown…")
            every.triggered.connect(lambda: self.export_requested.emit(shown))

    def _verbs(self, ids: list[str]) -> list[tuple[str, SignalInstance]]:
        chosen = set(ids)
        items = [item for item in self._model.shown if item.id in chosen]
        grouped = any(item.films > 1 for item in items)
        verbs = [
            (ANALYSE, self.analyse_requested),
            (LOCALISE, self.localise_requested),
            (EXPORT, self.export_requested),
            ("Films of one patient", self.group_requested),
            ("Same patient as the film on screen", self.group_requested),
            ("Not of one patient", self.ungroup_requested),
            ("Remove from library…", self.remove_requested),
        ]
        left_out = {
            "Films of one patient": len(ids) < 2,
            "Same patient as the film on screen": len(ids) != 1 or ids == [self._on_screen],
            "Not of one patient": not grouped,
            ANALYSE: all(item.task == IMPLANT for item in items),
        }
        return [(text, signal) for text, signal in verbs if not left_out.get(text, False)]

    def _order_button(self) -> QToolButton:
        button = QToolButton()
        button.setText("Sort")
        button.setToolTip("How the cases are sorted")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        for order, title in ORDER_TITLES.items():
            menu.addAction(title).triggered.connect(lambda _=False, one=order: self.sort_by(one))
        button.setMenu(menu)
        return button

    def _light_footer(self, over: bool) -> None:
        self._footer.setProperty("over", over)
        self._footer.style().unpolish(self._footer)
        self._footer.style().polish(self._footer)


def _list_view(model: CaseModel) -> QListView:
    view = QListView()
    view.setModel(model)
    view.setItemDelegate(CaseRow(view, item_role=ITEM))
    view.setUniformItemSizes(True)
    view.setMouseTracking(True)
    view.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
    view.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
    view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    view.setAcceptDrops(False)
    view.setIconSize(QSize(40, 48))
    view.setAccessibleName("Cases")
    return view


def _words_over(view: QListView) -> QLabel:
    """A place for words in a list that shows nothing; the mouse goes through it."""
    words = QLabel()
    words.setObjectName("secondary")
    words.setWordWrap(True)
    words.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
    words.setContentsMargins(8, 24, 8, 8)
    words.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    box = QVBoxLayout(view.viewport())
    box.setContentsMargins(0, 0, 0, 0)
    box.addWidget(words)
    return words


def _local_files(mime: QMimeData) -> list[str]:
    return [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]
