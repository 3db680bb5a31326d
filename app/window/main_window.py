"""The one window: library left, canvas in the middle, the task's panel right; layout only."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QMenu, QStackedWidget, QWidget

from app.canvas.cine_view import CineView
from app.canvas.state import ViewState
from app.session.asking import Asking
from app.session.editing import Editing
from app.session.queue import Queue
from app.session.session import Session
from app.widgets.empty_page import WelcomePage
from app.widgets.toast import Message, Offer, Toast
from app.window.actions import CONTEXT_ACTIONS, build_menus
from app.window.actions_by_task import TaskActions
from app.window.cine import CineRoom
from app.window.commands import Commands
from app.window.compare import Compare
from app.window.film_details import FilmDetails
from app.window.panels import TaskPanels
from app.window.samples import open_sample, sample_cards
from app.window.status import StatusLine
from app.window.worklist import Worklist
from domain.errors import CaliperError, Cancelled
from inference.manifest import Manifest

VIEW_STATE_REST_MS = 600
TITLE_BAR_PX = 28


class MainWindow(QMainWindow):
    """Holds the rooms together; decides nothing."""

    saved = Signal(float)
    save_trouble = Signal(str)
    ended = Signal()

    def __init__(
        self,
        session: Session,
        asking: Asking,
        editing: Editing,
        *,
        queue: Queue,
        catalogue: Manifest,
    ) -> None:
        super().__init__()
        self.setWindowTitle("Caliper")
        room = self.screen().availableGeometry()
        self.resize(min(1440, room.width()), min(900, room.height() - TITLE_BAR_PX))
        self.setAcceptDrops(True)
        self.catalogue = catalogue
        self.may_close: Callable[[], bool] = lambda: True
        self._session, self._asking, self._editing = session, asking, editing
        self.view = CineView()
        self.view.vertical_down_brighter = session.settings.down_is_brighter
        self.commands = Commands(self, session=session, asking=asking, editing=editing)
        self._pages = QStackedWidget()
        self._welcome = WelcomePage(sample_cards())
        self._pages.addWidget(self._welcome)
        self.compare = Compare(self)
        self._pages.addWidget(self.compare.page)
        self.setCentralWidget(self._pages)
        # Before any tool of a panel: a film must be on the canvas before what is drawn on it.
        session.case_shown.connect(self._show_case)
        self.commands.cine = CineRoom(self)
        self.task_panels = TaskPanels(self)
        self.panel_dock = self._dock(
            "Task", self.task_panels, Qt.DockWidgetArea.RightDockWidgetArea
        )
        self.status = StatusLine()
        self.setStatusBar(self.status)
        self.worklist = Worklist(self, queue)
        cases = self.worklist.list
        self.library_dock = self._dock("Library", cases, Qt.DockWidgetArea.LeftDockWidgetArea)
        self.resizeDocks(
            [self.library_dock, self.panel_dock], [230, 300], Qt.Orientation.Horizontal
        )
        self._toast = Toast(self._pages)
        self._pages.currentChanged.connect(self._toast.raise_)  # a page that comes up covers it
        self.actions_by_name = build_menus(self.menuBar(), canvas=self.view, commands=self.commands)
        self._view_rest = QTimer(self, singleShot=True, interval=VIEW_STATE_REST_MS)
        self._connect()
        FilmDetails(self)
        self.task_actions = TaskActions(self)
        self.view.installEventFilter(self)
        self.show_welcome()

    @property
    def session(self) -> Session:
        """The sitting that this window shows."""
        return self._session

    @property
    def asking(self) -> Asking:
        """Questions under way."""
        return self._asking

    @property
    def editing(self) -> Editing:
        """The hand."""
        return self._editing

    def _dock(self, title: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(title)
        dock.setFeatures(QDockWidget.DockWidgetFeature.NoDockWidgetFeatures)
        dock.setTitleBarWidget(QWidget())
        dock.setWidget(widget)
        self.addDockWidget(area, dock)
        return dock

    def _connect(self) -> None:
        session, asking = self._session, self._asking
        session.leaving.connect(self._save_view_state)
        session.trouble.connect(self.show_trouble)
        session.reading.connect(self.status.tell_reading)
        session.reading_finished.connect(self.status.tell_reading_finished)
        asking.trouble.connect(self.show_trouble)
        asking.progressed.connect(self.status.tell_progress)
        asking.busy_changed.connect(self.status.tell_busy)
        asking.ended.connect(self._tell_cancelled)
        self.status.cancelled.connect(asking.cancel)
        self.status.cancelled.connect(session.stop_reading)
        self._welcome.open_files.connect(self.commands.choose_files)
        self._welcome.open_folder.connect(self.commands.choose_folder)
        self._welcome.sample_chosen.connect(self._open_sample)
        self.view.view_changed.connect(self._view_rest.start)
        self.view.context_menu_requested.connect(self._show_context_menu)
        self._view_rest.timeout.connect(self._save_view_state)

    def show_welcome(self) -> None:
        """The first page."""
        self._pages.setCurrentWidget(self._welcome)

    def say(self, what: str, more: str = "", *, offer: Offer | None = None) -> None:
        """A short message over the canvas."""
        self._toast.show_message(what, more, is_passing=True, offer=offer)

    @Slot(object)
    def show_trouble(self, error: CaliperError) -> None:
        """A failure in words; whatever is open stays."""
        more = f"{error.why} {error.remedy}".strip()
        self._toast.show_message(error.what, more, offer=self.commands.find_films.offer_for(error))

    def dismiss_message(self) -> bool:
        """Close the messages over the canvas; False where there are none."""
        return self._toast.dismiss()

    @property
    def messages(self) -> tuple[Message, ...]:
        """All that was said this sitting."""
        return self._toast.said

    @Slot()
    def _show_case(self) -> None:
        current, image = self._session.current, self._session.image
        self.view.show_image(image)
        if current is None:
            self.show_welcome()
            return
        stored = self._session.library.view_state(current.case.id)
        with suppress(ValueError):  # a damaged view state is worth no word: the film is shown whole
            self.view.apply_view_state(ViewState.from_json(stored or ""))
        self._pages.setCurrentWidget(self.compare.page)
        self.setWindowTitle(f"{current.case.name} – Caliper")
        self.view.setFocus()

    @Slot()
    def _save_view_state(self) -> None:
        self._view_rest.stop()
        current = self._session.current
        if current is not None and not self._session.library.read_only:
            state = self.view.view_state().to_json()
            self._session.library.save_view_state(current.case.id, state)

    @Slot(int, str, object)
    def _tell_cancelled(self, _request: int, case_id: str, error: CaliperError | None) -> None:
        current, decisions = self._session.current, self._session.decisions
        if isinstance(error, Cancelled) and current is not None and current.case.id == case_id:
            is_empty = decisions is None or not (decisions.points or decisions.implants)
            self.status.tell_cancelled(self.task_actions.again if is_empty else "")

    @Slot(QPoint)
    def _show_context_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        for group in CONTEXT_ACTIONS:
            actions = [self.actions_by_name[name] for name in group]
            menu.addActions([action for action in actions if action.isEnabled()])
            menu.addSeparator()
        menu.exec(self.view.mapToGlobal(at))

    @Slot(str)
    def _open_sample(self, name: str) -> None:
        open_sample(self._session, name)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hide the overlays while O is held on the canvas."""
        if event.type() == QEvent.Type.FocusOut:  # the release would go elsewhere
            self.view.set_overlays_visible(True)
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_O:
            is_press = event.type() == QEvent.Type.KeyPress
            is_plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
            if (is_plain or not is_press) and not event.isAutoRepeat():
                self.view.set_overlays_visible(not is_press)
            return event.type() in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease)
        return bool(super().eventFilter(watched, event))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files may be dropped anywhere."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        self.commands.open_paths(paths)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Write what the hand holds before the window goes."""
        self._editing.finish()
        self._save_view_state()
        if self.may_close():
            super().closeEvent(event)
        else:
            event.ignore()

    def shut_down(self) -> None:
        """End the engine, commit everything."""
        self._editing.finish()
        self.worklist.shut_down()
        self.ended.emit()
        self._session.close()
