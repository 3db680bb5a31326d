"""The published augmentation: corners go where the picture goes; flips swap in one mode alone."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.vertebrae.published import picture
from models.vertebrae.heatmaps import film_points
from training.phantoms.vertebrae import draw_phantom
from training.published import augment
from training.published.augment import FRAME, Picture, augmented, flipped, framed, resized, turned

SHAPE = (300, 180)


def spots(*places: tuple[float, float]) -> Picture:
    """A film with a bright spot at each place; the other corners lie on the first."""
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    film = sum(255 * np.exp(-((rows - r) ** 2 + (columns - c) ** 2) / 50) for r, c in places)
    corners = np.array([places[min(n, len(places) - 1)] for n in range(68)])
    return Picture(film.astype(np.uint8), corners)


def seen_at(pixels: np.ndarray) -> np.ndarray:
    """Where the one spot is."""
    weight = pixels.astype(float)
    rows, columns = np.mgrid[: pixels.shape[0], : pixels.shape[1]]
    return np.array([(weight * rows).sum(), (weight * columns).sum()]) / weight.sum()


places = st.tuples(st.floats(120, 180), st.floats(70, 110))


@settings(max_examples=25)
@given(place=places, seed=st.integers(0, 1000), as_published=st.booleans())
def test_the_corner_stays_on_its_spot(
    place: tuple[float, float], seed: int, as_published: bool
) -> None:
    rng = np.random.default_rng(seed)
    picture = augmented(spots(place), rng=rng, as_published=as_published)
    assert picture.pixels.shape == FRAME
    # Brightness may lift the whole film: only what stands out counts.
    peak = np.clip(picture.pixels.astype(int) - int(np.median(picture.pixels)) - 40, 0, None)
    off = np.abs(seen_at(peak) - picture.corners[0]).max()
    # As published, x * s is up to half a pixel beside what cv2.resize does.
    assert off < (0.9 if as_published else 0.35)


@given(angle=st.floats(-15, 15))
def test_a_turned_film_keeps_its_edges(angle: float) -> None:
    rows, columns = SHAPE
    edges = np.array([[0, 0], [0, columns - 1], [rows - 1, 0], [rows - 1, columns - 1]])
    picture = turned(Picture(np.zeros(SHAPE, np.uint8), edges.repeat(17, 0)), angle_deg=angle)
    assert picture.pixels.shape == SHAPE
    assert (picture.corners > -0.6).all()
    assert (picture.corners < np.array(SHAPE) - 0.4).all()


def test_flips_swap_left_and_right_in_one_mode_alone() -> None:
    picture = spots((100.0, 40.0), (100.0, 80.0))
    kept, swapped = flipped(picture, swap=False), flipped(picture, swap=True)
    assert np.array_equal(kept.pixels, picture.pixels[:, ::-1])
    assert kept.corners[0].tolist() == [100, 139]
    assert kept.corners[1].tolist() == [100, 99]
    assert swapped.corners[[1, 0]].tolist() == kept.corners[[0, 1]].tolist()
    again = flipped(swapped, swap=True)
    assert np.array_equal(again.corners, picture.corners)


@pytest.mark.parametrize("as_published", [True, False])
def test_the_mode_decides_about_swapping(
    as_published: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(augment, "flipped", lambda picture, *, swap: asked.append(swap) or picture)
    for seed in range(12):
        augmented(spots((150, 90)), rng=np.random.default_rng(seed), as_published=as_published)
    assert 0 < len(asked) < 12
    assert set(asked) == {not as_published}


def test_sizes_are_mapped_as_each_mode_does() -> None:
    corners = np.full((68, 2), [1001.0, 333.0])
    film = Picture(np.zeros((2304, 1024), np.uint8), corners)
    assert framed(film, as_published=True).corners[0] == pytest.approx([222.444, 83.25], abs=1e-3)
    exact = framed(film, as_published=False).corners[0]
    assert exact == pytest.approx([1001.5 * 512 / 2304 - 0.5, 333.5 / 4 - 0.5])


def test_only_one_mode_lets_stripes_alias() -> None:
    stripes = np.zeros((2048, 1024), np.uint8)
    stripes[::4] = 255
    film = Picture(stripes, np.zeros((68, 2)))
    sharp = resized(film, size=FRAME, as_published=True).pixels
    smooth = resized(film, size=FRAME, as_published=False).pixels
    assert np.abs(smooth.astype(int) - 64).max() <= 1
    assert np.abs(sharp.astype(int) - 64).max() > 20
    assert cv2.resize(stripes, FRAME[::-1]).tolist() == sharp.tolist()


@pytest.mark.parametrize("as_published", [True, False])
def test_what_is_taught_is_what_is_asked_later(as_published: bool) -> None:
    phantom = draw_phantom(4, rows=1500, columns=640)
    taught = framed(Picture(phantom.film, phantom.corners), as_published=as_published)
    asked = picture(phantom.film, like=torch.zeros(()), as_published=as_published)
    assert torch.equal(asked[0, 0], torch.from_numpy(taught.pixels) / 127.5 - 1)
    centres = torch.from_numpy(taught.corners)
    back = film_points(centres, film=(1500, 640), frame=FRAME, as_published=as_published)
    assert back.numpy() == pytest.approx(phantom.corners)
