"""Jobs and engine lives under a clock that the test owns."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from domain.errors import Cancelled, EngineLost, NeedPixels
from domain.provenance import Mode, ModelOrigin
from inference.contracts import (
    EngineState,
    EngineStatus,
    Failure,
    Lane,
    Progress,
    Request,
    Response,
    Superseded,
)
from inference.foreman import Foreman
from inference.lanes import Job
from inference.process import Died
from inference.wire import (
    Ask,
    Cancel,
    Heart,
    Hello,
    Loading,
    MissingPixels,
    Ready,
    Unavailable,
    Warm,
)

ORIGIN = ModelOrigin("w", "", Mode.CORRECTED, "a device", "float32", 0.1, "0")
PIXELS = np.zeros((2, 2), np.uint8)


class FakeProcess:
    def __init__(self):
        self.sent = []
        self.ended = False

    def send(self, message):
        self.sent.append(message)

    def kill(self):
        self.ended = True

    def close(self, *, timeout_s):
        self.ended = True

    @property
    def asked(self):
        return [message.request.id for message in self.sent if isinstance(message, Ask)]


class Stage:
    """A foreman, its engines, its clock and what it told."""

    def __init__(self):
        self.now = 100.0
        self.engines = []
        self.events = []
        self.launch_error = None
        self.foreman = Foreman(self.launch, on_event=self.events.append, clock=lambda: self.now)

    def launch(self):
        if self.launch_error is not None:
            raise self.launch_error
        self.engines.append(FakeProcess())
        return self.engines[-1]

    @property
    def engine(self):
        return self.engines[-1]

    def up(self):
        self.foreman.start()
        self.say(Hello())
        self.say(Ready("a device"))
        return self

    def say(self, message):
        self.foreman.hear(self.engine, message=message)

    def answer(self, request_id):
        self.say(Response(request_id, "found", ORIGIN))

    def pass_time(self, seconds):
        """In steps, as the worker's thread ticks."""
        for _ in range(int(seconds)):
            self.now += 1.0
            self.foreman.tick()

    def submit(self, case_id="a", lane=Lane.FINAL, *, images=(), prompt=None):
        request = Request("fake", "w", images=images, prompt=prompt)
        pixels = dict.fromkeys(images, PIXELS)
        self.foreman.submit(Job(case_id=case_id, request=request, images=pixels, lane=lane))
        return request.id

    def ends(self):
        """request id -> how it ended, each exactly once."""
        ends = [event for event in self.events if isinstance(event, (Response, Failure))]
        assert not [i for i, n in Counter(end.request_id for end in ends).items() if n > 1]
        return {
            end.request_id: type(end.error if isinstance(end, Failure) else end) for end in ends
        }

    @property
    def state(self):
        return [event for event in self.events if isinstance(event, EngineState)][-1]


def test_one_job_is_in_flight_and_the_next_follows_its_answer():
    stage = Stage().up()
    first, second = stage.submit("a"), stage.submit("b")
    assert stage.engine.asked == [first]
    assert (stage.state.status, stage.state.queue) == (EngineStatus.BUSY, 1)
    stage.answer(first)
    assert stage.engine.asked == [first, second]
    stage.answer(second)
    assert stage.ends() == {first: Response, second: Response}
    assert stage.state == EngineState(EngineStatus.READY, device="a device")


def test_jobs_submitted_before_the_engine_is_up_wait():
    stage = Stage()
    waiting = stage.submit()
    stage.foreman.start()
    assert stage.engine.asked == []
    stage.say(Hello())
    assert stage.engine.asked == [waiting]


def test_a_preview_in_flight_is_not_cancelled_for_a_newer_one():
    stage = Stage().up()
    first, second, third = (stage.submit("a", Lane.PREVIEW) for _ in range(3))
    assert stage.ends() == {second: Superseded}
    stage.answer(first)
    stage.answer(third)
    assert stage.ends() == {first: Response, second: Superseded, third: Response}
    assert not [message for message in stage.engine.sent if isinstance(message, Cancel)]


