"""What a hand asks comes first, and it has what it has asked for."""

from __future__ import annotations

import pytest

from domain.errors import Cancelled, OutOfMemory
from inference.contracts import Failure, Lane, Response, Superseded
from inference.foreman import PUT_OFF_MOST, PUT_OFF_S
from inference.process import Died
from inference.wire import Cancel, MissingPixels
from tests.inference.test_foreman import ORIGIN, PIXELS, Stage


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


def test_of_a_preview_that_was_superseded_one_end_is_believed():
    stage = Stage().up()
    preview = stage.submit("a", Lane.PREVIEW, prompt="here")
    final = stage.submit("a", prompt="there")
    stage.say(Failure(preview, Cancelled("Cancelled.")))
    stage.say(Failure(preview, Cancelled("Cancelled.")))
    assert stage.engine.ended
    stage.pass_time(1)
    stage.up()
    stage.answer(final)
    assert stage.ends() == {preview: Superseded, final: Response}


def test_a_superseded_preview_that_lacked_pixels_leaves_them_to_be_sent():
    stage = Stage().up()
    preview = stage.submit("a", Lane.PREVIEW, images=("sha",), prompt="here")
    final = stage.submit("a", images=("sha",), prompt="there")
    for job in (preview, final):
        stage.say(MissingPixels(job))
    assert stage.engine.asked == [preview, final, final]
    assert stage.engine.sent[-1].pixels == {"sha": PIXELS}
    stage.answer(final)
    assert stage.ends() == {preview: Superseded, final: Response}


def test_what_a_lost_engine_never_ended_is_forgotten_with_it():
    stage = Stage().up()
    preview = stage.submit("a", Lane.PREVIEW, prompt="here")
    final = stage.submit("a", prompt="there")
    stage.say(Died("It crashed."))
    stage.pass_time(1)
    stage.up()
    assert stage.engine.asked == [final]
    stage.answer(preview)
    assert stage.engine.ended, "this engine was never asked that"
