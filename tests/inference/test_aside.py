"""Work that can wait stands aside while a hand moves, and no longer."""

from __future__ import annotations

import pytest

from domain.errors import Cancelled
from inference.aside import GLANCE_S, MOST_S, Aside
from inference.contracts import CancelToken, Lane
from inference.wire import Ask, HandMoves
from tests.inference.test_foreman import Stage


class Time:
    """Passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def aside(time: Time) -> Aside:
    return Aside(clock=time.clock, sleep=time.sleep)


def slept(time: Time, wait: object) -> float:
    began = time.now
    assert callable(wait)
    wait()
    return time.now - began


def test_work_waits_until_the_hand_rests(time: Time, aside: Aside) -> None:
    wait = aside.waiting(lambda: None)
    assert slept(time, wait) == 0
    aside.hand_moves(0.25)
    assert slept(time, wait) == pytest.approx(0.25, abs=GLANCE_S)
    assert slept(time, wait) == 0


def test_a_hand_that_never_rests_does_not_stop_work_for_good(time: Time, aside: Aside) -> None:
    wait, next_wait = aside.waiting(lambda: None), aside.waiting(lambda: None)
    aside.hand_moves(3600)
    assert slept(time, wait) == pytest.approx(MOST_S, abs=2 * GLANCE_S)
    assert slept(time, wait) == 0, "this piece of work has waited enough"
    assert slept(time, next_wait) == pytest.approx(MOST_S, abs=2 * GLANCE_S)


def test_what_is_cancelled_does_not_wait(time: Time, aside: Aside) -> None:
    token = CancelToken()
    looks: list[float] = []

    def check() -> None:
        looks.append(time.now)
        if len(looks) == 4:
            token.cancel()
        token.check()

    aside.hand_moves(3)
    with pytest.raises(Cancelled):
        aside.waiting(check)()
    assert time.now == pytest.approx(100 + 3 * GLANCE_S)


@pytest.mark.parametrize("lane", Lane)
def test_only_what_nobody_looks_at_stands_aside(lane: Lane) -> None:
    stage = Stage().up()
    stage.submit("a", lane)
    (ask,) = [message for message in stage.engine.sent if isinstance(message, Ask)]
    assert ask.can_wait is (lane is Lane.BATCH)
    stage.foreman.hand_moves(0.25)
    told = [message for message in stage.engine.sent if isinstance(message, HandMoves)]
    assert told == ([HandMoves(0.25)] if lane is Lane.BATCH else [])


def test_an_idle_engine_is_left_in_peace() -> None:
    stage = Stage().up()
    stage.foreman.hand_moves(0.25)
    assert not [message for message in stage.engine.sent if isinstance(message, HandMoves)]
