"""The worker and a real process that answers as it is told (no torch, no clock asserted)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter

import numpy as np
import pytest

from domain.errors import (
    Cancelled,
    EngineLost,
    ImageMismatch,
    NotForThisTask,
    OutOfMemory,
)
from domain.image import image_identity
from inference.contracts import (
    EngineState,
    EngineStatus,
    Failure,
    Lane,
    PipelineFailed,
    Progress,
    Request,
    Response,
    Superseded,
)
from inference.process import default_environment, engine_environment
from inference.vitals import Patience
from inference.worker import Worker
from tests.fake_engine import ADVISED, TASK, fake_engine_command

FILM = np.arange(12, dtype=np.uint8).reshape(3, 4)
LONG_S = 30.0  # no test waits this long unless something is broken


def named(*films):
    return {image_identity(film): film for film in films}


class Desk:
    """A worker, and what it told; waits for events rather than for time."""

    def __init__(self, *options, command=None, env=None, patience=None):
        self.events = []
        self._news = threading.Condition()
        self.worker = Worker(
            command or fake_engine_command(*options),
            on_event=self._take,
            env=default_environment() | (env or {}),
            patience=patience,
        )

    def __enter__(self):
        self.worker.start()
        return self

    def __exit__(self, *_):
        self.worker.close()

    def _take(self, event):
        with self._news:
            self.events.append(event)
            self._news.notify_all()

    def until(self, holds):
        with self._news:
            assert self._news.wait_for(holds, LONG_S), self.events

    def ask(self, case_id="a", lane=Lane.FINAL, *, images=None, **prompt):
        images = named(FILM) if images is None else images
        request = Request(TASK, "w", images=tuple(images), prompt=prompt)
        self.worker.submit(case_id, request, images, lane)
        return request.id

    def end_of(self, request_id):
        self.until(lambda: request_id in self.ends())
        return self.ends()[request_id]

    def ends(self):
        return {
            event.request_id: event
            for event in list(self.events)
            if isinstance(event, (Response, Failure))
        }

    def error_of(self, request_id):
        end = self.end_of(request_id)
        assert isinstance(end, Failure), end
        return end.error

    def until_status(self, status):
        self.until(lambda: any(is_state(event, status) for event in self.events))
        return next(event for event in self.events if is_state(event, status))


def is_state(event, status):
    return isinstance(event, EngineState) and event.status is status


def test_a_question_is_answered_with_its_origin():
    with Desk() as desk:
        answer = desk.end_of(desk.ask(echo="hello"))
        assert answer.findings["echo"] == "hello"
        assert answer.findings["sum"] == FILM.sum()
        origin = answer.origin
        assert (origin.weights_id, origin.weights_sha256) == ("w", "sha of w")
        assert (origin.device, origin.dtype, origin.mode) == (
            "a fake device",
            "float64",
            "corrected",
        )
        assert origin.version
        assert desk.until_status(EngineStatus.READY).device == "a fake device"
    assert is_state(desk.events[-1], EngineStatus.STOPPED)


def test_a_drag_of_three_seconds_paints_at_least_fifteen_answers_and_keeps_its_release():
    """150 ms an answer, a mouse at 60 Hz; the engine's pace decides, no timer does."""
    with Desk("--seconds", "0.15") as desk:
        desk.end_of(desk.ask(echo="warm"))
        previews = []
        end = time.monotonic() + 3.0
        while time.monotonic() < end:
            previews.append(desk.ask(lane=Lane.PREVIEW, echo=len(previews)))
            time.sleep(1 / 60)
        release = desk.ask(echo="release")
        assert desk.end_of(release).findings["echo"] == "release"
        ends = desk.ends()
    painted = [ends[i].findings["echo"] for i in previews if isinstance(ends[i], Response)]
    assert len(set(painted)) >= 15
    assert painted == sorted(painted)
    dropped = [ends[i].error for i in previews if isinstance(ends[i], Failure)]
    assert len(painted) + len(dropped) == len(previews)
    assert {type(error) for error in dropped} == {Superseded}


def test_fifty_cases_each_get_their_answer_while_a_hand_moves():
    with Desk("--seconds", "0.005") as desk:
        finals = {
            desk.ask(f"case {n}", Lane.FINAL if n % 2 else Lane.BATCH, echo=n): n for n in range(50)
        }
        hand = [desk.ask("hand", Lane.PREVIEW, echo=n) for n in range(200)]
        for request_id, n in finals.items():
            assert desk.end_of(request_id).findings["echo"] == n
        desk.end_of(hand[-1])
        ended = [event.request_id for event in desk.events if isinstance(event, Response)]
    lanes = [n % 2 for n in (finals.get(i) for i in ended) if n is not None]
    first_in = lanes[0]  # was asked while nothing else waited
    assert lanes[1:] == sorted(lanes[1:], reverse=True), f"batch before a final: {first_in}"
    assert Counter(desk.ends().keys()).most_common(1)[0][1] == 1


