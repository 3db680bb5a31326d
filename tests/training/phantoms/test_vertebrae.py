"""Phantoms: repeatable, anatomically ordered, their corners where they were drawn."""

from __future__ import annotations

import numpy as np
import pytest

from domain.vertebrae import cobb_angles
from training.data.aasce import is_sound
from training.phantoms.vertebrae import draw_phantom

SEEDS = range(6)


@pytest.mark.parametrize("seed", SEEDS)
def test_corners_are_sound_and_on_the_film(seed: int) -> None:
    phantom = draw_phantom(seed, rows=700, columns=320)
    assert phantom.film.shape == (700, 320)
    assert phantom.film.dtype == np.uint8
    assert is_sound(phantom.corners / [700, 320])
    assert phantom.corners.min() >= 0
    assert (phantom.corners.max(axis=0) < [700, 320]).all()


def test_one_seed_one_film() -> None:
    one, same, other = (draw_phantom(n, rows=400, columns=200) for n in (3, 3, 4))
    assert np.array_equal(one.film, same.film)
    assert np.array_equal(one.corners, same.corners)
    assert not np.array_equal(one.film, other.film)


def test_bright_rims_lie_at_the_corners() -> None:
    gains = []
    for seed in SEEDS:
        phantom = draw_phantom(seed)
        film = phantom.film.astype(float)
        boxes = phantom.corners.reshape(17, 4, 2)
        for box in boxes[9:]:
            # Along the upper end-plate it is brighter than in the body below it.
            t = np.linspace(0.15, 0.85, 15)[:, None]
            plate = box[0] * (1 - t) + box[1] * t
            body = plate * 0.55 + (box[2] * (1 - t) + box[3] * t) * 0.45
            gains.append(_grey(film, plate).mean() - _grey(film, body).mean())
    assert np.mean(np.array(gains) > 0) > 0.9


def test_curves_differ() -> None:
    angles = [
        cobb_angles(
            draw_phantom(seed, rows=400, columns=200).corners, image_rows=400
        ).main.angle_deg
        for seed in range(20)
    ]
    assert min(angles) < 15
    assert max(angles) > 30


def test_the_mark_is_burned_in_and_moves_nothing() -> None:
    plain, marked = draw_phantom(1), draw_phantom(1, mark=True)
    assert np.array_equal(plain.corners, marked.corners)
    changed = np.argwhere(plain.film != marked.film)
    assert len(changed) > 200
    assert changed[:, 0].min() > 0.9 * plain.film.shape[0]


@pytest.mark.parametrize(("rows", "columns"), [(199, 300), (300, 99), (0, 0)])
def test_too_small_is_refused(rows: int, columns: int) -> None:
    with pytest.raises(ValueError, match="200 x 100"):
        draw_phantom(0, rows=rows, columns=columns)


def _grey(film: np.ndarray, points: np.ndarray) -> np.ndarray:
    whole = np.round(points).astype(int)
    return film[whole[:, 0], whole[:, 1]]
