"""Augmentation: corners follow the picture, left stays left, every step is repeatable."""

from __future__ import annotations

import numpy as np
import torch

from training.data.ahead import ahead
from training.data.augment import Framings, Taught, draw, to_teach
from training.data.batches import Batches
from training.phantoms.vertebrae import draw_phantom


def film_with_dots() -> tuple[np.ndarray, np.ndarray]:
    """A black film with a bright dot at every corner of a column."""
    corners = draw_phantom(2, rows=700, columns=300).corners
    film = np.zeros((700, 300), np.uint8)
    for row, column in np.round(corners).astype(int):
        film[row - 2 : row + 3, column - 2 : column + 3] = 255
    return film, corners


def three_films() -> list[Taught]:
    drawn = [draw_phantom(seed, rows=400, columns=200) for seed in range(3)]
    return [to_teach(phantom.film, phantom.corners) for phantom in drawn]


def test_corners_follow_the_picture() -> None:
    taught = to_teach(*film_with_dots())
    hits, seen = 0, 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        sample = draw(taught, others=(), rng=rng, size=(256, 128))
        picture = sample.picture.astype(float)
        inside = (sample.corners > 3).all(axis=1) & (sample.corners < [252, 124]).all(axis=1)
        middle = np.median(picture)
        for row, column in np.round(sample.corners[inside]).astype(int):
            near = picture[row - 2 : row + 3, column - 2 : column + 3]
            seen += 1
            hits += abs(near - middle).max() > 15
    assert seen > 1000
    assert hits / seen > 0.85  # some lie under a cover, some are very dark


def test_left_stays_left_on_the_picture() -> None:
    taught = to_teach(*film_with_dots())
    mirrored = 0
    for seed in range(20):
        sample = draw(taught, others=(), rng=np.random.default_rng(seed), size=(256, 128))
        boxes = sample.corners.reshape(17, 4, 2)
        assert (boxes[:, [0, 2], 1] < boxes[:, [1, 3], 1]).all()
        assert (np.diff(boxes.mean(axis=1)[:, 0]) > 0).all()
        lean = np.polyfit(boxes.mean(axis=1)[:, 0], boxes.mean(axis=1)[:, 1], 3)[0]
        mirrored += lean > 0
    assert 0 < mirrored < 20


def test_a_wide_framing_shows_a_small_column_and_a_close_one_fills_the_picture() -> None:
    taught = three_films()[0]
    tall = {"wide": [], "column": []}
    for kind, heights in tall.items():
        framings = Framings(**{"whole": 0.0, "column": 0.0, "wide": 0.0, kind: 1.0})
        for seed in range(20):
            rng = np.random.default_rng(seed)
            sample = draw(taught, others=(), rng=rng, size=(256, 128), framings=framings)
            heights.append(np.ptp(sample.corners[:, 0]))
    assert np.median(tall["wide"]) < 0.85 * np.median(tall["column"])


def test_a_step_is_the_same_whenever_it_is_drawn() -> None:
    films = three_films()
    batches = Batches(films, films[:1], size=4, frame=(64, 32), phantom_share=0.5, seed=5)
    drawn = ahead(batches.draw, first=2)
    second, third = next(drawn), next(drawn)
    drawn.close()
    assert torch.equal(second.pictures, batches.draw(2).pictures)
    assert torch.equal(third.corners, batches.draw(3).corners)
    assert not torch.equal(second.pictures, third.pictures)


def test_corners_outside_the_picture_are_not_known() -> None:
    films = three_films()
    batches = Batches(films, [], size=64, frame=(64, 32), phantom_share=0.0, seed=5)
    batch = batches.draw(0)
    outside = (batch.corners < -0.5) | (batch.corners > torch.tensor([63.5, 31.5]))
    assert torch.equal(batch.known, ~outside.any(-1))
    assert bool(batch.known.any())
    assert not bool(batch.known.all())


def test_every_film_once_in_a_round() -> None:
    films = [to_teach(np.full((256, 128), 20 * n, np.uint8), film_with_dots()[1]) for n in range(5)]
    batches = Batches(films, [], size=5, frame=(64, 32), phantom_share=0.0, seed=5)
    for round_ in range(3):
        assert sorted(batches._turn(5 * round_ + n) for n in range(5)) == [0, 1, 2, 3, 4]
