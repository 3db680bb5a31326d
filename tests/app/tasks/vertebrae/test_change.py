"""Curves of two films are paired by their levels, and small changes are called none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tasks.vertebrae.change import ChangeRow, Curve, change_rows, curves_of
from domain.annotation import Annotations
from domain.geometry import Points
from domain.vertebrae import shifted_column
from tests.app.session.sitting import column


def curve(first: int, last: int, angle: float, title: str = "Main") -> Curve:
    return Curve(title, angle, first, last, first, last, f"{first}–{last}")


def bent(degrees: float) -> np.ndarray:
    """A column whose vertebrae 4 to 8 turn against each other by so much in all."""
    corners = column()
    by_vertebra = corners.reshape(17, 4, 2)
    middle = by_vertebra.mean(axis=1, keepdims=True)
    lean = np.interp(np.arange(17), [4, 8], [-degrees / 2, degrees / 2])
    turn = np.radians(lean)[:, None]
    rows, columns = (by_vertebra - middle)[..., 0], (by_vertebra - middle)[..., 1]
    turned = np.stack(
        [
            rows * np.cos(turn) + columns * np.sin(turn),
            columns * np.cos(turn) - rows * np.sin(turn),
        ],
        axis=-1,
    )
    return (turned + middle).reshape(-1, 2)


def film(degrees: float, **changes) -> Annotations:
    return replace(Annotations("0" * 64, points=Points(bent(degrees))), **changes)


def test_a_curve_is_read_with_its_levels() -> None:
    main = curves_of(film(30), aspect=1.0)[0]
    assert main.angle_deg == pytest.approx(30, abs=1e-6)
    assert main.between == "T5–T9"
    assert curves_of(Annotations("0" * 64), aspect=1.0) == ()


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        (30.0, 34.2, "+4.2°"),
        (30.0, 24.0, "−6.0°"),
        (30.0, 31.5, "+1.5°, no change"),
        (30.0, 27.0, "−3.0°, may be no change"),
    ],
)
def test_the_change_says_what_it_can_mean(before: float, now: float, words: str) -> None:
    rows = change_rows(
        curves_of(film(now), aspect=1.0)[:1], curves_of(film(before), aspect=1.0)[:1]
    )
    assert [row.words for row in rows] == [words]


def test_curves_are_paired_by_levels_not_by_titles() -> None:
    now = (curve(4, 9, 40), curve(10, 15, 30, "Second"))
    before = (curve(10, 14, 32), curve(4, 10, 25, "Second"))
    rows = change_rows(now, before)
    assert [row.change_deg for row in rows] == [15, -2]


def test_a_curve_without_a_like_is_shown_and_not_compared() -> None:
    rows = change_rows((curve(1, 5, 20),), (curve(9, 14, 30),))
    assert rows == (ChangeRow(curve(1, 5, 20), None), ChangeRow(None, curve(9, 14, 30)))
    assert {row.words for row in rows} == {"no such curve on the other film"}


def test_renamed_levels_are_compared_under_their_names() -> None:
    """The same corners called one level lower are another stretch of the spine."""
    here = curves_of(film(30), aspect=1.0)[0]
    shifted = curves_of(film(30, column=shifted_column(3)), aspect=1.0)[0]
    assert shifted.between == "T8–T12"
    assert change_rows((here,), (shifted,))[0].before is None


stretches = st.builds(
    lambda first, length, angle: curve(first, first + length, angle),
    st.integers(0, 10),
    st.integers(1, 6),
    st.floats(0, 90),
)


@given(st.lists(stretches, max_size=3), st.lists(stretches, max_size=3))
def test_every_curve_of_both_films_is_shown_once(now: list[Curve], before: list[Curve]) -> None:
    rows = change_rows(tuple(now), tuple(before))
    assert [row.now for row in rows if row.now] == now
    assert sorted(row.before.angle_deg for row in rows if row.before) == sorted(
        other.angle_deg for other in before
    )
