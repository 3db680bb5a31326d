"""Engines that lie, hang, stop and die, and cancels at every stage: each question ends right."""

from __future__ import annotations

import numpy as np
import pytest

from domain.errors import Cancelled, EngineLost
from domain.image import image_identity
from domain.vertebrae import VertebraePrompt
from inference.contracts import EngineStatus, Lane, Progress, Request, Response
from inference.vitals import Patience
from tests.e2e.liar_engine import LIES, liar_command
from tests.inference.test_worker import LONG_S, Desk, is_state
from tests.rule import column

FILM = np.full((40, 50), 7, np.uint8)
QUICK = Patience(heart_s=2.0, back_off_s=(0.0,))


def ask_for_corners(desk):
    request = Request("vertebrae", "w", images=(image_identity(FILM),), prompt=VertebraePrompt())
    desk.worker.submit("a", request, {image_identity(FILM): FILM}, Lane.FINAL)
    return request.id


def losses(desk):
    return [event for event in desk.events if is_state(event, EngineStatus.RESTARTING)]


@pytest.mark.parametrize("lie", LIES)
def test_an_engine_that_lies_is_replaced_and_the_question_answered(lie, tmp_path):
    mark = tmp_path / "mark"
    with Desk(command=liar_command(lie, mark=mark), patience=QUICK) as desk:
        answer = desk.end_of(ask_for_corners(desk))
        assert isinstance(answer, Response), answer
        assert mark.exists()
    np.testing.assert_array_equal(answer.findings.corners, column())
    assert losses(desk)[0].why.startswith("The engine")


def test_an_engine_that_lies_in_each_life_is_said_to_be_lost_and_may_be_asked_again():
    with Desk(command=liar_command("nowhere"), patience=QUICK) as desk:
        for _ in range(2):
            error = desk.error_of(ask_for_corners(desk))
            assert isinstance(error, EngineLost)
            assert error.why
    assert not any(is_state(event, EngineStatus.UNAVAILABLE) for event in desk.events)


@pytest.mark.parametrize("fault", ["kill once", "abort once", "stop once", "hang once"])
def test_an_engine_that_goes_in_a_job_answers_the_same_in_its_next_life(fault, tmp_path):
    """Killed, aborted, stopped by a signal (no heart), and one call that never ends (a heart)."""
    patience = Patience(heart_s=2.0, work_s=1.5, back_off_s=(0.0,))
    env = {"FAKE_ENGINE_MARK": str(tmp_path / "mark")}
    with Desk(env=env, patience=patience) as desk:
        before = desk.end_of(desk.ask(echo="same"))
        after = desk.end_of(desk.ask(echo="same", fault=fault))
    assert (tmp_path / "mark").exists()
    assert isinstance(after, Response), after
    assert after.findings == before.findings
    assert losses(desk)[0].why


def test_a_job_that_never_ends_fails_and_the_others_are_answered():
    with Desk(patience=Patience(work_s=0.5, back_off_s=(0.0,))) as desk:
        bad, good = desk.ask("a", fault="hang"), desk.ask("b", echo="fine")
        assert "no further" in desk.error_of(bad).why
        assert desk.end_of(good).findings["echo"] == "fine"


def working(desk):
    desk.until(lambda: any(isinstance(event, Progress) for event in desk.events))


def loading(desk):
    desk.until(lambda: any(getattr(event, "why", "") == "w" for event in desk.events))


@pytest.mark.parametrize("stage", ["starting", "loading", "waiting", "working", "answered"])
def test_a_cancel_at_any_stage_ends_that_job_and_no_other(stage):
    with Desk(env={"FAKE_ENGINE_LOADING_S": "0.2"}, patience=Patience(cancel_s=LONG_S)) as desk:
        other = desk.ask("other", seconds=0.3, echo=0) if stage == "waiting" else None
        job = desk.ask("a", seconds=0.4, steps=8, echo=1)
        if stage == "loading":
            loading(desk)
        elif stage in ("waiting", "working"):
            working(desk)
        elif stage == "answered":
            desk.end_of(job)
        desk.worker.cancel(job)
        end = desk.end_of(job)
        assert desk.end_of(desk.ask("b", echo="next")).findings["echo"] == "next"
        assert other is None or desk.end_of(other).findings["echo"] == 0
    if stage == "answered":
        assert isinstance(end, Response)
    else:
        assert isinstance(end.error, Cancelled)
    assert not losses(desk), "a cancel at a boundary costs no engine"
