"""Labels on a picture can be told apart, wherever the column runs."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.io.exporters.look import Look
from app.io.exporters.overlay import Box, Ground, Overlay, overlay
from domain.curves import Reading
from domain.geometry import Points
from domain.measures import Measure, MeasureKind
from tests.app.io.leaving import FILM, bent_column, column, export

UNIT = 7.0


def laid_out(corners: np.ndarray, **changes: object) -> Overlay:
    case = replace(export(points=Points(corners)), **changes)
    return overlay(case, Ground(case.look.turned_shape(FILM.shape), (1.0, 1.0), UNIT))


def is_inside(box: Box, size: tuple[int, int]) -> bool:
    return bool(
        box.height / 2 <= box.row <= size[0] - box.height / 2
        and box.width / 2 <= box.column <= size[1] - box.width / 2
    )


@pytest.mark.parametrize(("reading", "turns"), list(product(Reading, range(4))))
def test_angles_are_beside_the_column_and_cover_nothing(reading: Reading, turns: int) -> None:
    look = Look(quarter_turns=turns)
    over = laid_out(bent_column(), reading=reading, look=look)
    assert len(over.marks) >= 2
    boxes = [mark.box for mark in over.marks]
    assert all(is_inside(box, look.turned_shape(FILM.shape)) for box in boxes)
    others = [name.box for name in over.names]
    assert all(one.shared(two) == 0 for one, two in combinations(boxes, 2))
    assert all(one.shared(two) == 0 for one, two in product(boxes, others))


@settings(max_examples=40)
@given(st.floats(0, 40), st.floats(0.5, 2.5), st.floats(30, 210))
def test_no_angle_covers_another_one(tilt_deg: float, waves: float, middle: float) -> None:
    over = laid_out(bent_column(tilt_deg, waves=waves, middle=middle))
    for one, two in combinations((mark.box for mark in over.marks), 2):
        assert one.shared(two) == 0
    assert all(is_inside(mark.box, FILM.shape) for mark in over.marks)


def test_names_stand_behind_the_column_where_the_film_ends_before_it() -> None:
    names = laid_out(column() - [0, 79]).names
    assert all(name.box.column > 40 for name in names)
    assert [name.words for name in names][:2] == ["T1", "T2"]


def test_angles_leave_room_for_what_was_measured() -> None:
    where = laid_out(bent_column()).marks[0].box
    line = Measure("m", MeasureKind.LINE, ((where.row, 10.0), (where.row, where.column)), "width")
    case = export(points=Points(bent_column()), measures=(line,))
    over = overlay(case, Ground(FILM.shape, (1.0, 1.0), UNIT))
    (reading,) = over.readings
    assert reading.words.startswith("width")
    assert all(mark.box.shared(reading.box) == 0 for mark in over.marks)


@given(st.floats(-50, 50), st.floats(-50, 50))
def test_a_share_is_of_the_box_that_is_covered(row: float, column_: float) -> None:
    small, large = Box(0, 0, 10, 20), Box(row, column_, 40, 60)
    high = max(0.0, min(5, row + 20) - max(-5, row - 20))
    wide = max(0.0, min(10, column_ + 30) - max(-10, column_ - 30))
    assert small.shared(large) == pytest.approx(high * wide / 200)