def test_letting_go_elsewhere_ends_the_preview_in_flight():
    stage = Stage().up()
    preview = stage.submit("a", Lane.PREVIEW, prompt="here")
    final = stage.submit("a", prompt="there")
    assert stage.ends() == {preview: Superseded}
    said = [type(message) for message in stage.engine.sent]
    assert said == [Ask, Cancel, Ask], "the engine need not wait to be asked once it is rid of it"
    assert stage.engine.asked == [preview, final]
    stage.say(Progress(preview, 1, 2, "working"))
    stage.say(Failure(preview, Cancelled("Cancelled.")))
    stage.answer(final)
    assert stage.ends() == {preview: Superseded, final: Response}
    assert not [event for event in stage.events if isinstance(event, Progress)]


def test_an_answer_that_crosses_the_end_of_its_preview_is_dropped():
    stage = Stage().up()
    preview = stage.submit("a", Lane.PREVIEW, prompt="here")
    final = stage.submit("a", prompt="there")
    stage.answer(preview)
    stage.answer(final)
    assert stage.ends() == {preview: Superseded, final: Response}


@pytest.mark.parametrize(
    ("case_id", "lane", "prompt"),
    [("b", Lane.FINAL, "there"), ("a", Lane.BATCH, "there")],
    ids=["another case", "batch"],
)
def test_a_preview_in_flight_outlives_what_does_not_end_its_gesture(case_id, lane, prompt):
    stage = Stage().up()
    preview = stage.submit("a", Lane.PREVIEW, prompt="here")
    other = stage.submit(case_id, lane, prompt=prompt)
    stage.answer(preview)
    stage.answer(other)
    assert stage.ends() == {preview: Response, other: Response}
    assert Cancel(preview) not in stage.engine.sent


def test_an_engine_is_not_ended_for_a_preview_that_nobody_waits_for():
    stage = Stage().up()
    preview = stage.submit("a", Lane.PREVIEW, prompt="here")
    final = stage.submit("a", prompt="there")
    for _ in range(5):
        stage.pass_time(1)
        stage.say(Heart())
    stage.foreman.cancel(preview)
    assert not stage.engine.ended
    assert stage.ends() == {preview: Superseded}
    stage.say(Died("it fell over"))  # what was cut is not asked again
    stage.pass_time(60)
    stage.say(Hello())
    assert stage.engine.asked == [final]


def test_pixels_travel_once_per_engine_life():
    stage = Stage().up()
    ids = [stage.submit(images=("x", "y")), stage.submit(images=("x", "z"))]
    stage.answer(ids[0])
    stage.answer(ids[1])
    assert [set(ask.pixels) for ask in stage.engine.sent] == [{"x", "y"}, {"z"}]
    stage.say(Died("gone"))
    stage.pass_time(1)
    stage.say(Hello())
    stage.submit(images=("x",))
    assert [set(ask.pixels) for ask in stage.engine.sent] == [{"x"}]


def test_lost_pixels_are_sent_again_once_and_then_the_job_fails():
    stage = Stage().up()
    job = stage.submit(images=("x", "y"))
    stage.say(MissingPixels(job))
    assert [set(ask.pixels) for ask in stage.engine.sent] == [{"x", "y"}, {"x", "y"}]
    assert stage.ends() == {}
    stage.say(MissingPixels(job))
    assert stage.ends() == {job: NeedPixels}


def test_pixels_that_nobody_has_fail_the_job():
    stage = Stage().up()
    request = Request("fake", "w", images=("x",))
    stage.foreman.submit(Job("a", request, images={}, lane=Lane.FINAL))
    stage.say(MissingPixels(request.id))
    assert stage.ends() == {request.id: NeedPixels}
    assert len(stage.engine.asked) == 1


def test_a_crash_loses_no_final_and_no_waiting_job():
    stage = Stage().up()
    final, preview, batch = (
        stage.submit("a"),
        stage.submit("b", Lane.PREVIEW),
        stage.submit("c", Lane.BATCH),
    )
    stage.say(Died("signal 9"))
    assert stage.ends() == {}
    stage.foreman.tick()
    assert len(stage.engines) == 2
    stage.say(Hello())
    stage.say(Ready("a device"))
    for job in (final, preview, batch):
        stage.answer(job)
    assert stage.engine.asked == [final, preview, batch]
    assert stage.ends() == dict.fromkeys((final, preview, batch), Response)