def test_progress_comes_in_order_and_before_the_answer():
    with Desk() as desk:
        job = desk.ask(seconds=0.6, steps=4)
        desk.end_of(job)
        told = [e for e in desk.events if getattr(e, "request_id", None) == job]
    assert told[:-1] == [Progress(job, done, 4, "working") for done in range(4)]
    assert isinstance(told[-1], Response)


def test_an_engine_killed_in_the_middle_of_a_job_is_replaced_and_the_job_answered(tmp_path):
    with Desk(env={"FAKE_ENGINE_MARK": str(tmp_path / "mark")}) as desk:
        waiting = [desk.ask("a", fault="kill once"), desk.ask("b", echo=1), desk.ask("c", echo=2)]
        ends = [desk.end_of(request_id) for request_id in waiting]
        assert (tmp_path / "mark").exists()
    assert [end.findings["sum"] for end in ends] == [FILM.sum()] * 3
    assert any(is_state(event, EngineStatus.RESTARTING) for event in desk.events)


def test_a_job_that_kills_each_engine_fails_and_the_others_are_answered():
    with Desk() as desk:
        bad, good = desk.ask("a", fault="kill"), desk.ask("b", echo="fine")
        error = desk.error_of(bad)
        assert isinstance(error, EngineLost)
        assert "SIGKILL" in error.why
        assert desk.end_of(good).findings["echo"] == "fine"


def test_pixels_the_engine_forgot_are_sent_again():
    films = [np.full((600, 1000), n, np.uint8) for n in range(1, 4)]
    with Desk("--pixel-bytes", "1000000") as desk:
        for _ in range(2):
            for film in films:
                answer = desk.end_of(desk.ask(images=named(film)))
                assert answer.findings["sum"] == film.sum()
        both = desk.end_of(desk.ask(images=named(*films)))
        assert both.findings["sum"] == sum(film.sum() for film in films)


def test_a_cancelled_job_ends_at_its_next_boundary_and_the_engine_lives():
    with Desk() as desk:
        job = desk.ask(seconds=20, steps=200)
        desk.until(lambda: any(isinstance(event, Progress) for event in desk.events))
        waiting = desk.ask("b", echo="next")
        desk.worker.cancel(job)
        assert isinstance(desk.error_of(job), Cancelled)
        assert desk.end_of(waiting).findings["echo"] == "next"
    assert not any(is_state(event, EngineStatus.RESTARTING) for event in desk.events)


def test_a_cancelled_job_that_reaches_no_boundary_costs_the_process():
    with Desk(patience=Patience(cancel_s=0.2)) as desk:
        job = desk.ask(seconds=600)
        desk.until(lambda: any(isinstance(event, Progress) for event in desk.events))
        desk.worker.cancel(job)
        after = desk.ask(echo="after")
        assert isinstance(desk.error_of(job), Cancelled)
        assert desk.end_of(after).findings["echo"] == "after"
    assert any(is_state(event, EngineStatus.RESTARTING) for event in desk.events)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("memory", OutOfMemory),
        ("torch memory", OutOfMemory),
        ("fault", PipelineFailed),
        ("typed", NotForThisTask),
    ],
)
def test_a_fault_in_a_pipeline_is_a_typed_failure_and_the_engine_lives(fault, kind):
    with Desk() as desk:
        assert type(desk.error_of(desk.ask(fault=fault))) is kind
        assert desk.end_of(desk.ask(echo="alive")).findings["echo"] == "alive"
    assert not any(is_state(event, EngineStatus.RESTARTING) for event in desk.events)


def test_wrong_pixels_under_an_image_s_name_are_refused():
    with Desk() as desk:
        name, other = image_identity(FILM), FILM + 1
        assert isinstance(desk.error_of(desk.ask(images={name: other})), ImageMismatch)
        assert isinstance(desk.end_of(desk.ask(images={name: FILM})), Response)


def test_an_unknown_task_and_a_prompt_that_cannot_travel_fail_clearly(capfd):
    with Desk() as desk:
        request = Request("phrenology", "w")
        desk.worker.submit("a", request, {}, Lane.FINAL)
        assert "phrenology" in str(desk.error_of(request.id))
        assert isinstance(desk.error_of(desk.ask(lock=threading.Lock())), PipelineFailed)
        assert "cannot pickle" in capfd.readouterr().err
        assert desk.end_of(desk.ask(echo="alive")).findings["echo"] == "alive"


