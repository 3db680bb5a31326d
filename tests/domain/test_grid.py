"""Lengths need a recorded source of spacing."""

from __future__ import annotations

import pytest

from domain.errors import Uncalibrated
from domain.grid import Grid


def test_is_uncalibrated_until_somebody_says_where_from() -> None:
    assert not Grid().calibrated
    with pytest.raises(Uncalibrated, match="no pixel spacing"):
        Grid().require_spacing()


def test_gives_the_spacing_it_was_given() -> None:
    grid = Grid((0.14, 0.2), source="ruler")
    assert grid.calibrated
    assert grid.require_spacing() == (0.14, 0.2)


@pytest.mark.parametrize(
    ("spacing", "source"),
    [((0.1, 0.1), ""), ((0.0, 0.1), "tag"), ((0.1, -0.1), "tag"), ((float("nan"), 0.1), "tag")],
)
def test_refuses_spacing_without_source_or_sense(spacing: tuple[float, float], source: str) -> None:
    with pytest.raises(ValueError, match="needs a source"):
        Grid(spacing, source)
