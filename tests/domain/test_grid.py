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


def test_knows_how_high_a_pixel_is_over_its_width() -> None:
    assert Grid().aspect == 1.0
    assert Grid(aspect=1.5).aspect == 1.5
    assert Grid((0.4, 0.2), source="ruler", aspect=7.0).aspect == 2.0, "the spacing knows better"


@pytest.mark.parametrize("aspect", [0.0, -1.0, float("nan"), float("inf")])
def test_refuses_pixels_without_a_shape(aspect: float) -> None:
    with pytest.raises(ValueError, match="as high"):
        Grid(aspect=aspect)


@pytest.mark.parametrize(
    ("spacing", "source"),
    [((0.1, 0.1), ""), ((0.0, 0.1), "tag"), ((0.1, -0.1), "tag"), ((float("nan"), 0.1), "tag")],
)
def test_refuses_spacing_without_source_or_sense(spacing: tuple[float, float], source: str) -> None:
    with pytest.raises(ValueError, match="needs a source"):
        Grid(spacing, source)


def test_the_aspect_follows_from_the_spacing() -> None:
    assert Grid((0.3, 0.1), "a ruler").aspect == pytest.approx(3)
    assert Grid((0.3, 0.1), "a ruler", aspect=1.0).aspect == pytest.approx(3)
    assert Grid(aspect=1.5).aspect == 1.5
    assert Grid().aspect == 1.0


@pytest.mark.parametrize("aspect", [0.0, -1.0, float("nan"), float("inf")])
def test_pixels_have_a_height_and_a_width(aspect: float) -> None:
    with pytest.raises(ValueError, match="wide"):
        Grid(aspect=aspect)
