"""What the hand holds stays; what it gives back is as if it had never been touched."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.annotation import Annotations, Hint
from domain.errors import ImageMismatch
from domain.geometry import Points
from domain.grid import Grid
from domain.measures import Measure, MeasureKind
from domain.provenance import Mode, ModelOrigin

COUNT = 6
ORIGIN = ModelOrigin("net", "0" * 64, Mode.CORRECTED, "cpu", "float32", 0.1, "0")
START = Annotations("a" * 64, points=Points(np.zeros((COUNT, 2))))

coordinates = st.floats(-100, 100)
hints = st.builds(Hint, st.integers(0, COUNT - 1), coordinates, coordinates)
rounds = st.lists(st.lists(hints, min_size=1, max_size=3).map(tuple), max_size=5)
pins = st.frozensets(st.integers(0, COUNT - 1))


def after(gestures: list[tuple[Hint, ...]], held: frozenset[int] = frozenset()) -> Annotations:
    annotations = START
    for gesture in gestures:
        annotations = annotations.with_hints(gesture)
    return Annotations(
        annotations.image_sha256, points=annotations.points, rounds=annotations.rounds, pins=held
    )


@given(rounds)
def test_hinted_points_are_exactly_where_the_hand_left_them(
    gestures: list[tuple[Hint, ...]],
) -> None:
    annotations = after(gestures)
    assert annotations.points is not None
    for index, hint in annotations.hints.items():
        assert tuple(annotations.points.coordinates[index]) == (hint.row, hint.column)
    untouched = set(range(COUNT)) - set(annotations.hints)
    assert all(not annotations.points.coordinates[index].any() for index in untouched)


@given(rounds, pins)
def test_an_answer_moves_everything_but_what_is_held(
    gestures: list[tuple[Hint, ...]], held: frozenset[int]
) -> None:
    before = after(gestures, held)
    answer = np.full((COUNT, 2), 999.0)
    answered = before.answered(Points(answer), confidence=(1.0,) * COUNT, origin=ORIGIN)
    assert before.points is not None
    assert answered.points is not None
    for index in range(COUNT):
        source = before.points.coordinates if index in before.held else answer
        assert answered.points.coordinates[index].tolist() == source[index].tolist()
    assert (answered.rounds, answered.pins) == (before.rounds, before.pins)
    assert answered.origin == ORIGIN


@given(rounds, st.integers(0, COUNT - 1))
def test_giving_a_point_back_leaves_the_rounds_that_never_had_it(
    gestures: list[tuple[Hint, ...]], index: int
) -> None:
    never = [tuple(h for h in gesture if h.index != index) for gesture in gestures]
    given_back = after(gestures, frozenset({index})).without_hints({index})
    assert given_back.rounds == after([gesture for gesture in never if gesture]).rounds
    assert index not in given_back.held


def test_the_latest_hint_counts() -> None:
    twice = START.with_hints((Hint(2, 1.0, 1.0),)).with_hints((Hint(2, 5.5, 6.25),))
    assert twice.hints == {2: Hint(2, 5.5, 6.25)}
    assert len(twice.rounds) == 2


def test_a_first_answer_may_come_before_any_points() -> None:
    blank = Annotations("a" * 64)
    answered = blank.answered(Points(np.ones((COUNT, 2))), confidence=(), origin=ORIGIN)
    assert answered.points == Points(np.ones((COUNT, 2)))


def test_touching_a_point_takes_acceptance_back() -> None:
    accepted = Annotations("a" * 64, points=START.points, accepted=True)
    assert not accepted.with_hints((Hint(0, 1.0, 1.0),)).accepted
    assert not replace(accepted, pins=frozenset({0})).without_hints({0}).accepted
    assert accepted.without_hints({0}) == accepted, "there was nothing to give back"


def test_refuses_other_pixels() -> None:
    START.require_image("a" * 64)
    with pytest.raises(ImageMismatch, match="another image"):
        START.require_image("b" * 64)


def test_an_answer_leaves_what_was_measured():
    line = Measure("m", MeasureKind.LINE, ((0.0, 0.0), (3.0, 4.0)))
    grid = Grid((0.2, 0.2), source="user: 25 mm drawn")
    before = replace(START, measures=(line,), calibration=grid)
    answered = before.answered(Points(np.ones((COUNT, 2))), confidence=(), origin=ORIGIN)
    assert (answered.measures, answered.calibration) == ((line,), grid)
    assert START.measured_as(answered) == before