def test_a_final_that_ends_two_engines_fails_and_the_next_is_asked():
    stage = Stage().up()
    bad, good = stage.submit("a"), stage.submit("b")
    for _ in range(2):
        stage.say(Died("signal 11"))
        stage.pass_time(1)
        stage.say(Hello())
        stage.say(Ready("a device"))
    assert stage.ends() == {bad: EngineLost}
    assert stage.engine.asked == [good]
    assert "signal 11" in str(next(e for e in stage.events if isinstance(e, Failure)).error)


def test_a_preview_in_flight_fails_with_its_engine():
    stage = Stage().up()
    preview = stage.submit("a", Lane.PREVIEW)
    stage.say(Died("signal 9"))
    assert stage.ends() == {preview: EngineLost}


def test_crashes_by_jobs_never_make_the_engine_unavailable():
    stage = Stage().up()
    bad = [stage.submit(f"case {n}") for n in range(5)]
    for _ in range(10):
        stage.say(Died("signal 11"))
        stage.pass_time(10)
        stage.say(Hello())
        stage.say(Ready("a device"))
    assert stage.ends() == dict.fromkeys(bad, EngineLost)
    assert stage.state.status is EngineStatus.READY


def test_starts_that_fail_in_a_row_back_off_and_end_in_saying_so():
    stage = Stage()
    waiting = stage.submit()
    stage.foreman.start()
    stage.say(Died("no torch"))
    assert stage.foreman.wait_s() == pytest.approx(0.5)
    stage.foreman.tick()
    assert len(stage.engines) == 1
    stage.now += 0.5
    stage.foreman.tick()
    assert len(stage.engines) == 2
    stage.say(Died("no torch"))
    stage.pass_time(2)
    assert len(stage.engines) == 3
    stage.say(Died("no torch"))
    stage.pass_time(60)
    assert len(stage.engines) == 3
    assert (stage.state.status, stage.state.why) == (EngineStatus.UNAVAILABLE, "no torch")
    later = stage.submit()
    assert stage.ends() == {waiting: EngineLost, later: EngineLost}


def test_an_engine_that_cannot_be_launched_ends_in_saying_so_and_may_be_started_again():
    stage = Stage()
    stage.launch_error = FileNotFoundError("no such program")
    stage.foreman.start()
    stage.pass_time(10)
    assert stage.state.status is EngineStatus.UNAVAILABLE
    assert "no such program" in stage.state.why
    stage.launch_error = None
    stage.foreman.restart()
    stage.say(Hello())
    stage.say(Ready("a device"))
    assert stage.state.status is EngineStatus.READY
    stage.answer(stage.submit())
    assert list(stage.ends().values()) == [Response]


def test_an_engine_that_says_it_cannot_work_is_not_started_again():
    stage = Stage()
    waiting = stage.submit()
    stage.foreman.start()
    stage.say(Hello())
    stage.say(Unavailable("No module named 'torch'"))
    stage.pass_time(60)
    assert len(stage.engines) == 1
    assert stage.engine.ended
    assert stage.state.why == "No module named 'torch'"
    assert stage.ends() == {waiting: EngineLost}


@pytest.mark.parametrize("beats", [True, False])
def test_an_engine_without_a_heartbeat_is_ended_and_its_final_asked_again(beats):
    stage = Stage().up()
    job = stage.submit()
    for _ in range(40):
        if beats:
            stage.say(Heart())
        stage.pass_time(1)
    assert stage.engines[0].ended is not beats
    assert len(stage.engines) == (1 if beats else 2)
    stage.say(Hello())
    stage.answer(job)
    assert stage.ends() == {job: Response}


def test_loading_may_hold_the_heart():
    stage = Stage().up()
    stage.say(Loading("a large network"))
    stage.pass_time(300)
    assert not stage.engine.ended
    stage.say(Loading(""))
    stage.pass_time(31)
    assert stage.engines[0].ended


def test_an_engine_that_never_speaks_is_ended():
    stage = Stage()
    stage.foreman.start()
    stage.pass_time(61)
    assert stage.engines[0].ended


def test_a_computer_that_slept_does_not_end_the_engine():
    stage = Stage().up()
    stage.now += 8 * 3600
    stage.foreman.tick()
    assert not stage.engine.ended


