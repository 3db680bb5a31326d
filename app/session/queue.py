"""Films that are analysed one after the other while a person works on something else."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import count
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from app.session.asking import Asking
from app.session.fetching import Fetching
from app.session.manner import Manner
from app.session.session import EARLIER_S, OpenCase, Session
from domain.errors import CaliperError, Cancelled, ImageMismatch, LibraryReadOnly
from domain.image import Image, Study
from inference.contracts import Lane, Progress

AT_ONCE = 2  # films held decoded: one is asked about while the next is read
FOUND = {"vertebrae": "It has corners already.", "implant": "It is localised already."}
CANCELLED = "Cancelled."


class RowState(StrEnum):
    """How far a row of the queue is."""

    WAITING = "waiting"
    READING = "reading"
    FINDING = "finding"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


ENDED = frozenset((RowState.DONE, RowState.FAILED, RowState.SKIPPED))


@dataclass(frozen=True)
class QueueRow:
    """One film of the queue.

    Args:
        case_id: its case, "" until the film was read.
        reason: why it failed or was skipped, for a person.
        created: when its case counts as made, so that a folder keeps its order.
        again: ask also where corners were found before.
        request: the question under way, or 0.
        task: of its case, "" until the film was read.
        manner: how a person wants it asked; None for as its task asks.
        tenths: of the question under way that are done.
    """

    key: int
    name: str
    path: Path
    case_id: str = ""
    state: RowState = RowState.WAITING
    reason: str = ""
    created: float = 0.0
    again: bool = False
    request: int = 0
    task: str = ""
    manner: Manner | None = None
    tenths: int = 0


class Queue(QObject):
    """Reads, opens and asks about film after film; holds no pixels of those that wait.

    A film that comes on screen while it waits is asked about at once, before all others.
    """

    rows_changed = Signal()  # rows came or went
    row_changed = Signal(int)  # key of a row that is further
    paused_changed = Signal(bool)
    trouble = Signal(object)

    def __init__(
        self,
        session: Session,
        asking: Asking,
        *,
        films: Fetching,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(session)
        self._session, self._asking, self._films, self._clock = session, asking, films, clock
        self._rows: dict[int, QueueRow] = {}
        self._waiting: deque[int] = deque()
        self._keys = count(1)
        self._paused = False
        self._pace_since, self._ended_since = clock(), 0
        films.listed.connect(self._take_files)
        films.unlisted.connect(self.trouble)
        films.fetched.connect(self._take_film)
        films.refused.connect(self._take_refusal)
        asking.ended.connect(self._take_end)
        asking.jobs.progressed.connect(self._take_progress)
        session.imported.connect(self._take_import)
        session.case_shown.connect(self._hurry)
        session.removed.connect(self._forget)

    # -- what is in it

    @property
    def rows(self) -> tuple[QueueRow, ...]:
        """Every row, in the order they came."""
        return tuple(self._rows.values())

    def row(self, key: int) -> QueueRow:
        """One row."""
        return self._rows[key]

    @property
    def is_paused(self) -> bool:
        """Whether no further row is begun."""
        return self._paused

    def count(self, *states: RowState) -> int:
        """How many rows are in any of these states."""
        return sum(row.state in states for row in self._rows.values())

    @property
    def open_count(self) -> int:
        """How many rows have not ended."""
        return len(self._rows) - self.count(*ENDED)

    @property
    def seconds_left(self) -> float | None:
        """Time to go at the pace so far; None while nobody can know."""
        if self._paused or self._ended_since < AT_ONCE:
            return None
        return (self._clock() - self._pace_since) / self._ended_since * self.open_count

    # -- what a person does with it

    def add_folder(self, paths: Iterable[Path]) -> None:
        """Open every film of these folders as a case and find its corners."""
        library = self._session.library
        if library.read_only:
            self.trouble.emit(LibraryReadOnly("Nothing can be analysed here.", why=library.why))
        else:
            self._films.list_files(paths)

    def add_cases(
        self, case_ids: Iterable[str], *, again: bool = False, manner: Manner | None = None
    ) -> None:
        """Ask about cases; `again` also where something was found before.

        Args:
            manner: how, and of which of them.
        """
        open_now = {row.case_id: row for row in self._rows.values() if row.state not in ENDED}
        for case_id in dict.fromkeys(case_ids):
            earlier = open_now.get(case_id)
            if earlier is not None and (manner is None or manner.is_same_as(earlier.manner)):
                continue
            if earlier is not None:  # the newer wish is what counts
                self._give_up(earlier, CANCELLED)
                del self._rows[earlier.key]
            case = self._session.opened(case_id).case
            row = QueueRow(next(self._keys), case.name, Path(case.path), case_id, again=again)
            self._append(replace(row, task=case.task, manner=manner))
        self._tell_rows()

    def pause(self) -> None:
        """Begin no further row; what is under way ends."""
        self._set_paused(True)

    def resume(self) -> None:
        """Go on."""
        self._set_paused(False)

    def cancel(self) -> None:
        """End every row that has not ended; what was found stays."""
        self._waiting.clear()
        for row in self.rows:
            if row.state not in ENDED:
                self._give_up(row, CANCELLED)
        self._set_paused(False)

    def retry_failed(self) -> None:
        """Try every failed row once more."""
        for row in self.rows:
            if row.state is RowState.FAILED:
                self._change(row, state=RowState.WAITING, reason="", request=0)
                self._waiting.append(row.key)
        self._restart_pace()
        self._work()

    def clear_ended(self) -> None:
        """Take the rows that have ended off the list."""
        self._rows = {key: row for key, row in self._rows.items() if row.state not in ENDED}
        self.rows_changed.emit()

    def close(self) -> None:
        """Begin nothing more, and wait for the film being read."""
        self._waiting.clear()
        self._films.close()

    # -- how it works them off

    def _append(self, row: QueueRow) -> None:
        if self.open_count == 0:
            self._restart_pace()
        self._rows[row.key] = row
        self._waiting.append(row.key)

    def _tell_rows(self) -> None:
        self.rows_changed.emit()
        self._work()

    def _set_paused(self, paused: bool) -> None:
        if paused != self._paused:
            self._paused = paused
            self.paused_changed.emit(paused)
        self._restart_pace()
        self._work()

    def _restart_pace(self) -> None:
        self._pace_since, self._ended_since = self._clock(), 0

    def _work(self) -> None:
        while self._waiting and not self._paused:
            if self.count(RowState.READING, RowState.FINDING) >= AT_ONCE:
                return
            row = self._rows.get(self._waiting.popleft())
            if row is not None and row.state is RowState.WAITING:
                self._begin(row, lane=Lane.BATCH)

    def _begin(self, row: QueueRow, *, lane: Lane) -> None:
        try:
            opened = self._session.opened(row.case_id) if row.case_id else None
        except CaliperError as error:
            self._end(row, RowState.FAILED, str(error))
            return
        image = None if opened is None else self._session.image_of(opened.case)
        if opened is not None and _is_found(row, opened):
            self._end(row, RowState.SKIPPED, _found(row))
        elif opened is None or image is None:
            self._change(row, state=RowState.READING)
            page = 0 if opened is None else opened.case.page
            self._films.fetch(row.key, row.path, page=page)
        else:
            self._find(row, opened, image, lane=lane)

    def _find(self, row: QueueRow, opened: OpenCase, image: Image, *, lane: Lane) -> None:
        try:
            request = self._asking.propose(opened, image, lane=lane, manner=row.manner)
        except CaliperError as error:
            self._end(row, RowState.FAILED, str(error))
        else:
            self._change(row, state=RowState.FINDING, request=request, tenths=0)

    def _change(self, row: QueueRow, **changes: object) -> QueueRow:
        changed = replace(row, **changes)  # type: ignore[arg-type]
        self._rows[row.key] = changed
        self.row_changed.emit(row.key)
        return changed

    def _end(self, row: QueueRow, state: RowState, reason: str = "") -> None:
        self._ended_since += 1
        self._change(row, state=state, reason=reason, request=0)

    def _give_up(self, row: QueueRow, why: str) -> None:
        self._end(row, RowState.SKIPPED, why)
        if row.request:
            self._asking.cancel_request(row.request)

    @Slot(object)
    def _take_files(self, files: tuple[Path, ...]) -> None:
        begun = self._session.moment()
        open_now = {row.path for row in self._rows.values() if row.state not in ENDED}
        for number, path in enumerate(files):
            if path not in open_now:
                created = begun - EARLIER_S * number
                self._append(QueueRow(next(self._keys), path.stem, path, created=created))
        self._tell_rows()

    @Slot(object, object)
    def _take_import(self, opened: OpenCase, _image: Image) -> None:
        """A new film that did not come on screen waits for its turn; its pixels are let go."""
        settings = self._session.settings
        is_wanted = settings.finds_on_opening and settings.network_follows
        is_elsewhere = opened is not self._session.current
        if is_wanted and is_elsewhere and self._asking.proposes_for(opened):
            self.add_cases((opened.case.id,))

    @Slot(int, object, bytes)
    def _take_film(self, key: int, study: Study, thumbnail: bytes) -> None:
        row = self._rows.get(key)
        if row is None or row.state is not RowState.READING:  # cancelled meanwhile
            return
        try:
            opened = self._case_of(row, study, thumbnail)
        except CaliperError as error:
            self._end(row, RowState.FAILED, str(error))
        else:
            case = opened.case
            row = self._change(row, case_id=case.id, name=case.name, task=case.task)
            if _is_found(row, opened):
                self._end(row, RowState.SKIPPED, _found(row))
            else:
                self._find(row, opened, study.image, lane=Lane.BATCH)
        self._work()

    def _case_of(self, row: QueueRow, study: Study, thumbnail: bytes) -> OpenCase:
        if not row.case_id:
            return self._session.adopt(study, thumbnail, created=row.created)
        opened = self._session.opened(row.case_id)
        if opened.case.image_sha256 != study.image.sha256:
            raise ImageMismatch(
                f"{row.name} is not the film it was.",
                why="The file holds other pixels than those this case was made on.",
                remedy="Open the file again to make a new case of it.",
            )
        return opened

    @Slot(int, object)
    def _take_refusal(self, key: int, error: CaliperError) -> None:
        row = self._rows.get(key)
        if row is not None and row.state is RowState.READING:
            self._end(row, RowState.FAILED, str(error))
        self._work()

    @Slot(int, str, object)
    def _take_end(self, request_id: int, _case_id: str, error: CaliperError | None) -> None:
        row = self._asked_by(request_id)
        if row is None:
            return
        if error is None:
            self._end(row, RowState.DONE)
        elif isinstance(error, Cancelled):
            self._end(row, RowState.SKIPPED, CANCELLED)
        else:
            self._end(row, RowState.FAILED, str(error))
        self._work()

    @Slot(object)
    def _take_progress(self, progress: Progress) -> None:
        row, total = self._asked_by(progress.request_id), progress.total
        tenths = 10 * progress.done // total if total > 0 else 0
        if row is not None and tenths != row.tenths:
            self._change(row, tenths=tenths)

    def _asked_by(self, request_id: int) -> QueueRow | None:
        return next((row for row in self._rows.values() if row.request == request_id), None)

    @Slot()
    def _hurry(self) -> None:
        """The case that came on screen does not wait in the line, and not for a pause."""
        current, image = self._session.current, self._session.image
        for row in self.rows:
            here = current is not None and row.case_id == current.case.id
            if here and image is not None and row.state is RowState.WAITING:
                self._begin(row, lane=Lane.FINAL)

    @Slot(str)
    def _forget(self, case_id: str) -> None:
        for row in self.rows:
            if row.case_id == case_id and row.state not in ENDED:
                self._end(row, RowState.SKIPPED, "The case was removed.")
        self._work()


def _is_found(row: QueueRow, opened: OpenCase) -> bool:
    if row.manner is not None:
        return row.manner.is_done(opened)
    return opened.history.head is not None and not row.again


def _found(row: QueueRow) -> str:
    """Why nothing is asked of a row."""
    return row.manner.done if row.manner else FOUND.get(row.task, "It was looked at already.")
