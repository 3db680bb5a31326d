"""Close-ups hold their vertebra, stand upright, and know the way back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.vertebrae.crops import STEP, STEP_RADIANS, course_of, crops_around, settled


def column(angle_deg: float = 0.0) -> np.ndarray:
    """(68, 2) a straight column of 17 boxes 40 wide and 20 tall, 30 apart, turned about (0, 0)."""
    boxes = np.array(
        [
            [(30.0 * v + down, across) for down in (-10, 10) for across in (-20, 20)]
            for v in range(17)
        ]
    )
    angle = np.radians(angle_deg)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return boxes.reshape(68, 2) @ turn + [300.0, 400.0]


@pytest.mark.parametrize("angle_deg", [0.0, 25.0, -60.0])
def test_the_course_points_down_the_column(angle_deg: float) -> None:
    course = course_of(column(angle_deg))
    angle = np.radians(angle_deg)
    assert np.allclose(course.down, [np.cos(angle), np.sin(angle)])
    assert np.allclose(course.level, 30.0)
    assert np.allclose(course.side, 1.6 * 40)
    assert np.allclose((course.down * course.aside).sum(axis=1), 0)


@pytest.mark.parametrize("angle_deg", [0.0, 25.0, -60.0])
def test_every_close_up_shows_its_vertebra_upright_in_the_middle(angle_deg: float) -> None:
    corners = column(angle_deg)
    crops = crops_around(course_of(corners), size=64)
    seen = crops.to_crop(corners.reshape(17, 4, 2))
    assert np.allclose(seen, np.array([[21.5, 11.5], [21.5, 51.5], [41.5, 11.5], [41.5, 51.5]]))


def test_there_and_back() -> None:
    points = np.random.default_rng(0).normal(300, 50, (17, 5, 2))
    crops = crops_around(course_of(column(13.0)), size=48)
    assert np.allclose(crops.to_film(crops.to_crop(points)), points)


def test_a_column_squeezed_into_a_point_gives_no_nonsense() -> None:
    crops = crops_around(course_of(np.full((68, 2), 7.0)), size=64)
    assert np.isfinite(crops.matrices).all()


@given(
    shift=st.tuples(st.floats(-300, 300), st.floats(-300, 300)),
    angle_deg=st.floats(-80, 80),
    scale=st.floats(0.4, 2.5),
)
def test_settled_close_ups_stand_near_their_vertebra(
    shift: tuple[float, float], angle_deg: float, scale: float
) -> None:
    usual = course_of(column())
    course = course_of(column(angle_deg) * scale + shift)
    stands = settled(course, usual=usual)
    off = np.linalg.norm(stands.centres - course.centres, axis=1)
    assert (off <= 1.2 * STEP * course.side).all()
    assert (np.abs(np.log(stands.side / course.side)) <= 1.01 * STEP_RADIANS).all()
    turned = np.arccos(np.clip((stands.down * course.down).sum(axis=1), -1, 1))
    assert (turned <= 1.01 * STEP_RADIANS).all()
    assert np.allclose(np.linalg.norm(stands.down, axis=1), 1)
    assert np.array_equal(stands.level, course.level)


def test_a_column_that_hardly_moved_keeps_its_close_ups_and_another_has_its_own() -> None:
    usual = course_of(column())
    near = settled(course_of(column() + np.array([1.0, -1.5])), usual=usual)
    assert np.array_equal(near.centres, usual.centres)
    assert np.array_equal(near.down, usual.down)
    assert np.array_equal(near.side, usual.side)
    moved = (course_of(column() + np.array([40.0, by])) for by in (0.0, 0.1))
    far, farther = (settled(course, usual=usual) for course in moved)
    assert not np.isin(far.centres, usual.centres).all()
    assert np.array_equal(far.centres, farther.centres), "what hardly moves stays there too"