def test_a_waiting_job_is_cancelled_without_the_engine_hearing_of_it():
    stage = Stage().up()
    first, second = stage.submit("a"), stage.submit("b")
    stage.foreman.cancel(second)
    assert stage.ends() == {second: Cancelled}
    stage.answer(first)
    assert stage.engine.asked == [first]
    assert Cancel(second) not in stage.engine.sent


def test_a_cancel_is_acknowledged_at_once_and_the_engine_ends_the_job():
    stage = Stage().up()
    first, second = stage.submit("a"), stage.submit("b")
    stage.foreman.cancel(first)
    stage.foreman.cancel(first)
    assert stage.ends() == {first: Cancelled}
    assert stage.engine.sent.count(Cancel(first)) == 1
    assert stage.engine.asked == [first]
    stage.say(Failure(first, Cancelled("Cancelled.")))
    assert stage.engine.asked == [first, second]
    stage.answer(second)
    assert stage.ends() == {first: Cancelled, second: Response}
    assert not stage.engine.ended


def test_an_answer_that_crosses_the_cancel_is_dropped():
    stage = Stage().up()
    job = stage.submit()
    stage.foreman.cancel(job)
    stage.say(Progress(job, 1, 2, "working"))
    stage.answer(job)
    assert stage.ends() == {job: Cancelled}
    assert not [event for event in stage.events if isinstance(event, Progress)]


def test_a_cancelled_job_without_a_boundary_ends_the_process_two_seconds_after_one_was_due():
    stage = Stage().up()
    job = stage.submit()
    for done in (1, 2):  # a boundary each 4 s
        stage.now += 4
        stage.say(Heart())
        stage.foreman.tick()
        stage.say(Progress(job, done, 9, "working"))
    stage.foreman.cancel(job)
    stage.pass_time(5)
    assert not stage.engine.ended
    assert stage.foreman.wait_s() == pytest.approx(1.0)
    stage.pass_time(1)
    assert stage.engines[0].ended
    stage.foreman.tick()
    assert len(stage.engines) == 2
    assert stage.ends() == {job: Cancelled}


def test_loading_is_exempt_from_the_end_by_cancel():
    stage = Stage().up()
    job = stage.submit()
    stage.say(Loading("a large network"))
    stage.foreman.cancel(job)
    stage.pass_time(20)
    assert not stage.engine.ended
    stage.say(Loading(""))
    stage.pass_time(2)
    assert stage.engines[0].ended


def test_cancelling_what_ended_or_never_was_does_nothing():
    stage = Stage().up()
    job = stage.submit()
    stage.answer(job)
    told = len(stage.events)
    stage.foreman.cancel(job)
    stage.foreman.cancel(-1)
    assert len(stage.events) == told


def test_what_an_engine_given_up_still_says_is_ignored():
    stage = Stage().up()
    job = stage.submit()
    old = stage.engine
    stage.foreman.restart()
    stage.foreman.tick()
    stage.foreman.hear(old, message=Response(job, "late", ORIGIN))
    stage.foreman.hear(old, message=Died("killed"))
    assert stage.ends() == {}
    stage.say(Hello())
    stage.answer(job)
    assert stage.ends() == {job: Response}
    assert len(stage.engines) == 2


def test_a_foreign_message_ends_the_engine():
    stage = Stage().up()
    stage.say({"a": "dict"})
    assert stage.engines[0].ended
    stage.pass_time(1)
    assert len(stage.engines) == 2


def test_warmth_is_wished_for_in_each_life():
    stage = Stage()
    wish = Warm("vertebrae", "w")
    stage.foreman.warm(wish)
    stage.up()
    stage.foreman.warm(wish)
    assert stage.engine.sent == [wish, wish]
    stage.say(Died("gone"))
    stage.pass_time(1)
    stage.say(Hello())
    assert stage.engine.sent == [wish]


def test_closing_ends_every_job_and_the_engine():
    stage = Stage().up()
    jobs = [stage.submit("a"), stage.submit("b", Lane.PREVIEW), stage.submit("c", Lane.BATCH)]
    stage.foreman.close()
    assert stage.engine.ended
    assert stage.ends() == dict.fromkeys(jobs, Cancelled)
    assert stage.state.status is EngineStatus.STOPPED
    stage.foreman.tick()
    assert len(stage.engines) == 1
