"""Asks the engine about cases and writes its answers where they belong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Protocol
from uuid import uuid4

from PySide6.QtCore import QObject, Signal, Slot

from app.session.jobs import Jobs
from app.session.manner import Manner
from app.session.recording import first_revision
from app.session.session import OpenCase, Session
from domain.annotation import Annotations
from domain.errors import CaliperError, Cancelled, NotForThisTask, WeightsMissing
from domain.image import Image
from domain.provenance import Mode
from domain.revision import Revision
from inference.contracts import Failure, Lane, PixelArray, Preview, Progress, Request, Response

CASES_HELD = 50


class TaskPort(Protocol):
    """What asking needs of a task."""

    @property
    def build_request(self) -> Callable[[Image, Annotations | None, str], Request]:
        """Film and decisions -> question."""

    @property
    def read_response(self) -> Callable[[Response, Annotations], Annotations]:
        """Answer and the decisions it is about -> new decisions."""

    @property
    def pixels(self) -> Callable[[Image], Mapping[str, PixelArray]]:
        """Film -> the arrays that the engine is sent, by the identities that requests name."""


@dataclass(frozen=True)
class Question:
    """A question under way: which case, made from which revision, in whose gesture.

    Args:
        task, request: what was asked of whom; filled in when it is asked.
    """

    case_id: str
    gesture: str
    parent: str | None
    decisions: Annotations
    action: str
    lane: Lane
    task: str = ""
    request: Request | None = None


def _as_it_is(request: Request) -> Request:
    return request


class Asking(QObject):
    """Questions of three kinds: proposals, previews while the hand moves, answers to a release.

    Args:
        task: that of all cases but those of `others`.
        others: further tasks by their word; they are asked only where a person says so.
    """

    previewed = Signal(str, int, object)  # gesture, request id, Annotations
    sketched = Signal(object)  # Preview of an answer that the case on screen waits for
    answered = Signal(str, object, object)  # case, Request and Response, before it is written
    progressed = Signal(object)  # Progress of the case on screen
    busy_changed = Signal(bool)  # whether the case on screen waits for a proposal or an answer
    trouble = Signal(object)
    ended = Signal(int, str, object)  # request id and case of a proposal or answer; error or None
    weights_changed = Signal()

    def __init__(
        self,
        session: Session,
        jobs: Jobs,
        *,
        task: TaskPort,
        others: Mapping[str, TaskPort] = MappingProxyType({}),
    ) -> None:
        super().__init__(session)
        self._session, self.jobs, self._task, self._others = session, jobs, task, others
        self._weights: dict[str, tuple[str | None, Mode]] = {}
        self._questions: dict[int, Question] = {}
        jobs.answered.connect(self._take_answer)
        jobs.failed.connect(self._take_failure)
        jobs.progressed.connect(self._tell_progress)
        jobs.previewed.connect(self._tell_preview)
        session.imported.connect(self._propose_for_import)
        session.case_shown.connect(self._tell_busy)
        session.removed.connect(self._forget)
        session.task_changed.connect(self._leave_task)

    @property
    def weights_id(self) -> str | None:
        """The network that is asked in the task on screen."""
        return self.weights_of(self._session.task)[0]

    @weights_id.setter
    def weights_id(self, weights_id: str | None) -> None:
        self._weights[self._session.task] = weights_id, Mode.CORRECTED

    def weights_of(self, task: str) -> tuple[str | None, Mode]:
        """The network that is asked in a task, and in which mode."""
        return self._weights.get(task, (None, Mode.CORRECTED))

    def use_weights(
        self, weights_id: str, *, mode: Mode = Mode.CORRECTED, task: str | None = None
    ) -> None:
        """Ask this network, in this mode, from now on; what others answered stays as it is.

        Args:
            task: the one on screen where none is given.
        """
        self._weights[task or self._session.task] = weights_id, mode
        self.weights_changed.emit()

    def proposes_for(self, opened: OpenCase) -> bool:
        """Whether its network is asked without a person's word; others take a minute."""
        return opened.case.task not in self._others

    def find(self) -> None:
        """Ask for a fresh proposal for the case on screen: no hints, nothing pinned."""
        current, image = self._session.current, self._session.image
        if current is not None and image is not None:
            self._try(lambda: self.propose(current, image, lane=Lane.FINAL))

    def propose(
        self, opened: OpenCase, image: Image, *, lane: Lane, manner: Manner | None = None
    ) -> int:
        """Ask for a fresh proposal for any case; the number of the request, for `ended`.

        Args:
            manner: how a person wants it, where it is not asked as its task does.

        Raises:
            WeightsMissing: no network is installed.
            NotForThisTask: the film cannot be asked about.
        """
        before, head = opened.history.current, opened.history.head
        if opened.case.task in self._others:
            blank = before or Annotations(image.sha256)
            action = manner.action if manner else "Localised"
            question = Question(opened.case.id, uuid4().hex, head, blank, action, lane)
            adapt = manner.adapt if manner else _as_it_is
            return self._ask(question, image, blank, adapt=adapt)
        blank = Annotations(image.sha256, implants=before.implants if before else None)
        question = Question(opened.case.id, uuid4().hex, head, blank, "Found corners", lane)
        return self._ask(question, image, None)

    def ask(
        self,
        opened: OpenCase,
        image: Image,
        decisions: Annotations,
        *,
        action: str,
        adapt: Callable[[Request], Request],
    ) -> int:
        """Ask what a person wants to know of a case; the number of the request, for `ended`.

        Raises:
            WeightsMissing: no network is installed.
            NotForThisTask: the film cannot be asked about.
        """
        head = opened.history.head
        question = Question(opened.case.id, uuid4().hex, head, decisions, action, Lane.FINAL)
        return self._ask(question, image, decisions, adapt=adapt)

    def cancel_request(self, request_id: int) -> None:
        """Give up one question; it still ends."""
        self.jobs.cancel(request_id)

    def preview(self, decisions: Annotations, *, gesture: str) -> None:
        """Ask what would follow if the hand let go now."""
        current, image = self._session.current, self._session.image
        if current is not None and image is not None and self._follows:
            question = Question(current.case.id, gesture, None, decisions, "", Lane.PREVIEW)
            self._try(lambda: self._ask(question, image, decisions))

    def answer(self, decisions: Annotations, *, parent: str, gesture: str, action: str) -> None:
        """Ask what follows from a released gesture; written to its case whatever is on screen."""
        current, image = self._session.current, self._session.image
        if current is not None and image is not None and self._follows:
            question = Question(current.case.id, gesture, parent, decisions, action, Lane.FINAL)
            self._try(lambda: self._ask(question, image, decisions))

    def cancel(self) -> None:
        """Give up what the case on screen waits for."""
        for request_id in self._waiting_here():
            self.jobs.cancel(request_id)

    @Slot()
    def _leave_task(self) -> None:
        current = self._session.current
        if current is not None:
            self.leave_task(current.case.id, task=self._session.task)

    def leave_task(self, case_id: str, *, task: str) -> None:
        """A case is of this task now: what it was asked in another is given up."""
        for request_id, question in tuple(self._questions.items()):
            if question.case_id == case_id and question.task != task:
                self.jobs.cancel(request_id)

    @Slot(str)
    def _forget(self, case_id: str) -> None:
        """A case left the library: nobody waits for its answers any more."""
        for request_id, question in tuple(self._questions.items()):
            if question.case_id == case_id:
                del self._questions[request_id]
                self.jobs.cancel(request_id)
        self._tell_busy()

    @Slot()
    def let_go_of_cases(self) -> None:
        """Where nothing is under way, keep no more than the histories of the last cases."""
        if not self._questions and self._session.library.pending == 0:
            self._session.let_go(keep=CASES_HELD)

    @property
    def is_busy(self) -> bool:
        """Whether the case on screen waits for a proposal or an answer."""
        return bool(self._waiting_here())

    @property
    def _follows(self) -> bool:
        """Whether the network is asked without a person's word; that none is there is said once."""
        return self.weights_id is not None and self._session.settings.network_follows

    def _waiting_here(self) -> list[int]:
        current = self._session.current
        here = current.case.id if current else ""
        return [
            request_id
            for request_id, question in self._questions.items()
            if question.case_id == here and question.lane is not Lane.PREVIEW
        ]

    def _try(self, ask: Callable[[], int]) -> None:
        """Ask for what is on screen; what cannot be asked is said there."""
        try:
            ask()
        except (WeightsMissing, NotForThisTask) as error:
            self.trouble.emit(error)

    def request(
        self, task: str, image: Image, decisions: Annotations | None
    ) -> tuple[Request, Mapping[str, PixelArray]]:
        """A question in a task, and the arrays it is about.

        Raises:
            WeightsMissing: no network is installed.
            NotForThisTask: the film cannot be asked about.
        """
        weights_id, mode = self.weights_of(task)
        if weights_id is None:
            raise WeightsMissing(
                "No network is installed for this task.", remedy="Import weights for it."
            )
        port = self._others.get(task, self._task)
        request = port.build_request(image, decisions, weights_id)
        return replace(request, mode=mode), port.pixels(image)

    def _ask(
        self,
        question: Question,
        image: Image,
        decisions: Annotations | None,
        *,
        adapt: Callable[[Request], Request] = _as_it_is,
    ) -> int:
        task = self._session.opened(question.case_id).case.task
        request, pixels = self.request(task, image, decisions)
        request = adapt(request)
        question = replace(question, task=task, request=request)
        self._questions[request.id] = question
        self.jobs.ask(question.case_id, request, pixels=pixels, lane=question.lane)
        if question.lane is not Lane.PREVIEW:
            self._tell_busy()
        return request.id

    @Slot(object, object)
    def _propose_for_import(self, opened: OpenCase, image: Image) -> None:
        settings = self._session.settings
        is_here = opened is self._session.current and opened.history.head is None
        is_wanted = is_here and self.proposes_for(opened)
        if is_wanted and settings.finds_on_opening and self._follows:
            self._try(lambda: self.propose(opened, image, lane=Lane.FINAL))

    @Slot(object)
    def _take_answer(self, response: Response) -> None:
        question = self._questions.pop(response.request_id, None)
        if question is None:
            return
        port = self._others.get(question.task, self._task)
        if question.task in self._others:  # a minute went by: upon what is decided now
            now = self._session.opened(question.case_id).history.current
            question = replace(question, decisions=now or question.decisions)
        decisions = port.read_response(response, question.decisions)
        if question.lane is Lane.PREVIEW:
            self.previewed.emit(question.gesture, response.request_id, decisions)
        else:
            self.answered.emit(question.case_id, question.request, response)
            self._write(question, decisions)
            self._tell_busy()
            self.ended.emit(response.request_id, question.case_id, None)

    def _write(self, question: Question, decisions: Annotations) -> None:
        opened = self._session.opened(question.case_id)
        history, fresh, parent = opened.history, list[tuple[Revision, bool]](), question.parent
        if question.task in self._others:  # a person asked, and may undo the first answer too
            fresh = first_revision(history, decisions.image_sha256)
            parent = history.head
        revision, is_head = history.answer(question.gesture, parent, decisions, question.action)
        carried = history.carry(revision)
        self._session.store_all(opened, [*fresh, (revision, is_head), *carried])

    @Slot(object)
    def _take_failure(self, failure: Failure) -> None:
        question = self._questions.pop(failure.request_id, None)
        if question is None or question.lane is Lane.PREVIEW:
            return
        self._tell_busy()
        if not isinstance(failure.error, Cancelled):
            self._tell(question, failure.error)
        self.ended.emit(failure.request_id, question.case_id, failure.error)

    def _tell(self, question: Question, error: CaliperError) -> None:
        current = self._session.current
        if current is not None and question.case_id == current.case.id:
            self.trouble.emit(error)

    @Slot(object)
    def _tell_progress(self, progress: Progress) -> None:
        if progress.request_id in self._waiting_here():
            self.progressed.emit(progress)

    @Slot(object)
    def _tell_preview(self, preview: Preview) -> None:
        if preview.request_id in self._waiting_here():
            self.sketched.emit(preview)

    @Slot()
    def _tell_busy(self) -> None:
        self.busy_changed.emit(self.is_busy)
