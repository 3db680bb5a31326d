"""Outlines around heat: where they lie, what they hold, and how they become masks again."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from domain.contours import (
    area,
    connected,
    mask_of,
    outline_of,
    shared,
    simplified,
    with_hole,
)

masks = arrays.arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 12)))


@given(masks)
def test_parts_are_those_opencv_finds(mask):
    theirs = cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)[1]
    ours = connected(mask)
    assert ((ours > 0) == mask).all()
    assert {(int(a), int(b)) for a, b in zip(ours.flat, theirs.flat, strict=True)} == set(
        {int(a): (int(a), int(b)) for a, b in zip(ours.flat, theirs.flat, strict=True)}.values()
    )
    assert ours.max(initial=0) == theirs.max(initial=0)


@settings(max_examples=200)
@given(masks, st.integers(0, 10))
def test_an_outline_holds_its_pixels_and_no_others(mask, seed):
    """But for holes, which it covers."""
    grain = np.random.default_rng(seed).uniform(0.1, 1, mask.shape)
    heat = np.where(mask, 0.5 + grain, 0.5 - grain)
    labels = connected(mask)
    for number in range(1, labels.max(initial=0) + 1):
        own = labels == number
        outline = outline_of(heat, own, threshold=0.5)
        assert (filled(own) == mask_of(outline, mask.shape)).all()


def filled(mask):
    """A mask without its holes: what cannot be reached from outside, round corners too."""
    around = np.pad(~mask, 1, constant_values=True)
    outside = cv2.connectedComponents(around.astype(np.uint8), connectivity=8)[1]
    return (outside != outside[0, 0])[1:-1, 1:-1] | mask


def test_an_outline_lies_where_heat_falls_to_the_threshold():
    rows, columns = np.indices((60, 60))
    heat = np.maximum(0, 20 - np.hypot(rows - 30.3, columns - 24.6))
    outline = outline_of(heat, heat > 8, threshold=8)
    radius = np.hypot(outline[:, 0] - 30.3, outline[:, 1] - 24.6)
    np.testing.assert_allclose(radius, 12, atol=0.05)
    assert abs(area(outline)) == pytest.approx(np.pi * 144, rel=0.01)


def test_heat_at_the_edge_ends_at_the_edge():
    outline = outline_of(np.ones((4, 6)), np.ones((4, 6), bool), threshold=0.5)
    assert outline.min(axis=0).tolist() == [-0.5, -0.5]
    assert outline.max(axis=0).tolist() == [3.5, 5.5]


@given(st.floats(0.05, 2), st.integers(0, 99))
def test_what_is_simplified_stays_near(tolerance, seed):
    grain = np.random.default_rng(seed)
    angles = np.sort(grain.uniform(0, 2 * np.pi, 40))
    radius = grain.uniform(5, 12, 40)
    outline = np.stack([np.sin(angles), np.cos(angles)], axis=1) * radius[:, None]
    fewer = simplified(outline, tolerance=tolerance)
    assert len(fewer) <= len(outline)
    ends = np.roll(fewer, -1, axis=0)
    for place in outline:
        along = ends - fewer
        share = ((place - fewer) * along).sum(axis=1) / np.maximum((along**2).sum(axis=1), 1e-12)
        nearest = fewer + np.clip(share, 0, 1)[:, None] * along
        assert np.linalg.norm(place - nearest, axis=1).min() <= tolerance + 1e-9


def test_a_circle_needs_few_corners():
    angles = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    circle = np.stack([np.sin(angles), np.cos(angles)], axis=1) * 20
    assert 8 <= len(simplified(circle, tolerance=0.3)) < 40


@pytest.mark.parametrize(
    ("moved", "share"), [((0, 0), 1.0), ((0, 5), 0.5), ((10, 0), 0.0), ((5, 5), 0.25)]
)
def test_polygons_share_what_they_share(moved, share):
    square = np.array([(0.0, 0), (0, 10), (10, 10), (10, 0)])
    assert shared(square, square + moved) == pytest.approx(share, abs=0.03)
    assert shared(square + moved, square) == pytest.approx(share, abs=0.03)


def test_the_smaller_one_decides():
    square = np.array([(0.0, 0), (0, 10), (10, 10), (10, 0)])
    assert shared(square, square / 3 + 2) == pytest.approx(1)


def rounded(middle, radii):
    """A star-shaped polygon around a place."""
    angles = np.arange(len(radii)) * 2 * np.pi / len(radii)
    return np.array(middle) + np.stack([np.sin(angles), np.cos(angles)], axis=1) * radii[:, None]


radii = arrays.arrays(float, st.integers(3, 12), elements=st.floats(1, 4))


@given(radii, st.lists(radii, min_size=1, max_size=3), st.booleans())
def test_holes_are_left_out_of_mask_and_area(outer, holes, reverse):
    whole = rounded((20.3, 20.7), outer + 14)
    rings = [
        rounded((20.3 + 7 * np.sin(2 * n), 20.7 + 7 * np.cos(2 * n)), hole / 2)
        for n, hole in enumerate(holes)
    ]
    outline, wanted = whole, mask_of(whole, (40, 41))
    for ring in rings:
        outline = with_hole(outline, ring[::-1] if reverse else ring)
        wanted &= ~mask_of(ring, (40, 41))
    assert (mask_of(outline, (40, 41)) == wanted).all()
    left = abs(area(whole)) - sum(abs(area(ring)) for ring in rings)
    assert np.isclose(abs(area(outline)), left)
