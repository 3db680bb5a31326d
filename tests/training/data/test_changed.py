"""What happens to a film happens to its corners."""

from __future__ import annotations

import numpy as np
import pytest

from training.data.changed import CHANGES, cropped_to
from training.phantoms.vertebrae import draw_phantom

PHANTOM = draw_phantom(3, rows=700, columns=310)
SAME_PLACES = {"flat", "inverted", "grainy", "rods, drawn"}


def change(kind: str, *, seed: int = 0):
    return CHANGES[kind](PHANTOM.film, PHANTOM.corners, np.random.default_rng(seed))


def shown(film: np.ndarray, corners: np.ndarray) -> int:
    """How many vertebrae have their middle in the picture; a leaning one may lose a corner."""
    middles = corners.reshape(-1, 4, 2).mean(axis=1)
    return int(((middles >= 0) & (middles < film.shape)).all(axis=1).sum())


@pytest.mark.parametrize(
    ("kind", "count"),
    [("top eight", 8), ("bottom eight", 8), ("any twelve", 12), ("any fourteen", 14)],
)
def test_a_cut_shows_as_many_vertebrae_as_it_says(kind, count):
    for seed in range(5):
        film, corners = change(kind, seed=seed)
        assert shown(film, corners) == count
        assert film.shape[1] == PHANTOM.film.shape[1]


def test_a_cut_moves_corners_with_the_film():
    film, corners = cropped_to(PHANTOM.film, PHANTOM.corners, first=4, last=9)
    at, was = (np.rint(part[20]).astype(int) for part in (corners, PHANTOM.corners))
    assert film[tuple(at)] == PHANTOM.film[tuple(was)]


@pytest.mark.parametrize("kind", ["upside down", "quarter turn", "mirrored"])
def test_a_turned_film_has_its_corners_on_the_same_grey(kind):
    film, corners = change(kind)
    swapped = [1, 0, 3, 2] if kind == "mirrored" else [0, 1, 2, 3]
    was = PHANTOM.corners.reshape(-1, 4, 2)[:, swapped].reshape(-1, 2)
    for one, other in zip(np.rint(corners).astype(int), np.rint(was).astype(int), strict=True):
        around = film[one[0] - 1 : one[0] + 2, one[1] - 1 : one[1] + 2]
        assert PHANTOM.film[tuple(other)] in around
    assert shown(film, corners) == shown(PHANTOM.film, PHANTOM.corners)


def test_in_a_mirrored_film_left_corners_are_on_the_left_again():
    _, corners = change("mirrored")
    boxes = corners.reshape(-1, 4, 2)
    assert (boxes[:, [0, 2], 1].mean(axis=1) < boxes[:, [1, 3], 1].mean(axis=1)).all()


@pytest.mark.parametrize("kind", sorted(SAME_PLACES))
def test_other_changes_leave_corners_alone_and_the_film_as_large(kind):
    film, corners = change(kind)
    assert np.array_equal(corners, PHANTOM.corners)
    assert film.shape == PHANTOM.film.shape
    assert film.dtype == np.uint8
    assert (film != PHANTOM.film).any()
    assert np.array_equal(change(kind)[0], film)  # the same again


def test_rods_lie_on_the_column():
    film, corners = change("rods, drawn")
    rows, columns = np.nonzero((film > 240) & (PHANTOM.film < 200))
    assert len(rows) > 500
    assert columns.min() > corners[:, 1].min() - 20
    assert columns.max() < corners[:, 1].max() + 20
    assert np.ptp(rows) > 0.3 * np.ptp(corners[:, 0])
