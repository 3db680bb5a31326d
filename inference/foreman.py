"""Decides what happens to jobs and to the engine; knows no threads, so that tests own its clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from domain.errors import CaliperError, Cancelled, EngineLost, NeedPixels
from inference.answers import wrong_answer
from inference.contracts import (
    EngineState,
    EngineStatus,
    Event,
    Failure,
    Lane,
    Preview,
    Progress,
    Response,
    Superseded,
)
from inference.lanes import Job, Lanes
from inference.process import Died
from inference.vitals import Patience, Vitals
from inference.wire import (
    Ask,
    Cancel,
    Heart,
    Hello,
    Loading,
    MissingPixels,
    Ready,
    ToEngine,
    Unavailable,
    Warm,
)


class Engine(Protocol):
    """One life of an engine process."""

    def send(self, message: ToEngine) -> None:
        """Send without waiting."""

    def kill(self) -> None:
        """End it now."""

    def close(self, *, timeout_s: float) -> None:
        """Let it end, then make it."""


PUT_OFF_S, PUT_OFF_MOST = 2.0, 8
"""Batch work no older than this is begun anew for what somebody waits for, and so often at most."""
_POLL_S = 1.0
_OVERSLEPT_S = 5.0
_REMEDY = "Choose Model › Start the engine again, or restart Caliper."


class _Asked:
    """The job that the engine holds, and when its next boundary is due."""

    def __init__(self, job: Job, *, now: float) -> None:
        self.job = job
        self.resent = False
        self.is_over = False  # for whoever asked; the engine has not ended it yet
        self.is_put_off = False
        self.give_up_at: float | None = None
        self._begun = self._boundary = self._moved_at = now
        self._longest_gap = 0.0

    def reached_boundary(self, now: float) -> None:
        self._longest_gap = max(self._longest_gap, now - self._boundary)
        self._boundary = self._moved_at = now

    def rest(self, now: float) -> None:
        """Nothing could be done until now: the engine loaded, or the computer slept."""
        self._moved_at = now

    def stood_still_s(self, now: float) -> float:
        """How long it has reached no boundary."""
        return now - self._moved_at

    def is_ended_by(self, job: Job) -> bool:
        """Whether it is a preview that is of no use once that job is asked."""
        mine = self.job
        leads_up = mine.lane is Lane.PREVIEW and job.lane is Lane.FINAL
        is_of_it = leads_up and mine.case_id == job.case_id and not self.is_over
        return is_of_it and not mine.asks_as(job)  # the same question's answer is kept

    def gives_way_to(self, job: Job, *, now: float) -> bool:
        """Whether it is batch work so young that somebody who waits need not wait for it."""
        mine = self.job
        is_between = mine.lane is Lane.BATCH and job.lane is not Lane.BATCH and not self.is_over
        is_young = now - self._begun <= PUT_OFF_S and mine.put_off < PUT_OFF_MOST
        return is_between and is_young and not self.is_put_off

    def comes_again_after(self, end: Response | Failure) -> bool:
        """Whether this is the end of work that was put off."""
        was_ended = isinstance(end, Failure) and isinstance(end.error, Cancelled)
        return self.is_put_off and was_ended and not self.is_over

    def cancel(self, now: float, *, grace_s: float) -> None:
        self.give_up_at = max(now, self._boundary + self._longest_gap) + grace_s


class Foreman:
    """Owns one engine at a time and the jobs that wait for it. Call it from one thread only.

    Every job ends exactly once: by Response or by Failure (Superseded and Cancelled among them).

    Args:
        launch: starts an engine process; raises OSError where it cannot.
        on_event: told everything that the window may want to know.
    """

    def __init__(
        self,
        launch: Callable[[], Engine],
        *,
        on_event: Callable[[Event], None],
        patience: Patience | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._launch = launch
        self._on_event = on_event
        self._patience = patience or Patience()
        self._clock = clock
        self._lanes = Lanes()
        self._current: _Asked | None = None
        self._superseded: set[int] = set()  # previews that the engine has not ended yet
        self._engine: Engine | None = None
        self._sent: set[str] = set()
        self._warm: dict[Warm, None] = {}
        self._vitals = Vitals(self._patience)
        self._refused: str | None = None
        self._restart_at: float | None = None
        self._ticked_at = clock()
        self._told: EngineState | None = None

    # What people ask for

    def start(self) -> None:
        """Start an engine, also after the last one could not."""
        if self._engine is None:
            self._refused = None
            self._vitals.healthy()
            self._start_engine()

    def restart(self) -> None:
        """End the engine and start another, for weights that changed or a machine that was mended.

        A job in flight is asked again, a preview excepted.
        """
        if self._engine is not None:
            self._lose("The engine was restarted.", blame=False)
        else:
            self.start()

    def submit(self, job: Job) -> None:
        """Let a job wait for its turn."""
        if self._refused is not None:
            self._fail(job, error=self._unavailable())
            return
        replaced = self._lanes.add(job)
        if replaced is not None:
            self._fail(replaced, error=Superseded("A newer question took its place."))
        asked = self._current
        if asked is not None and asked.is_ended_by(job):
            self._end(asked, error=Superseded("The hand let go elsewhere."))
            self._superseded.add(asked.job.request.id)  # no word of it is waited for
            self._current = None
        elif asked is not None and asked.gives_way_to(job, now=self._clock()):
            asked.is_put_off = True
            self._tell_engine(Cancel(asked.job.request.id))
        self._advance()

    def cancel(self, request_id: int) -> None:
        """End a job for the person now; the engine ends it at its next boundary."""
        waiting = self._lanes.remove(request_id)
        if waiting is not None:
            self._fail(waiting, error=Cancelled("Cancelled."))
            self._tell()
            return
        asked = self._current
        if asked is not None and not asked.is_over and asked.job.request.id == request_id:
            asked.cancel(self._clock(), grace_s=self._patience.cancel_s)
            self._end(asked, error=Cancelled("Cancelled."))

    def _end(self, asked: _Asked, *, error: CaliperError) -> None:
        asked.is_over = True
        self._tell_engine(Cancel(asked.job.request.id))
        self._fail(asked.job, error=error)

    def warm(self, wish: Warm) -> None:
        """Have the engine load what will be asked first, in each of its lives."""
        self._warm[wish] = None
        if self._engine is not None and self._vitals.hello:
            self._engine.send(wish)

    def close(self) -> None:
        """End every job and the engine."""
        for job in self._take_all():
            self._fail(job, error=Cancelled("Caliper is closing."))
        engine, self._engine = self._engine, None
        self._restart_at = None
        if engine is not None:
            engine.close(timeout_s=self._patience.close_s)
        self._on_event(EngineState(EngineStatus.STOPPED, device=self._vitals.device))

    # What the engine says

    def hear(self, engine: Engine, *, message: object) -> None:
        """Act on a message; those of an engine given up are ignored."""
        if engine is not self._engine:
            return
        now = self._clock()
        self._vitals.alive(now)
        match message:
            case Heart():
                return
            case Progress() | Preview():
                self._pass_on(message, now=now)
            case Response() | Failure() | MissingPixels():
                self._take_end(message)
            case Died(why):
                self._lose(why)
            case Unavailable(why):
                engine.kill()
                self._refuse(why)
            case Hello() | Ready() | Loading():
                self._note(message)
            case _:
                self._lose(f"The engine sent what is not a message ({type(message).__name__}).")

    def _note(self, message: Hello | Ready | Loading) -> None:
        """Keep what the engine says of itself."""
        self._vitals.note(message)
        if isinstance(message, Hello):
            for wish in self._warm:
                self._tell_engine(wish)
        self._advance()

    def _pass_on(self, news: Progress | Preview, *, now: float) -> None:
        asked = self._current
        if asked is not None and asked.job.request.id == news.request_id:
            asked.reached_boundary(now)
            if not asked.is_over:
                self._on_event(news)

    def _take_end(self, end: Response | Failure | MissingPixels) -> None:
        """An engine that answers what nobody asked, or anything else, is not believed further."""
        asked = self._current
        request = asked.job.request if asked is not None else None
        if end.request_id in self._superseded:
            self._superseded.remove(end.request_id)
        elif asked is None or request is None or request.id != end.request_id:
            self._lose("The engine answered a question that nobody asked.")
        elif isinstance(end, MissingPixels):
            self._send_again(asked)
        elif wrong := wrong_answer(request, end):
            self._lose(f"The engine's answer is not one to this question: {wrong}.")
        else:
            self._finish(asked, end)

    def _finish(self, asked: _Asked, end: Response | Failure) -> None:
        self._vitals.healthy()
        self._current = None
        if asked.comes_again_after(end):
            self._lanes.put_back(replace(asked.job, put_off=asked.job.put_off + 1))
        elif not asked.is_over:
            self._on_event(end)
        for job in self._lanes.take_finals_like(asked.job, answered=isinstance(end, Response)):
            self._on_event(replace(end, request_id=job.request.id))
        self._advance()

    def _send_again(self, asked: _Asked) -> None:
        request_id, images = asked.job.request.id, asked.job.request.images
        if asked.is_over or asked.resent or not set(images) <= asked.job.images.keys():
            error = NeedPixels("The engine lacks this image.", remedy="Open the image again.")
            self._finish(asked, Failure(request_id, error))
            return
        self._sent.difference_update(images)
        asked.resent = True
        self._ask(asked.job)

    # What time asks for

    def wait_s(self) -> float:
        """How long nothing will need `tick`."""
        due = (self._restart_at, self._current.give_up_at if self._current else None)
        return min([_POLL_S, *(max(at - self._clock(), 0.0) for at in due if at is not None)])

    def tick(self) -> None:
        """Do what has become due: start, give up a cancelled job, end a hung engine."""
        now = self._clock()
        if now - self._ticked_at > _OVERSLEPT_S:
            self._vitals.alive(now)  # the computer slept, and the engine with it
            if self._current is not None:
                self._current.rest(now)
        self._ticked_at = now
        if self._restart_at is not None and now >= self._restart_at:
            self._start_engine()
        elif self._engine is not None:
            self._watch(now)

    def _watch(self, now: float) -> None:
        asked, grace_s = self._current, self._patience.cancel_s
        if asked is not None and (self._vitals.loading or not self._vitals.ready):
            asked.rest(now)
        if lost := self._vitals.silent_for_too_long(now):
            self._lose(lost)
        elif asked is not None and asked.give_up_at is not None:
            if self._vitals.loading:
                asked.give_up_at = max(asked.give_up_at, now + grace_s)
            elif now >= asked.give_up_at:
                self._lose("A cancelled job did not end.", blame=False)
        elif asked is not None and asked.stood_still_s(now) > self._patience.work_s:
            self._lose(f"The engine got no further for {asked.stood_still_s(now):.0f} s.")

    # The engine's lives

    def _start_engine(self) -> None:
        self._restart_at = None
        self._vitals.born(self._clock())
        self._sent.clear()
        self._superseded.clear()
        try:
            self._engine = self._launch()
        except OSError as error:
            self._plan_restart(f"The engine process cannot be started: {error}.", blame=True)
        self._tell()

    def _lose(self, why: str, *, blame: bool = True) -> None:
        """The engine is gone or has to go: its job is asked once more, or fails."""
        engine, self._engine = self._engine, None
        asked, self._current = self._current, None
        if engine is not None:
            engine.kill()
        if asked is not None and not asked.is_over:
            self._ask_later(asked.job, why=why, blame=blame and self._vitals.ready)
        self._plan_restart(why, blame=blame and (asked is None or not self._vitals.ready))
        self._tell()

    def _ask_later(self, job: Job, *, why: str, blame: bool) -> None:
        if job.lane is Lane.PREVIEW or (blame and job.asked > 0):
            what = "The engine ended before it answered."
            self._fail(job, error=EngineLost(what, why=why, remedy="Ask again."))
        else:
            self._lanes.put_back(job.once_more() if blame else job)

    def _plan_restart(self, why: str, *, blame: bool) -> None:
        """Starts that fail in a row end in giving up; a job's crash is the job's fault."""
        if self._vitals.died(self._clock(), why=why, at_fault=blame):
            self._restart_at = self._clock() + self._vitals.back_off_s()
        else:
            self._refuse(why)

    def _refuse(self, why: str) -> None:
        """There is no engine to be had: say so, also to everything that waits."""
        self._engine = None
        self._restart_at = None
        self._refused = why
        for job in self._take_all():
            self._fail(job, error=self._unavailable())
        self._tell()

    def _take_all(self) -> list[Job]:
        """Every job that has not ended, the one in flight first; none is left."""
        asked, self._current = self._current, None
        in_flight = [] if asked is None or asked.is_over else [asked.job]
        return [*in_flight, *self._lanes.empty()]

    def _unavailable(self) -> EngineLost:
        return EngineLost("The engine cannot start.", why=self._refused or "", remedy=_REMEDY)

    # Asking and telling

    def _advance(self) -> None:
        """Ask the next job where the engine is free, and tell how things stand."""
        if self._engine is not None and self._vitals.hello and self._current is None:
            job = self._lanes.take()
            if job is not None:
                self._current = _Asked(job, now=self._clock())
                self._ask(job)
        self._tell()

    def _ask(self, job: Job) -> None:
        wanted = dict.fromkeys(job.request.images)
        pixels = {sha: job.images[sha] for sha in wanted if sha in job.images.keys() - self._sent}
        self._sent.update(pixels)
        self._tell_engine(Ask(job.request, pixels))

    def _tell_engine(self, message: ToEngine) -> None:
        if self._engine is not None:
            self._engine.send(message)

    def _fail(self, job: Job, *, error: CaliperError) -> None:
        self._on_event(Failure(job.request.id, error))

    def _tell(self) -> None:
        holds_job = self._current is not None
        state = self._vitals.state(holds_job, queue=len(self._lanes), refused=self._refused)
        if state != self._told:
            self._told = state
            self._on_event(state)
