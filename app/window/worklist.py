"""Working through a list: the cases at the left, the next one by key, notes, and the queue."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QDockWidget, QFileDialog, QMessageBox, QWidget

from app.library.cases import CaseStatus
from app.session.queue import ENDED, Queue, RowState
from app.widgets.case_list import CaseList
from app.widgets.fit import Scrolled
from app.widgets.note_editor import NoteEditor
from app.widgets.queue_panel import QueuePanel, queue_words, state_words
from app.window.case_rows import CaseRows
from domain.errors import CaliperError, Cancelled, LibraryReadOnly

if TYPE_CHECKING:
    from app.window.main_window import MainWindow

CORNERS = (
    (Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea),
    (Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea),
)


class Worklist(QObject):
    """The list of cases with what belongs to each: status, note, what is being done, what failed.

    What is answered or refused for a case that is not on screen stands in its row.
    """

    def __init__(self, window: MainWindow, queue: Queue) -> None:
        super().__init__(window)
        self._window, self._session, self._queue = window, window.session, queue
        self._rows = CaseRows()
        self._shows_first = False
        self.list = CaseList(self._thumbnail)
        self.note, self.queue_panel = NoteEditor(), QueuePanel(queue)
        self.note_dock = self._dock("Note", self.note, Qt.DockWidgetArea.RightDockWidgetArea)
        for corner, area in CORNERS:  # the list and the task keep their height above the queue
            window.setCorner(corner, area)
        self.queue_dock = self._dock(
            "Queue",
            Scrolled(self.queue_panel, keeps=Qt.Orientation.Vertical),
            Qt.DockWidgetArea.BottomDockWidgetArea,
        )
        self._connect_list()
        self._connect_rest()
        self.refresh()

    def _dock(self, title: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        """A place in the window that is hidden until it is asked for."""
        dock = QDockWidget(title, self._window)
        dock.setObjectName(title)
        dock.setFeatures(QDockWidget.DockWidgetFeature.NoDockWidgetFeatures)
        dock.setTitleBarWidget(QWidget())
        dock.setWidget(widget)
        self._window.addDockWidget(area, dock)
        dock.hide()
        return dock

    def _connect_list(self) -> None:
        cases = self.list
        cases.case_chosen.connect(self._session.show)
        cases.files_dropped.connect(self._open_names)
        cases.remove_requested.connect(self.remove)
        cases.analyse_requested.connect(self.analyse_again)
        cases.export_requested.connect(
            lambda ids: self._window.commands.exporting.export_cases(ids)
        )
        cases.group_requested.connect(self.group)
        cases.ungroup_requested.connect(self.ungroup)

    def _connect_rest(self) -> None:
        session, queue, status = self._session, self._queue, self._window.status
        session.cases_changed.connect(self.refresh)
        session.case_shown.connect(self._follow_case)
        session.leaving.connect(self.note.finish)
        session.removed.connect(self._forget)
        self._window.asking.ended.connect(self._note_end)
        self._window.editing.accepted.connect(self._move_on)
        queue.row_changed.connect(self._note_row)
        queue.rows_changed.connect(self._note_waiting)
        queue.trouble.connect(self._window.show_trouble)
        for signal in (queue.rows_changed, queue.row_changed, queue.paused_changed):
            signal.connect(lambda *_: status.tell_queue(queue_words(queue)))
        status.queue_asked.connect(self.toggle_queue)
        self.queue_panel.case_chosen.connect(session.show)
        self.queue_panel.closed.connect(self.queue_dock.hide)
        self.note.typed.connect(status.tell_typing)
        self.note.written.connect(lambda case_id, note: session.describe(case_id, note=note))

    # -- going through the list

    def step(self, step: int) -> None:
        """Show the next (1) or previous (-1) case of what the list shows."""
        case_id = self.list.neighbour(step)
        if case_id is not None and self._session.current is not None:
            self._session.show(case_id)

    def show_next_unreviewed(self) -> None:
        """Show the next case that is not reviewed."""
        case_id = self.list.next_unreviewed()
        if case_id is None:
            self._window.say("Every other case in the list is reviewed.")
        else:
            self._session.show(case_id)

    @Slot()
    def _move_on(self) -> None:
        if self._session.settings.moves_on:
            self.show_next_unreviewed()

    # -- what is done with chosen cases

    @Slot(list)
    def remove(self, case_ids: Sequence[str]) -> None:
        """Take cases out of the library after asking; the files stay where they are."""
        if not case_ids:
            return
        what = self._session.opened(case_ids[0]).case.name
        whose, film = "its history", "The film itself stays."
        if len(case_ids) > 1:
            what, whose, film = f"{len(case_ids)} cases", "their histories", "The films stay."
        text = f"Remove {what} and {whose} from the library? {film}"
        if self._agrees("Remove from library", text):
            try:
                self._session.remove(*case_ids)
            except CaliperError as error:
                self._window.show_trouble(error)

    @Slot(list)
    def analyse_again(self, case_ids: Sequence[str]) -> None:
        """Ask for fresh proposals; those that a person accepted only after asking."""
        if self._is_refused():
            return
        reviewed = sum(self._session.case(one).status is CaseStatus.REVIEWED for one in case_ids)
        words = "1 case is" if reviewed == 1 else f"{reviewed} cases are"
        text = f"{words} reviewed. Find the corners anew? Undo in the case brings yours back."
        if not reviewed or self._agrees("Analyse again", text):
            self._queue.add_cases(case_ids, again=True)

    @Slot(list)
    def group(self, case_ids: Sequence[str]) -> None:
        """These are films of one patient, a single one together with the film on screen."""
        current = self._session.current
        if len(case_ids) == 1 and current is not None:
            case_ids = [*case_ids, current.case.id]
        if self._is_refused() or len(case_ids) < 2:
            return
        cases = self._session.listing.shown()
        chosen = set(case_ids)
        persons = {case.person for case in cases if case.id in chosen and case.person}
        key = min(persons, default=uuid4().hex)
        # Whoever is the same as one of them is the same as all.
        same = [case.id for case in cases if case.id in chosen or case.person in persons]
        self._session.describe(*same, person=key)

    @Slot(list)
    def ungroup(self, case_ids: Sequence[str]) -> None:
        """These films belong to no other."""
        if not self._is_refused():
            self._session.describe(*case_ids, person="")

    # -- the queue

    def analyse_folder(self) -> None:
        """Ask for a folder; every film in it becomes a case with its corners found."""
        name = QFileDialog.getExistingDirectory(self._window, "Analyse a folder of films")
        if name:
            self.analyse([Path(name)])

    def analyse(self, paths: Sequence[Path]) -> None:
        """Find corners in every film of these folders; the first comes on an empty screen."""
        self._shows_first = self._session.current is None
        self.queue_dock.show()
        self._queue.add_folder(paths)

    def toggle_queue(self) -> None:
        """Show or hide what is being analysed."""
        self.queue_dock.setVisible(self.queue_dock.isHidden())

    def toggle_note(self) -> None:
        """Write a note about the case on screen, or go back to the film."""
        showing = self.note_dock.isHidden() or not self.note.is_written_in
        self.note_dock.setVisible(showing)
        (self.note if showing else self._window.view).setFocus()

    def shut_down(self) -> None:
        """Keep what was typed; begin nothing more."""
        self.note.finish()
        self._queue.close()

    # -- what the rows say

    @Slot()
    def refresh(self) -> None:
        """Read the cases of the sitting again; only what differs is made and drawn anew."""
        self.list.set_cases(self._rows.items(self._session.listing.shown()))

    @Slot()
    def _follow_case(self) -> None:
        current, library = self._session.current, self._session.library
        self.list.set_current(current.case.id if current else None)
        self.note.show_note(
            current.case.id if current else None,
            current.case.note if current else "",
            read_only=library.read_only,
        )

    @Slot()
    def _note_waiting(self) -> None:
        for row in self._queue.rows:
            if row.case_id and row.state is RowState.WAITING:
                self._rows.note_activity(row.case_id, state_words(row))
        self.refresh()

    @Slot(int)
    def _note_row(self, key: int) -> None:
        row = self._queue.row(key)
        if not row.case_id:
            return
        self._rows.note_activity(row.case_id, state_words(row) if row.state not in ENDED else "")
        if row.state is RowState.FAILED:
            self._rows.note_trouble(row.case_id, row.reason)
        self.refresh()
        if self._shows_first and self._session.current is None:
            self._shows_first = False
            self._session.show(row.case_id)

    @Slot(int, str, object)
    def _note_end(self, _request: int, case_id: str, error: CaliperError | None) -> None:
        if not isinstance(error, Cancelled):
            self._rows.note_trouble(case_id, "" if error is None else str(error))
            self.refresh()

    @Slot(str)
    def _forget(self, case_id: str) -> None:
        self.note.forget(case_id)
        self._rows.forget(case_id)

    def _thumbnail(self, case_id: str) -> bytes | None:
        with suppress(CaliperError):  # a list without pictures is still a list
            return self._session.library.thumbnail(case_id)
        return None

    def _agrees(self, title: str, text: str) -> bool:
        answer = QMessageBox.question(self._window, title, text)
        return answer == QMessageBox.StandardButton.Yes

    def _is_refused(self) -> bool:
        """Whether nothing may be changed here; the person is told why."""
        library = self._session.library
        if library.read_only:
            what = "The library cannot be changed here."
            self._window.show_trouble(LibraryReadOnly(what, why=library.why))
        return library.read_only

    @Slot(list)
    def _open_names(self, names: list[str]) -> None:
        self._window.commands.open_paths([Path(name) for name in names])
