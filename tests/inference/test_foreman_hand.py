"""What a hand asks comes first, and it has what it has asked for."""

from __future__ import annotations

import pytest

from domain.errors import Cancelled, OutOfMemory
from inference.contracts import Failure, Lane, Response
from inference.foreman import PUT_OFF_MOST, PUT_OFF_S
from inference.wire import Cancel
from tests.inference.test_foreman import ORIGIN, Stage


def test_a_hand_that_lets_go_where_it_was_asked_about_has_that_answer():
    stage = Stage().up()
    preview = stage.submit("a", Lane.PREVIEW, prompt="here")
    final = stage.submit("a", prompt="here")
    beside = stage.submit("b", prompt="here")
    stage.answer(preview)
    assert stage.ends() == {preview: Response, final: Response}
    assert stage.engine.asked == [preview, beside]
    answer = next(event for event in stage.events if getattr(event, "request_id", 0) == final)
    assert answer.origin is ORIGIN


def test_a_fault_of_a_preview_is_not_its_finals():
    stage = Stage().up()
    preview, final = (stage.submit("a", lane, prompt="here") for lane in (Lane.PREVIEW, Lane.FINAL))
    stage.say(Failure(preview, OutOfMemory("Too little memory.")))
    stage.answer(final)
    assert stage.ends() == {preview: OutOfMemory, final: Response}


def gave_way(stage: Stage) -> list[int]:
    return [message.request_id for message in stage.engine.sent if isinstance(message, Cancel)]


def end_as_cancelled(stage: Stage, request_id: int) -> None:
    stage.say(Failure(request_id, Cancelled("Cancelled.")))


@pytest.mark.parametrize("lane", [Lane.PREVIEW, Lane.FINAL])
def test_young_batch_work_gives_way_and_is_done_afterwards(lane: Lane) -> None:
    stage = Stage().up()
    batch, behind = stage.submit("a", Lane.BATCH), stage.submit("b", Lane.BATCH)
    waits = stage.submit("c", lane)
    assert gave_way(stage) == [batch]
    end_as_cancelled(stage, batch)
    assert stage.engine.asked == [batch, waits]
    assert stage.ends() == {}, "nobody hears of it"
    stage.answer(waits)
    assert stage.engine.asked == [batch, waits, batch], "before what waited behind it"
    stage.answer(batch)
    stage.answer(behind)
    assert stage.ends() == {waits: Response, batch: Response, behind: Response}


def test_batch_work_that_is_done_before_it_hears_of_it_keeps_its_answer() -> None:
    stage = Stage().up()
    batch, waits = stage.submit("a", Lane.BATCH), stage.submit("b")
    stage.answer(batch)
    stage.answer(waits)
    assert stage.ends() == {batch: Response, waits: Response}


def test_long_batch_work_is_not_thrown_away() -> None:
    stage = Stage().up()
    stage.submit("a", Lane.BATCH)
    stage.pass_time(PUT_OFF_S + 1)
    stage.submit("b")
    assert gave_way(stage) == []


def test_batch_work_does_not_give_way_for_ever() -> None:
    stage = Stage().up()
    batch = stage.submit("a", Lane.BATCH)
    for _ in range(PUT_OFF_MOST):
        waits = stage.submit("b")
        end_as_cancelled(stage, batch)
        stage.answer(waits)
    stage.submit("b")
    assert gave_way(stage) == [batch] * PUT_OFF_MOST
    stage.answer(batch)
    assert stage.ends()[batch] is Response


def test_a_person_may_cancel_what_gave_way() -> None:
    stage = Stage().up()
    batch, waits = stage.submit("a", Lane.BATCH), stage.submit("b")
    stage.foreman.cancel(batch)
    end_as_cancelled(stage, batch)
    stage.answer(waits)
    assert stage.ends() == {batch: Cancelled, waits: Response}
    assert stage.engine.asked == [batch, waits]
