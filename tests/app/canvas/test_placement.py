"""The map between film and screen, at any shape of pixel, flip, turn and zoom."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF

from app.canvas.placement import FIT_MARGIN, MAX_ZOOM, Placement, place
from app.canvas.state import ViewState

places = st.tuples(st.floats(-3000, 9000), st.floats(-3000, 9000))
placements = st.builds(
    Placement,
    zoom=st.floats(0.02, MAX_ZOOM),
    centre=st.tuples(st.floats(0, 6000), st.floats(0, 6000)),
    viewport=st.tuples(st.floats(1, 4000), st.floats(1, 3000)),
    flipped_h=st.booleans(),
    flipped_v=st.booleans(),
    quarter_turns=st.integers(0, 3),
    aspect=st.floats(0.2, 5.0),
)


@given(placement=placements, point=places)
def test_to_image_undoes_to_screen(placement: Placement, point: tuple[float, float]) -> None:
    x, y = placement.to_screen([point])[0]
    assert placement.to_image(x, y) == pytest.approx(point, rel=1e-9, abs=1e-9)


@given(placement=placements, point=places)
def test_the_painter_draws_where_points_go(
    placement: Placement, point: tuple[float, float]
) -> None:
    drawn = placement.transform().map(QPointF(point[1], point[0]))
    assert drawn.toTuple() == pytest.approx(placement.to_screen([point])[0], rel=1e-9, abs=1e-6)


@given(placement=placements, point=places)
def test_a_pixel_is_as_high_as_its_aspect_says(
    placement: Placement, point: tuple[float, float]
) -> None:
    row, column = point
    start, down, across = placement.to_screen([point, (row + 1, column), (row, column + 1)])
    height, width = np.linalg.norm(down - start), np.linalg.norm(across - start)
    assert height / width == pytest.approx(placement.aspect, rel=1e-6)
    assert width == pytest.approx(placement.zoom, rel=1e-6)


@given(placement=placements, factor=st.floats(0.1, 10), at=st.tuples(*[st.floats(0, 3000)] * 2))
def test_zooming_leaves_what_lies_under_the_cursor(
    placement: Placement, factor: float, at: tuple[float, float]
) -> None:
    zoomed = placement.zoomed(factor, at=at, lowest=0.01)
    assert zoomed.to_image(*at) == pytest.approx(placement.to_image(*at), rel=1e-9, abs=1e-6)


@given(placement=placements, dx=st.floats(-900, 900), dy=st.floats(-900, 900), point=places)
def test_panning_moves_everything_by_screen_pixels(
    placement: Placement, dx: float, dy: float, point: tuple[float, float]
) -> None:
    before, after = placement.to_screen([point])[0], placement.panned(dx, dy).to_screen([point])[0]
    assert after - before == pytest.approx([dx, dy], abs=1e-6)


@given(
    shape=st.tuples(st.integers(200, 5000), st.integers(200, 5000)),
    aspect=st.floats(0.2, 5.0),
    turns=st.integers(0, 3),
)
def test_a_fitted_film_touches_two_edges_and_passes_none(
    shape: tuple[int, int], aspect: float, turns: int
) -> None:
    viewport = (900.0, 700.0)
    state = ViewState(quarter_turns=turns)
    placement = place(state, shape=shape, viewport=viewport, aspect=aspect)
    ends = placement.to_screen([(-0.5, -0.5), (shape[0] - 0.5, shape[1] - 0.5)])
    room = np.array(viewport) - 2 * FIT_MARGIN
    share = np.abs(ends[1] - ends[0]) / room
    assert share.max() == pytest.approx(1.0)
    assert ends.mean(axis=0) == pytest.approx(np.array(viewport) / 2)
