"""A hand that lets go where the engine was asked about has that answer; elsewhere, its own soon."""

from __future__ import annotations

from domain.errors import Cancelled, OutOfMemory
from inference.contracts import Failure, Lane, Response, Superseded
from inference.process import Died
from inference.wire import MissingPixels
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
