"""Frames: there and back, whole films inside, columns with room around them."""

from __future__ import annotations

import numpy as np
import pytest

from models.vertebrae.framing import frame_of_column, frame_of_film


@pytest.mark.parametrize("shape", [(2375, 891), (600, 600), (300, 900), (3755, 355)])
def test_a_whole_film_fits_and_comes_back(shape: tuple[int, int]) -> None:
    frame = frame_of_film(*shape)
    edges = np.array([[-0.5, -0.5], [shape[0] - 0.5, shape[1] - 0.5]])
    seen = frame.to_network(edges)
    assert (seen >= -0.5 - 1e-6).all()
    assert (seen <= np.array([255.5, 127.5]) + 1e-6).all()
    # It is as large as fits: one pair of edges touches the frame's.
    assert np.isclose(seen[1] - seen[0], [256, 128]).any()
    assert np.allclose(frame.to_film(seen), edges)


def test_pixels_that_shrink_by_two_meet_between_centres() -> None:
    frame = frame_of_film(512, 256)
    assert np.allclose(frame.to_film(np.array([0.0, 0.0])), [0.5, 0.5])


def test_a_found_column_gets_room_on_every_side() -> None:
    rows = np.linspace(400, 1600, 34)
    points = np.stack([np.repeat(rows, 2), np.tile([480.0, 560.0], 34)], axis=1)
    frame = frame_of_column(points)
    seen = frame.to_network(points)
    assert seen.min() > 5
    assert (seen.max(axis=0) < [250, 122]).all()
    assert np.ptp(seen[:, 0]) > 180


def test_a_column_found_in_one_point_still_gives_a_frame() -> None:
    frame = frame_of_column(np.full((68, 2), 50.0))
    assert np.isfinite(frame.to_network(np.array([50.0, 50.0]))).all()
