"""A hand that lets go where the engine was asked about has that answer."""

from __future__ import annotations

from domain.errors import OutOfMemory
from inference.contracts import Failure, Lane, Response
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