def test_what_a_library_prints_does_not_reach_the_pipe():
    with Desk() as desk:
        assert isinstance(desk.end_of(desk.ask(fault="prints")), Response)
        assert isinstance(desk.end_of(desk.ask(echo="alive")), Response)


@pytest.mark.parametrize(("weights", "loaded"), [("w", "w"), (ADVISED, "scout")])
def test_warming_loads_before_anybody_asks(weights, loaded):
    with Desk() as desk:
        desk.worker.warm(TASK, weights)
        desk.until(
            lambda: any(isinstance(e, EngineState) and loaded in e.why.split() for e in desk.events)
        )
        assert isinstance(desk.end_of(desk.ask()), Response)


@pytest.mark.parametrize(
    ("kind", "words"),
    [("dead", "nothing is installed here"), ("garbled", "message"), ("bare", "'torch'")],
)
def test_an_engine_that_never_starts_is_said_to_be_unavailable_with_its_reason(kind, words):
    with Desk("--is", kind, patience=Patience(back_off_s=(0.0,))) as desk:
        job = desk.ask()
        assert words in desk.until_status(EngineStatus.UNAVAILABLE).why
        error = desk.error_of(job)
        assert isinstance(error, EngineLost)
        assert words in error.why


def test_an_engine_that_says_nothing_is_given_up():
    with Desk("--is", "mute", patience=Patience(hello_s=0.3, back_off_s=(0.0,))) as desk:
        assert isinstance(desk.error_of(desk.ask()), EngineLost)
        assert "did not start" in desk.until_status(EngineStatus.UNAVAILABLE).why


def test_a_program_that_is_not_there_is_said_to_be_unavailable():
    with Desk(command=("no-such-program",), patience=Patience(back_off_s=(0.0,))) as desk:
        assert isinstance(desk.error_of(desk.ask()), EngineLost)


def test_closing_ends_what_waits_and_refuses_what_comes_after():
    with Desk() as desk:
        jobs = [desk.ask(seconds=600), desk.ask("b"), desk.ask("c", Lane.BATCH)]
        desk.until(lambda: any(isinstance(event, Progress) for event in desk.events))
    for job in jobs:
        assert isinstance(desk.error_of(job), Cancelled)
    with pytest.raises(EngineLost):
        desk.ask()
    desk.worker.close()


@pytest.mark.parametrize(("before", "least"), [(0.005, False), (1e-5, True)])
def test_a_started_worker_lets_its_threads_take_turns_quickly(before, least):
    usual = sys.getswitchinterval()
    sys.setswitchinterval(before)
    desk = Desk()
    try:
        desk.worker.start()
        now = sys.getswitchinterval()
    finally:
        desk.worker.close()
        sys.setswitchinterval(usual)
    assert (now == pytest.approx(before)) if least else (now < before)


def test_a_worker_may_be_closed_before_it_started():
    Desk().worker.close()


def test_an_engine_wants_an_allocator_and_threads_of_its_own_but_people_come_first():
    env = engine_environment({"PATH": "p", "OMP_WAIT_POLICY": "ACTIVE"}, threads=1)
    assert env["PATH"] == "p"
    assert env["OMP_WAIT_POLICY"] == "ACTIVE"
    assert env["OMP_NUM_THREADS"] == "1"
    assert env["MALLOC_MMAP_MAX_"] == "0"


PARENT = """
import sys, time
from inference.contracts import Lane, Request
from inference.worker import Worker
from tests.fake_engine import TASK, fake_engine_command

def tell(event):
    print(type(event).__name__, flush=True)

worker = Worker(fake_engine_command(), on_event=tell)
worker.start()
worker.submit("a", Request(TASK, "w", prompt={prompt}), {{}}, Lane.FINAL)
time.sleep(600)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="finds children in /proc")
@pytest.mark.parametrize("prompt", [{"seconds": 600}, {"fault": "holds the lock"}])
def test_kill_9_of_the_parent_leaves_no_engine(project_root, prompt):
    """Also while the engine computes, and while one call holds Python's lock for many seconds."""
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT.format(prompt=prompt)],
        stdout=subprocess.PIPE,
        cwd=project_root,
        env=os.environ | {"PYTHONPATH": str(project_root)},
        text=True,
    )
    with parent.stdout:
        assert any(line.strip() == "Progress" for line in parent.stdout)
        engines = children_of(parent.pid)
        assert len(engines) == 1
        time.sleep(0.2)
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
        deadline = time.monotonic() + 2.0
        while time.monotonic() < deadline and any(lives(pid) for pid in engines):
            time.sleep(0.05)
    left = [pid for pid in engines if lives(pid)]
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert left == []


def children_of(pid):
    found = []
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/children") as listing:
            found += [int(child) for child in listing.read().split()]
    return found


def lives(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
