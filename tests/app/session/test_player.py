"""Frames follow one another at the rate they were taken at, and late ones are left out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.session.player import USUAL_FPS, Player
from tests.app.session.implant_sitting import ImplantSitting, a_cine, a_panoramic


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def sitting(tmp_path: Path, qtbot: QtBot) -> Iterator[ImplantSitting]:
    made = ImplantSitting(tmp_path / "library")
    yield made
    made.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def player(sitting: ImplantSitting, clock: Clock) -> Player:
    """24 frames, 20 a second."""
    sitting.show(a_cine())
    made = Player(sitting.session, clock=clock)
    made._timer.setInterval(10**6)  # the test turns the clock
    return made


def after(player: Player, clock: Clock, seconds: float) -> int:
    clock.now += seconds
    player.advance()
    return player._session.frame


def test_the_frame_shown_is_the_one_whose_time_it_is(player, clock):
    assert player.rate == pytest.approx(20)
    player.play()
    assert [after(player, clock, 0.051) for _ in range(3)] == [1, 2, 3]
    assert after(player, clock, 0.02) == 3
    assert after(player, clock, 0.5) == 13  # the screen was late: ten frames are left out


def test_it_begins_again_after_the_last_frame_was_seen_as_long_as_the_others(player, clock):
    player.seek(23)
    player.play()
    assert after(player, clock, 0.04) == 23
    assert after(player, clock, 0.02) == 0


def test_without_the_loop_it_stays_at_the_last_frame_and_plays_again_from_the_first(player, clock):
    player.loops = False
    player.seek(20)
    player.play()
    assert after(player, clock, 5.0) == 23
    assert not player.is_playing
    player.toggle()
    assert player._session.frame == 0
    assert player.is_playing


def test_a_frame_sought_while_playing_goes_on_from_there(player, clock):
    player.play()
    after(player, clock, 0.3)
    player.seek(15)
    assert after(player, clock, 0.051) == 16
    player.seek(10**6)
    assert player._session.frame == 23


def test_a_step_by_hand_stops_and_goes_around_the_ends(player):
    player.play()
    player.step(-1)
    assert (player._session.frame, player.is_playing) == (23, False)
    player.step(1)
    assert player._session.frame == 0


def test_where_no_rate_is_recorded_the_usual_one_is_used_and_said(sitting, clock):
    sitting.show(a_cine(times=False))
    player = Player(sitting.session, clock=clock)
    player._timer.setInterval(10**6)
    assert (player.rate, player.is_rate_recorded) == (USUAL_FPS, False)
    player.play()
    assert after(player, clock, 0.11) == 1


def test_the_pace_that_was_kept_is_told(player, clock):
    told: list[float] = []
    player.paced.connect(told.append)
    player.play()
    for _ in range(5):
        after(player, clock, 0.21)
    assert told == [pytest.approx(5 / 1.05)]


def test_what_plays_stops_with_its_film_and_stills_do_not_play(player, sitting):
    player.play()
    sitting.show(a_panoramic(), "still")
    assert not player.is_playing
    player.play()
    player.step(1)
    assert not player.is_playing
    assert sitting.session.frame == 0


def test_grey_values_are_measured_on_the_frame_in_sight(sitting):
    from app.session.measuring import Measuring
    from domain.measures import Measure, MeasureKind

    sitting.show(a_cine())
    measuring = Measuring(sitting.session, sitting.editing)
    box = Measure("m", MeasureKind.RECTANGLE, ((52.0, 42.0), (62.0, 46.0)))
    bright = measuring.read(box).text
    sitting.session.look_at(20)
    assert measuring.read(box).text != bright
