"""Uneven steps are seen at any size and turn; what is usual is what labelled films show."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.vertebrae.evenness import USUAL, VARY, ratios, unevenness
from training.data.aasce import read_aasce


def usual(skipped: int | None = None) -> np.ndarray:
    """(68, 2) a column with usual steps; one vertebra counted twice makes it end early."""
    steps = 40 * np.exp(np.cumsum(np.append(0, USUAL)) / 1000)
    rows = np.append(0, np.cumsum(steps))
    if skipped is not None:
        rows[skipped:] = np.append(rows[skipped] - 10, rows[skipped:-1])
    centres = np.stack([rows, 30 * np.sin(np.linspace(0, 3, 17))], axis=1)
    corners = np.array([[-15, -30], [-15, 30], [15, -30], [15, 30]])
    return np.asarray(centres[:, None] + corners).reshape(-1, 2)


def test_a_usual_column_is_even_and_one_that_counts_a_vertebra_twice_is_not() -> None:
    assert unevenness(usual()) < 2
    assert min(unevenness(usual(skipped)) for skipped in range(1, 15)) > 20


@given(
    size=st.floats(0.1, 10), turn=st.floats(-3, 3), aside=st.floats(-1e3, 1e3), skip=st.booleans()
)
def test_size_turn_and_place_do_not_matter(
    size: float, turn: float, aside: float, skip: bool
) -> None:
    column = usual(5 if skip else None)
    turned = column @ np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    assert unevenness(size * turned + aside) == pytest.approx(unevenness(column), abs=1e-4)


def test_a_column_in_one_place_has_a_number_too() -> None:
    assert np.isfinite(unevenness(np.zeros((68, 2))))


def test_usual_is_what_films_to_learn_from_show(shared_data: Path) -> None:
    films = read_aasce(shared_data / "spine", part="training")
    found = []
    for film in films:
        small = cv2.imread(str(film.path), cv2.IMREAD_REDUCED_GRAYSCALE_8)
        assert small is not None
        found.append(ratios(film.corners_px(small.shape)))
    assert len(found) == 371
    assert np.abs(np.mean(found, axis=0) - USUAL).max() < 1
    assert np.abs(np.std(found, axis=0) - VARY).max() < 1
