"""Which question the engine is asked next: two lanes a case, and batch behind them (no threads)."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from inference.contracts import Lane, PixelArray, Request


@dataclass(frozen=True, eq=False)
class Job:
    """A request with the case it belongs to and the pixels it may need.

    Args:
        asked: how often an engine was lost while it held this job.
        put_off: how often it was ended for what somebody waits for.
    """

    case_id: str
    request: Request
    images: Mapping[str, PixelArray]
    lane: Lane
    asked: int = 0
    put_off: int = 0

    def once_more(self) -> Job:
        """The same job after the engine that held it was lost."""
        return replace(self, asked=self.asked + 1)

    def asks_as(self, other: Job) -> bool:
        """Whether both have the same answer."""
        return replace(self.request, id=other.request.id) == other.request


class Lanes:
    """Jobs that wait.

    A case has one slot for a waiting preview: a newer question takes it and keeps its place in the
    line. Finals wait in order and are never dropped; they and previews take turns, so that neither
    a hand that keeps moving nor fifty opened films make the other wait. Batch waits for both.
    """

    def __init__(self) -> None:
        self._finals: deque[Job] = deque()
        self._previews: OrderedDict[str, Job] = OrderedDict()
        self._batch: deque[Job] = deque()
        self._preview_turn = False

    def add(self, job: Job) -> Job | None:
        """Let a job wait; gives back the waiting preview it replaces, if any.

        A final ends its case's gesture, so that the preview still waiting is of no more use.
        """
        if job.lane is Lane.BATCH:
            self._batch.append(job)
            return None
        replaced = self._previews.get(job.case_id)
        if job.lane is Lane.PREVIEW:
            self._previews[job.case_id] = job
        else:
            self._previews.pop(job.case_id, None)
            self._finals.append(job)
        return replaced

    def put_back(self, job: Job) -> None:
        """Ask a job again before all others of its lane."""
        if job.lane is Lane.BATCH:
            self._batch.appendleft(job)
        else:
            self._finals.appendleft(job)
            self._preview_turn = False

    def take(self) -> Job | None:
        """The job to ask now."""
        if self._previews and (self._preview_turn or not self._finals):
            self._preview_turn = False
            return self._previews.popitem(last=False)[1]
        if self._finals:
            self._preview_turn = True
            return self._finals.popleft()
        return self._batch.popleft() if self._batch else None

    def remove(self, request_id: int) -> Job | None:
        """Take a job out of the line, wherever it waits."""
        for job in self:
            if job.request.id == request_id:
                self._drop(job)
                return job
        return None

    def take_finals_like(self, asked: Job, *, answered: bool) -> list[Job]:
        """Take out those that an answered preview of their case answers, too."""
        if asked.lane is not Lane.PREVIEW or not answered:
            return []
        case_id = asked.case_id
        alike = [job for job in self._finals if job.case_id == case_id and job.asks_as(asked)]
        for job in alike:
            self._finals.remove(job)
        return alike

    def _drop(self, job: Job) -> None:
        if job.lane is Lane.PREVIEW:
            del self._previews[job.case_id]
        else:
            (self._batch if job.lane is Lane.BATCH else self._finals).remove(job)

    def empty(self) -> list[Job]:
        """Take all jobs out."""
        jobs = list(self)
        self._finals.clear()
        self._previews.clear()
        self._batch.clear()
        return jobs

    def __iter__(self) -> Iterator[Job]:
        return iter((*self._finals, *self._previews.values(), *self._batch))

    def __len__(self) -> int:
        return len(self._finals) + len(self._previews) + len(self._batch)
