"""Pictures drawn smaller and larger: nothing moves, nothing brightens."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.resampling import by_area, by_line

GRAIN = np.random.default_rng(3).integers(0, 256, (2, 96, 60)).astype(np.uint8)


def shrunk(frames, shape):
    rows, columns = frames.shape[-2:]
    return by_area(frames, rows=(0, rows), columns=(0, columns), shape=shape)


@pytest.mark.parametrize("shape", [(48, 20), (13, 7), (1, 1), (96, 60)])
def test_an_area_is_what_opencv_says(shape):
    theirs = [cv2.resize(f.astype(float), shape[::-1], interpolation=cv2.INTER_AREA) for f in GRAIN]
    np.testing.assert_allclose(shrunk(GRAIN, shape), theirs, rtol=1e-6)


@pytest.mark.parametrize("shape", [(48, 20), (13, 7), (200, 91), (1, 1)])
def test_a_line_is_what_opencv_says(shape):
    theirs = [
        cv2.resize(f.astype(np.float64), shape[::-1], interpolation=cv2.INTER_LINEAR) for f in GRAIN
    ]
    np.testing.assert_allclose(by_line(GRAIN, shape=shape), theirs, atol=1e-4)


def test_two_reductions_are_one():
    """A window at twice the network's size loses nothing the network would have seen."""
    part = {"rows": (10.25, 80.75), "columns": (3.1, 44.9)}
    twice = by_area(GRAIN, **part, shape=(64, 64))
    np.testing.assert_allclose(shrunk(twice, (32, 32)), by_area(GRAIN, **part, shape=(32, 32)))


@given(
    top=st.floats(0, 40), high=st.floats(0.5, 50), left=st.floats(0, 30), wide=st.floats(0.5, 30)
)
def test_an_area_keeps_the_mean_of_its_part(top, high, left, wide):
    edges = {"rows": (top, top + high), "columns": (left, left + wide)}
    pieces = by_area(GRAIN, **edges, shape=(5, 9)).mean(axis=(1, 2))
    whole = by_area(GRAIN, **edges, shape=(1, 1))[:, 0, 0]
    np.testing.assert_allclose(pieces, whole, rtol=1e-6)


@given(st.floats(0, 40), st.floats(0, 20))
def test_a_ramp_stays_where_it_is(slope, length):
    """The value of a ramp is its place, so that any shift would show."""
    ramp = np.arange(90.0)[None, :] * np.ones((4, 1))
    first, last = slope, slope + 10 + length
    drawn = by_area(ramp, rows=(0, 4), columns=(first, last), shape=(2, 7))
    centres = first + (np.arange(7) + 0.5) * (last - first) / 7 - 0.5
    # The sum runs over pixels: inside the first and last one it is even, not a ramp.
    np.testing.assert_allclose(drawn[0], centres, atol=0.51)


def test_one_pixel_is_everywhere():
    np.testing.assert_allclose(by_line(np.full((1, 1), 7), shape=(3, 3)), 7)
    np.testing.assert_allclose(shrunk(np.full((1, 1, 1), 7), (3, 3)), 7)
