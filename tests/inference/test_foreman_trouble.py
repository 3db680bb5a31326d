"""Engines that die, lie or stand still, and cancels at every stage, under the test's clock."""

from __future__ import annotations

import pytest

from domain.errors import Cancelled, EngineLost, NeedPixels
from inference.contracts import EngineState, EngineStatus, Failure, Lane, Progress, Response
from inference.process import Died
from inference.wire import Heart, Hello, Loading, MissingPixels, Ready
from tests.inference.test_foreman import ORIGIN, Stage


def crash(stage, why="signal 9"):
    """The engine dies; the seconds until the next one stands."""
    engines, began = len(stage.engines), stage.now
    stage.say(Died(why))
    while len(stage.engines) == engines:
        stage.now += 0.25
        stage.foreman.tick()
    stage.say(Hello())
    stage.say(Ready("a device"))
    return stage.now - began - 0.25


def test_jobs_that_end_their_engines_make_it_start_again_with_rising_pauses_until_an_answer():
    stage = Stage().up()
    jobs = [stage.submit(f"case {n}") for n in range(4)]
    pauses = [crash(stage) for _ in range(6)]
    assert pauses == sorted(pauses)
    assert pauses[0] == 0.0
    assert pauses[-1] == pytest.approx(10.0, abs=0.25)
    stage.answer(jobs[3])
    stage.submit("next")
    assert crash(stage) == 0.0


def test_an_engine_that_stood_long_did_not_fail_to_start():
    """Ended from outside three times in a day, without a question in between."""
    stage = Stage().up()
    for _ in range(4):
        stage.say(Heart())
        for _ in range(70):
            stage.pass_time(1)
            stage.say(Heart())
        crash(stage)
    assert stage.state.status is EngineStatus.READY


def test_while_the_next_engine_is_awaited_it_is_said_why_the_last_one_went():
    stage = Stage().up()
    stage.submit()
    stage.say(Died("signal 9"))
    assert stage.state == EngineState(
        EngineStatus.RESTARTING, device="a device", queue=1, why="signal 9"
    )
    stage.foreman.tick()
    stage.say(Hello())
    assert stage.state.why == "signal 9"
    stage.say(Ready("a device"))
    assert stage.state == EngineState(EngineStatus.BUSY, device="a device")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda job: Response(job + 1, "found", ORIGIN),
        lambda job: Failure(job + 1, NeedPixels("no")),
        lambda job: MissingPixels(job + 1),
        lambda job: Response(job, "found", None),
        lambda job: Failure(job, ValueError("no")),
    ],
)
def test_an_answer_to_another_question_ends_the_engine_and_the_job_is_asked_again(wrong):
    stage = Stage().up()
    job = stage.submit()
    stage.say(wrong(job))
    assert stage.engines[0].ended
    assert stage.ends() == {}
    stage.foreman.tick()
    stage.say(Hello())
    stage.answer(job)
    assert stage.ends() == {job: Response}


def test_an_answer_without_a_question_ends_the_engine():
    stage = Stage().up()
    stage.say(Response(1, "found", ORIGIN))
    assert stage.engines[0].ended


def beat(stage, seconds):
    for _ in range(seconds):
        stage.say(Heart())
        stage.pass_time(1)


def test_a_job_that_gets_no_further_costs_the_engine_though_its_heart_beats():
    stage = Stage().up()
    job = stage.submit()
    beat(stage, 100)
    stage.say(Progress(job, 1, 2, "working"))
    beat(stage, 119)
    assert not stage.engine.ended
    beat(stage, 2)
    assert stage.engines[0].ended
    assert stage.ends() == {}


def test_loading_and_a_sleep_of_the_computer_are_no_standstill():
    stage = Stage().up()
    job = stage.submit()
    stage.say(Loading("a large network"))
    beat(stage, 300)
    stage.say(Loading(""))
    beat(stage, 100)
    stage.now += 8 * 3600
    stage.foreman.tick()
    beat(stage, 100)
    assert not stage.engine.ended
    stage.answer(job)
    assert stage.ends() == {job: Response}


STAGES = {
    "before the start": lambda stage, job: None,
    "before its first word": lambda stage, job: stage.foreman.start(),
    "asked, without a device": lambda stage, job: (stage.foreman.start(), stage.say(Hello())),
    "loading": lambda stage, job: (stage.up(), stage.say(Loading("w"))),
    "asked": lambda stage, job: stage.up(),
    "working": lambda stage, job: (stage.up(), stage.say(Progress(job, 1, 9, "working"))),
    "asked twice": lambda stage, job: (stage.up(), stage.say(MissingPixels(job))),
    "between two engines": lambda stage, job: (stage.up(), stage.say(Died("signal 9"))),
    "in the next engine": lambda stage, job: (stage.up(), crash(stage)),
}


@pytest.mark.parametrize("lane", list(Lane))
@pytest.mark.parametrize("reach", STAGES.values(), ids=STAGES)
def test_a_cancel_at_every_stage_ends_that_job_alone(reach, lane):
    stage = Stage()
    job = stage.submit("a", lane, images=("x",))
    reach(stage, job)
    was_lost = job in stage.ends()  # a preview goes with its engine
    stage.foreman.cancel(job)
    assert stage.ends() == {job: EngineLost if was_lost else Cancelled}
    other = stage.submit("b")
    if not stage.engines:
        stage.up()
    stage.pass_time(1)
    stage.say(Hello())
    stage.say(Ready("a device"))
    if stage.engine.asked[-1:] == [job]:
        stage.say(Failure(job, Cancelled("Cancelled.")))
    stage.answer(other)
    assert stage.ends().keys() == {job, other}
    assert stage.ends()[other] is Response
