"""A closer look moves corners a little, and never as far as the neighbour."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from domain.annotation import Hint
from inference.preprocess import build_pyramid
from inference.vertebrae.closer_look import FARTHEST_LEVELS, Found, look_closer
from models.vertebrae.crops import course_of, crops_around
from models.vertebrae.refiner import Refiner, RefinerConfig, Seen, Told

FILM = np.random.default_rng(0).integers(0, 255, (1400, 500), dtype=np.uint8)


class Pointer(Refiner):
    """A refiner that points at fixed places of every crop, whatever it sees."""

    def __init__(self, places: list[tuple[int, int]]) -> None:
        super().__init__(RefinerConfig(width=2))
        self.places = places
        self.told: Told | None = None

    def place(self, seen: Seen, levels: Tensor, told: Told) -> Tensor:
        self.told = told
        logits = torch.full((*levels.shape, 4, 48, 48), -60.0)
        for corner, (row, column) in enumerate(self.places):
            logits[..., corner, row, column] = 60.0
        return logits


def column() -> np.ndarray[Any, Any]:
    boxes = [
        (100.0 + 70 * v + down, 200.0 + across)
        for v in range(17)
        for down in (0, 45)
        for across in (0, 80)
    ]
    return np.array(boxes)


def test_corners_go_where_the_close_ups_show_them() -> None:
    before = Found(column(), np.full(68, 30.0))
    after = look_closer(
        Pointer([(16, 9), (16, 37), (30, 9), (30, 37)]), build_pyramid(FILM), before
    )
    boxes = after.corners.reshape(17, 4, 2)
    assert (boxes[:, 2, 0] > boxes[:, 0, 0]).all()
    assert (boxes[:, 1, 1] > boxes[:, 0, 1]).all()
    assert np.abs(boxes.mean(axis=1) - before.corners.reshape(17, 4, 2).mean(axis=1)).max() < 20
    assert after.spread.max() < 3


@pytest.mark.parametrize("place", [(0, 0), (47, 47), (0, 47)])
def test_no_look_moves_a_corner_as_far_as_the_neighbour(place: tuple[int, int]) -> None:
    before = column()
    after = look_closer(Pointer([place] * 4), build_pyramid(FILM), Found(before, np.zeros(68)))
    moved = np.linalg.norm(after.corners - before, axis=1)
    assert moved.max() <= 1.001 * FARTHEST_LEVELS * course_of(before).level.max()
    assert np.isfinite(after.corners).all()


def test_hints_are_told_in_the_pixels_of_their_close_up() -> None:
    before, refiner = column(), Pointer([(20, 20)] * 4)
    inside, outside = Hint(4 * 8 + 1, *before[4 * 8 + 1]), Hint(4 * 3, 1300.0, 20.0)
    pyramid = build_pyramid(FILM)
    look_closer(refiner, pyramid, Found(before, np.zeros(68)), hints=(inside, outside))
    assert refiner.told is not None
    assert refiner.told.mask.nonzero().tolist() == [[0, 8, 1]]
    course = course_of((before + 0.5) * pyramid.scale - 0.5)
    place = crops_around(course, size=96).to_crop(
        ((before + 0.5) * pyramid.scale - 0.5).reshape(17, 4, 2)
    )[8, 1]
    assert np.allclose(refiner.told.points[0, 8, 1].numpy(), place, atol=1e-3)


def test_what_is_kept_of_close_ups_gives_the_same_answer() -> None:
    torch.manual_seed(0)
    refiner, pyramid = Refiner(RefinerConfig(width=2)).eval(), build_pyramid(FILM)
    usual, kept = column(), dict[bytes, Any]()
    moved = usual + np.random.default_rng(1).normal(0, 1.5, usual.shape)
    found = Found(moved, np.zeros(68))
    look_closer(refiner, pyramid, Found(usual, np.zeros(68)), usual=usual, kept=kept)
    known = set(kept)
    quick = look_closer(refiner, pyramid, found, usual=usual, kept=kept)
    assert set(kept) == known, "close-ups of a column that moved by a pixel or two stay"
    plain = look_closer(refiner, pyramid, found, usual=usual)
    assert np.allclose(quick.corners, plain.corners, atol=1e-4)
    before = look_closer(refiner, pyramid, found)
    assert np.abs(quick.corners - before.corners).max() < 12
