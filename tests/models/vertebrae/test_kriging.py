"""A hint tells of the other corners what residuals have in common, and no more than that."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.vertebrae.kriging import ACROSS, ALONG, MOST, Law, covariance, leant, residuals

LEVEL, HALF = 40.0, 30.0
ANY_CORNERS = st.lists(st.integers(0, 67), min_size=1, max_size=12, unique=True)


def column(vertebrae: int = 17) -> np.ndarray:
    """(4 n, 2) a straight column."""
    corners = np.array([[-15, -HALF], [-15, HALF], [15, -HALF], [15, HALF]])
    centres = np.stack([LEVEL * np.arange(vertebrae), np.full(vertebrae, 100.0)], axis=1)
    return np.asarray(centres[:, None] + corners).reshape(-1, 2)


def pushed(index: list[int], seed: int, *, most: float) -> np.ndarray:
    """(h, 2) residuals."""
    return np.random.default_rng(seed).uniform(-most, most, (len(index), 2))


def test_without_hints_nothing_moves() -> None:
    assert np.array_equal(leant(column(), index=[], off=np.zeros((0, 2))), column())


@given(index=ANY_CORNERS)
def test_hints_that_agree_move_nothing(index: list[int]) -> None:
    told = residuals(column(), column()[index], index)
    assert not told.shift.any()
    assert np.allclose(leant(column(), index=index, off=told.off), column(), atol=1e-3)


@given(index=ANY_CORNERS, seed=st.integers(0, 999), most=st.floats(0, 1e4))
def test_moves_are_bounded_and_hinted_corners_stay(
    index: list[int], seed: int, most: float
) -> None:
    moved = leant(column(), index=index, off=pushed(index, seed, most=most)) - column()
    assert np.linalg.norm(moved, axis=1).max() <= MOST * LEVEL + 1e-6
    assert not moved[index].any()


@given(index=ANY_CORNERS, seed=st.integers(0, 999), turn=st.floats(-3, 3), size=st.floats(0.1, 9))
def test_turn_and_size_do_not_matter(index: list[int], seed: int, turn: float, size: float) -> None:
    off = pushed(index, seed, most=20)
    turned = size * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    there = leant(column() @ turned, index=index, off=off @ turned)
    assert np.allclose(there, leant(column(), index=index, off=off) @ turned, atol=1e-6)


@given(index=ANY_CORNERS, seed=st.integers(0, 999))
def test_the_order_of_hints_does_not_matter(index: list[int], seed: int) -> None:
    off = pushed(index, seed, most=20)
    there = leant(column(), index=index[::-1], off=off[::-1])
    assert np.allclose(there, leant(column(), index=index, off=off))


def test_a_hint_farther_out_widens_the_column_less_and_less() -> None:
    moved = leant(column(), index=[32], off=np.array([[0.0, -8.0]])) - column()
    left, right = moved[0::4, 1], moved[1::4, 1]
    assert (left < 0)[[0, 7, 9, 16]].all()
    assert right[8] > 0
    assert -8 < left[7] < left[4] < left[0]


def test_a_hint_at_another_level_is_told_from_one_that_lies_off() -> None:
    below = column()[[20, 40]] + [LEVEL, -5.0]
    told = residuals(column(), below, [20, 40])
    assert told.shift.tolist() == [1, 1]
    assert np.allclose(told.off, [[0, -5], [0, -5]], atol=1e-3)


@pytest.mark.parametrize("vertebrae", [12, 17, 18])
@pytest.mark.parametrize("law", [ALONG, ACROSS])
def test_covariances_are_those_of_something(vertebrae: int, law: Law) -> None:
    found = covariance(law, 4 * vertebrae)
    assert np.allclose(found, found.T)
    assert np.linalg.eigvalsh(found).min() > -1e-9


def test_columns_of_another_count_lean_too() -> None:
    moved = leant(column(12), index=[5], off=np.array([[0.0, 6.0]])) - column(12)
    assert moved.shape == (48, 2)
    assert moved[9, 1] > 0


def test_a_corner_that_is_not_there_is_refused() -> None:
    with pytest.raises(IndexError):
        leant(column(), index=[68], off=np.ones((1, 2)))
