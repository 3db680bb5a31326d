"""Heals the study on screen at level after level, behind whatever else is asked."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot

from app.session.asking import Asking
from app.session.healing import TASK, Healing
from app.session.jobs import Jobs
from app.session.session import Session
from domain.errors import CaliperError, Cancelled
from domain.implant import LADDER
from inference.contracts import Failure, Lane, Progress, Request, Response

COARSE_TO_FINE = (400, 100, 600, 250, 50, 500, 150, 300, 200)
"""The published levels so that each fills the widest gap that is left."""
assert sorted(COARSE_TO_FINE) == list(LADDER)


class Ladder(QObject):
    """One rung at a time, each kept as soon as it is there; leaving the case ends it."""

    changed = Signal()

    def __init__(self, session: Session, asking: Asking, jobs: Jobs, *, healing: Healing) -> None:
        super().__init__(session)
        self._session, self._asking, self._jobs, self._healing = session, asking, jobs, healing
        self._waiting: deque[int] = deque()
        self._request: Request | None = None
        self._case_id = ""
        self._total, self._share = 0, 0.0
        jobs.answered.connect(self._take_answer)
        jobs.failed.connect(self._take_failure)
        jobs.progressed.connect(self._take_progress)
        session.leaving.connect(self.cancel)
        session.removed.connect(self._forget)

    @property
    def is_climbing(self) -> bool:
        """Whether rungs are being computed."""
        return self._request is not None

    @property
    def words(self) -> str:
        """How far it is."""
        if self._request is None:
            return ""
        done = self._total - len(self._waiting)
        level = self._request.options.level
        return f"λ {level}, rung {done} of {self._total}, {100 * self._share:.0f} %"

    def climb(self) -> None:
        """Compute the rungs that are missing, all else as wished."""
        current = self._session.current
        if current is None or self.is_climbing or not self._healing.is_on:
            return
        there = self._healing.rungs
        self._waiting = deque(level for level in COARSE_TO_FINE if level not in there)
        self._case_id, self._total = current.case.id, len(self._waiting)
        self._next()

    @Slot()
    def cancel(self) -> None:
        """Stop within a step; rungs that are there stay."""
        self._waiting.clear()
        if self._request is not None:
            self._jobs.cancel(self._request.id)

    def _next(self) -> None:
        self._request, self._share = None, 0.0
        image = self._session.image
        if self._waiting and image is not None and self._healing.is_on:
            level = self._waiting.popleft()
            try:
                request, pixels = self._asking.request(TASK, image, None)
            except CaliperError as error:
                self._waiting.clear()
                self._session.trouble.emit(error)
            else:
                request = self._healing.wish.adapted(request)
                options = replace(request.options, level=level)
                self._request = replace(request, options=options)
                self._jobs.ask(self._case_id, self._request, pixels=pixels, lane=Lane.BATCH)
        self.changed.emit()

    def _is_mine(self, request_id: int) -> bool:
        return self._request is not None and self._request.id == request_id

    @Slot(object)
    def _take_answer(self, response: Response) -> None:
        if self._request is not None and self._is_mine(response.request_id):
            self._healing.keep(self._case_id, self._request, response)
            self._next()

    @Slot(object)
    def _take_failure(self, failure: Failure) -> None:
        if self._is_mine(failure.request_id):
            self._waiting.clear()
            if not isinstance(failure.error, Cancelled):
                self._session.trouble.emit(failure.error)
            self._next()

    @Slot(object)
    def _take_progress(self, progress: Progress) -> None:
        if self._is_mine(progress.request_id) and progress.total:
            self._share = progress.done / progress.total
            self.changed.emit()

    @Slot(str)
    def _forget(self, case_id: str) -> None:
        if case_id == self._case_id:
            self.cancel()
