"""A miscounted column put right: what was decided stays with its vertebra."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.annotation import Annotations, CurveEnds, Hint
from domain.errors import WrongUse
from domain.geometry import Points
from domain.numbering import LEVELS
from domain.repair import (
    LEAST_VERTEBRAE,
    MOST_VERTEBRAE,
    UNKNOWN_SPREAD,
    delete,
    extras_of,
    insert,
    rename,
    shift_names,
    slide,
    told,
)
from domain.vertebrae import column_of, names_of

CORNERS = np.array(
    [
        (40.0 * level + 30 * down, 100.0 + 30 * side)
        for level in range(17)
        for down in (0, 1)
        for side in (-1, 1)
    ]
)
FOUND = Annotations(
    "a" * 64,
    points=Points(CORNERS),
    rounds=((Hint(20, 200.0, 70.0),), (Hint(60, 601.0, 70.0), Hint(3, 30.0, 130.0))),
    pins=frozenset({21, 67}),
    confidence=tuple(float(n) for n in range(68)),
    accepted=True,
    curve_ends=(CurveEnds(4, 10),),
)


def boxes(annotations: Annotations) -> np.ndarray:
    assert annotations.points is not None
    return annotations.points.coordinates.reshape(-1, 4, 2)


def test_a_vertebra_goes_in_between_its_neighbours():
    made = insert(FOUND, 6)
    assert np.array_equal(boxes(made)[6], (boxes(FOUND)[5] + boxes(FOUND)[6]) / 2)
    assert np.array_equal(np.delete(boxes(made), 6, axis=0), boxes(FOUND))
    assert names_of(made) == (*LEVELS, "S1")
    assert [one.slot for one in column_of(made)] == [*range(6), None, *range(6, 17)]
    assert made.confidence[24:28] == (UNKNOWN_SPREAD,) * 4
    assert not made.accepted


def test_decisions_go_with_their_vertebra():
    made = insert(FOUND, 6)
    assert made.hints == {
        20: Hint(20, 200.0, 70.0),
        64: Hint(64, 601.0, 70.0),
        3: Hint(3, 30.0, 130.0),
    }
    assert made.pins == {21, 71}
    assert made.curve_ends == (CurveEnds(4, 11),)
    assert delete(made, 6) == replace(FOUND, accepted=False)


def test_what_was_decided_on_a_deleted_vertebra_goes():
    made = delete(FOUND, 5)
    assert set(made.hints) == {3, 56}
    assert made.pins == {63}
    assert names_of(made) == LEVELS[:-1]
    assert delete(FOUND, 4).curve_ends == (), "an end is gone: measured by rule again"


@pytest.mark.parametrize(("at", "row"), [(0, -40.0), (17, 680.0)])
def test_beyond_an_end_it_lies_as_far_as_its_neighbours(at, row):
    made = boxes(insert(FOUND, at))[at]
    assert made[0].tolist() == [row, 70.0]


def test_a_column_slides_under_its_names():
    down = slide(FOUND, 1)
    assert names_of(down) == LEVELS
    assert np.array_equal(boxes(down)[:-1], boxes(FOUND)[1:])
    assert [one.slot for one in column_of(down)] == [*range(1, 17), None]
    assert set(down.hints) == {16, 56}, "T6's corner is now T5's"
    up = slide(FOUND, -1)
    assert np.array_equal(boxes(up)[1:], boxes(FOUND)[:-1])
    assert np.array_equal(boxes(slide(down, -1))[1:], boxes(FOUND)[1:])


def test_names_move_and_no_landmark_does():
    made = shift_names(rename(FOUND, 12, "T13"), -1)
    assert names_of(made)[:2] == ("C7", "T1")
    assert made.points == FOUND.points
    assert shift_names(shift_names(FOUND, 1), -1).column == FOUND.column


def test_the_network_hears_its_own_numbers():
    made = slide(FOUND, 1)
    assert told(made) == ((Hint(20, 200.0, 70.0),), (Hint(60, 601.0, 70.0),))
    assert list(extras_of(made)) == [16]
    extra = extras_of(made)[16]
    assert extra.level == 16, "the last of its own lies above"
    assert extra.corners == tuple(map(tuple, boxes(made)[16].tolist()))


def test_what_a_hand_holds_is_not_fitted():
    made = insert(FOUND, 17)
    assert extras_of(made.with_hints((Hint(70, 1.0, 2.0),))) == {}
    assert extras_of(replace(made, pins=frozenset({68}))) == {}


def test_a_hint_on_an_added_vertebra_is_none_of_the_network_s_business():
    made = insert(Annotations("a", points=Points(CORNERS)), 6)
    assert told(made.with_hints((Hint(25, 5.0, 6.0),))) == ()


VERBS = ("insert", "delete", "slide", "up", "rename")


@given(st.lists(st.tuples(st.sampled_from(VERBS), st.integers())))
def test_after_anything_the_column_is_whole(steps):
    made = FOUND
    for what, number in steps:
        count = len(column_of(made))
        verb = {
            "insert": lambda a, n, c: insert(a, n % (c + 1)),
            "delete": lambda a, n, c: delete(a, n % c),
            "slide": lambda a, n, _: slide(a, 1 if n % 2 else -1),
            "up": lambda a, n, _: shift_names(a, 1 if n % 2 else -1),
            "rename": lambda a, n, c: rename(a, n % c, "L1"),
        }[what]
        try:
            made = verb(made, number, count)
        except WrongUse:
            continue
        column = column_of(made)
        assert LEAST_VERTEBRAE <= len(column) <= MOST_VERTEBRAE
        assert made.points is not None
        assert len(made.points) == 4 * len(column) == len(made.confidence)
        assert all(index < len(made.points) for index in made.held)
        slots = [one.slot for one in column if one.slot is not None]
        assert slots == sorted(set(slots))


def test_too_short_too_long_and_nothing_are_refused_in_words():
    short = FOUND
    while len(column_of(short)) > LEAST_VERTEBRAE:
        short = delete(short, 0)
    with pytest.raises(WrongUse, match="at least 3"):
        delete(short, 0)
    long = FOUND
    while len(column_of(long)) < 22:
        long = insert(long, 17)
    with pytest.raises(WrongUse, match="no vertebra below S5"):
        insert(long, 22)
    with pytest.raises(WrongUse, match="no column"):
        insert(Annotations("a"), 0)
