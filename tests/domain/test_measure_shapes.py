"""The lines that measures are drawn with."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.measure_shapes import strokes
from domain.measures import POINTS, MeasureKind

place = st.tuples(st.floats(-100, 100), st.floats(-100, 100))


@given(st.sampled_from(MeasureKind), st.lists(place, max_size=4))
def test_any_number_of_points_can_be_drawn(kind, points) -> None:
    shape = strokes(kind, points[: POINTS[kind]], rows=50)
    for line in (*shape.solid, *shape.dashed):
        assert line.shape[1] == 2
        assert np.isfinite(line).all()


def test_a_finished_line_runs_from_end_to_end() -> None:
    (line,) = strokes(MeasureKind.LINE, [(1, 2), (3, 4)], rows=9).solid
    assert line.tolist() == [[1, 2], [3, 4]]


def test_cobb_lines_are_joined_by_their_middles() -> None:
    shape = strokes(MeasureKind.COBB, [(0, 0), (0, 4), (10, 2), (12, 6)], rows=20)
    assert len(shape.solid) == 2
    assert shape.dashed[0].tolist() == [[0, 2], [11, 4]]


def test_a_plumb_line_runs_down_the_whole_film() -> None:
    (line,) = strokes(MeasureKind.PLUMB, [(7, 3)], rows=20).solid
    assert line.tolist() == [[-0.5, 3], [19.5, 3]]


def test_the_balance_shows_the_distance_it_reads() -> None:
    shape = strokes(MeasureKind.BALANCE, [(2, 8), (18, 5)], rows=20)
    assert shape.solid[0].tolist() == [[2, 8], [2, 5]]
    assert shape.dashed[0][:, 1].tolist() == [5, 5]


def test_an_ellipse_touches_its_box() -> None:
    (line,) = strokes(MeasureKind.ELLIPSE, [(10, 20), (30, 80)], rows=99).solid
    assert line.min(axis=0) == pytest.approx([10, 20])
    assert line.max(axis=0) == pytest.approx([30, 80])


def test_the_arc_of_an_angle_runs_inside_it() -> None:
    (arc,) = strokes(MeasureKind.ANGLE, [(-5, -10), (0, 0), (5, -10)], rows=9).dashed
    assert (arc[:, 1] < 0).all(), "across the direction in which angles jump from +180 to -180"
