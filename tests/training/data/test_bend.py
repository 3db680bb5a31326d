"""A bent column: corners go with the picture, vertebrae keep their shape, the rest its place."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from training.data.bend import bend
from training.phantoms.vertebrae import draw_phantom

ROWS, COLUMNS = 512, 256


def column() -> np.ndarray:
    return draw_phantom(2, rows=ROWS, columns=COLUMNS).corners


def sides(corners: np.ndarray) -> np.ndarray:
    """(17, 4) lengths of a vertebra's sides."""
    boxes = corners.reshape(17, 4, 2)[:, [0, 1, 3, 2]]
    return np.linalg.norm(boxes - np.roll(boxes, 1, axis=1), axis=-1)


@pytest.mark.parametrize("seed", range(6))
def test_bright_dots_stay_under_their_corners(seed: int) -> None:
    corners = column()
    picture = np.zeros((ROWS, COLUMNS), np.float32)
    for row, place in np.round(corners).astype(int):
        picture[row - 2 : row + 3, place - 2 : place + 3] = 255
    made, moved = bend(picture, corners, rng=np.random.default_rng(seed))
    there = [
        cv2.getRectSubPix(made, (3, 3), (float(place), float(row))).max() for row, place in moved
    ]
    assert np.mean(np.array(there) > 100) > 0.97


def test_vertebrae_keep_their_shape_and_the_column_its_length() -> None:
    corners, kept = column(), []
    for seed in range(12):
        _, moved = bend(
            np.zeros((ROWS, COLUMNS), np.float32), corners, rng=np.random.default_rng(seed)
        )
        kept.append(sides(moved) / sides(corners))
        steps = [
            np.linalg.norm(np.diff(c.reshape(17, 4, 2).mean(axis=1), axis=0), axis=1).sum()
            for c in (corners, moved)
        ]
        assert steps[1] == pytest.approx(steps[0], rel=0.03)
    assert np.median(kept) == pytest.approx(1.0, abs=0.02)
    assert np.percentile(kept, 5) > 0.6


def test_columns_become_more_bent_and_left_stays_left() -> None:
    corners = column()
    turned = []
    for seed in range(12):
        _, moved = bend(
            np.zeros((ROWS, COLUMNS), np.float32), corners, rng=np.random.default_rng(seed)
        )
        boxes = moved.reshape(17, 4, 2)
        across = boxes[:, 1] - boxes[:, 0]
        assert (across[:, 1] > 0).all()
        turned.append(np.ptp(np.degrees(np.arctan2(across[:, 0], across[:, 1]))))
    assert np.median(turned) > 25
