"""Points do not change, and resampling keeps pixel centres at integers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.geometry import Points, frozen_array, resample

numbers = st.floats(-4000, 4000, allow_nan=False)
scales = st.floats(0.05, 20)


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=8), scales, scales)
def test_resampling_back_gives_the_same_points(
    places: list[tuple[float, float]], rows: float, columns: float
) -> None:
    there = resample(places, scale=(rows, columns))
    back = resample(there, scale=(1 / rows, 1 / columns))
    np.testing.assert_allclose(back, places, atol=1e-7)


@given(st.integers(1, 4000), scales)
def test_resampling_maps_the_edges_of_the_image_onto_edges(size: int, scale: float) -> None:
    edges = resample([(-0.5, size - 0.5)], scale=(scale, scale))
    np.testing.assert_allclose(edges, [(-0.5, size * scale - 0.5)], rtol=1e-9, atol=1e-9)


def test_two_pixels_become_one_between_them() -> None:
    np.testing.assert_allclose(resample([(0.5, 2.5)], scale=(0.5, 0.5)), [(0.0, 1.0)])


def test_points_are_read_only_and_cut_off_from_their_source() -> None:
    source = np.zeros((2, 2))
    points = Points(source)
    source[0] = 7
    assert points.coordinates[0, 0] == 0
    with pytest.raises(ValueError, match="read-only"):
        points.coordinates[0, 0] = 1


def test_moving_a_point_leaves_the_old_ones_alone() -> None:
    before = Points(np.zeros((3, 2)))
    after = before.moved(1, to=(4.5, -2.25))
    assert before == Points(np.zeros((3, 2)))
    assert after.coordinates.tolist() == [[0, 0], [4.5, -2.25], [0, 0]]


def test_equal_points_are_equal_values() -> None:
    one, other = Points(np.ones((2, 2))), Points(np.ones((2, 2)))
    assert one == other
    assert hash(one) == hash(other)
    assert one != other.moved(0, to=(1.0, 1.5))


@pytest.mark.parametrize("values", [[[1.0, 2.0, 3.0]], [1.0, 2.0]])
def test_refuses_other_shapes(values: list[object]) -> None:
    with pytest.raises(ValueError, match="expected shape"):
        frozen_array(values, columns=2)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_refuses_coordinates_that_are_no_place(bad: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        Points(np.array([[0.0, bad]]))
