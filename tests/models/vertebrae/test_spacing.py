"""Vertebrae never lie on one another, and a column with room is left alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.vertebrae.spacing import LEAST_STEP, keep_apart

NOBODY = np.zeros(17, dtype=bool)


def column(centres: np.ndarray) -> np.ndarray:
    corners = np.array([[-15, -30], [-15, 30], [15, -30], [15, 30]])
    return (centres[:, None] + corners).reshape(-1, 2).astype(float)


def centres_of(corners: np.ndarray) -> np.ndarray:
    return corners.reshape(17, 4, 2).mean(axis=1)


def straight() -> np.ndarray:
    return np.stack([100.0 + 50 * np.arange(17), np.full(17, 200.0)], axis=1)


def test_a_column_with_room_stays() -> None:
    bent = straight()
    bent[:, 1] += 60 * np.sin(np.linspace(0, 5, 17))
    assert np.abs(keep_apart(column(bent), held=NOBODY) - column(bent)).max() < 1e-9


def test_two_on_one_another_share_the_way() -> None:
    centres = straight()
    centres[9, 0] = centres[8, 0] + 5
    found = centres_of(keep_apart(column(centres), held=NOBODY))
    step = found[9, 0] - found[8, 0]
    assert step == pytest.approx(LEAST_STEP * 50, abs=1e-6)
    assert centres[8, 0] - found[8, 0] == pytest.approx(found[9, 0] - centres[9, 0], abs=1e-6)


def test_the_one_in_the_hand_stays() -> None:
    centres = straight()
    centres[9, 0] = centres[8, 0] + 5
    held = NOBODY.copy()
    held[9] = True
    found = centres_of(keep_apart(column(centres), held=held))
    assert found[9, 0] == pytest.approx(centres[9, 0], abs=0.05)
    assert found[9, 0] - found[8, 0] == pytest.approx(LEAST_STEP * 50, abs=1e-6)


def test_what_was_found_in_the_wrong_order_is_put_in_order() -> None:
    centres = straight()
    centres[[0, 1]] = centres[[1, 0]]
    assert (np.diff(centres_of(keep_apart(column(centres), held=NOBODY))[:, 0]) > 20).all()


@settings(max_examples=60)
@given(st.lists(st.floats(-45, 45), min_size=17, max_size=17))
def test_however_they_were_found_each_has_room(off: list[float]) -> None:
    centres = straight()
    centres[:, 0] += off
    before = np.diff(centres[:, 0])
    usual = np.array([np.median(before[max(0, n - 3) : n + 4]) for n in range(16)])
    after = np.diff(centres_of(keep_apart(column(centres), held=NOBODY))[:, 0])
    assert (after >= LEAST_STEP * np.maximum(usual, 0) - 1e-6).all()
