"""Which pictures of a study the network looks at, and the way back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.grid import Grid
from domain.image import Cine, GreyWindow, Image, LutFunction, Presentation, image_identity
from domain.implant import SIDE
from domain.implant_study import (
    MOST_SIDE,
    WINDOW_SIDE,
    network_pictures,
    spread_evenly,
    study_frames,
    true_aspect,
)
from domain.panorama import TRUE_SHAPE, WINDOWS
from domain.provenance import Mode


def a_cine(frames, **more):
    return Image(frames[0], cine=Cine(frames, **more))


def grain(*shape, dtype=np.uint8, high=256):
    return np.random.default_rng(1).integers(0, high, shape).astype(dtype)


@pytest.mark.parametrize(
    ("count", "numbers", "padded"),
    [
        (2, (0, 1, 1, 1), 2),
        (3, (0, 1, 2, 2), 1),
        (4, (0, 1, 2, 3), 0),
        (16, tuple(range(16)), 0),
        (31, tuple(range(0, 31, 2)), 0),
    ],
)
def test_frames_are_spread_evenly_and_fill_clips(count, numbers, padded):
    frames = grain(count, 40, 50)
    study = study_frames(a_cine(frames))
    assert (study.plan.numbers, study.plan.padded) == (numbers, padded)
    assert study.plan.own == len(numbers) - padded
    assert np.array_equal(study.pixels, frames[list(numbers)])
    assert study.sha256 == image_identity(study.pixels)


@given(st.integers(1, 5000))
def test_both_ends_are_looked_at_and_no_frame_twice(count):
    numbers = spread_evenly(count)
    assert (numbers[0], numbers[-1]) == (0, count - 1)
    assert len(set(numbers)) == len(numbers) == min(count, 16)
    gaps = np.diff(numbers)
    assert len(gaps) == 0 or gaps.max() - gaps.min() <= 1


def test_missing_frames_are_told_by_their_picture():
    study = study_frames(a_cine(grain(31, 40, 40), missing=(3, 4)))
    assert study.plan.missing == (2,)


@given(st.floats(-0.5, 127.5), st.floats(-0.5, 127.5), st.integers(0, 3))
def test_places_of_a_frame_come_back(row, column, picture):
    plan = study_frames(a_cine(grain(4, 300, 77))).plan
    place = np.array([[row, column]])
    there = plan.out_of(place, picture=picture, side=SIDE)
    assert -0.5 <= there[0, 0] <= 299.5
    assert -0.5 <= there[0, 1] <= 76.5
    np.testing.assert_allclose(plan.into(there, picture=picture, side=SIDE), place, atol=1e-9)


def test_a_dot_is_found_where_it_is():
    """In a frame, and through every window of a panoramic picture that holds it."""
    frames = np.zeros((4, 512, 256), np.uint8)
    frames[:, 200:216, 100:108] = 255
    assert_centre(study_frames(a_cine(frames)), picture=2, place=(207.5, 103.5))
    film = np.zeros((1000, 1900), np.uint8)
    film[500:520, 900:920] = 255
    study = study_frames(Image(film))
    holding = [n for n, w in enumerate(study.plan.windows) if 0 < 900 - w.left < w.columns - 25]
    assert len(holding) > 3
    for picture in holding:
        assert_centre(study, picture=picture, place=(509.5, 909.5))


def assert_centre(study, *, picture, place):
    heat = network_pictures(study.pixels, mode=Mode.CORRECTED)[picture] + 1
    total = heat.sum()
    rows, columns = np.indices(heat.shape)
    centre = np.array([[(rows * heat).sum() / total, (columns * heat).sum() / total]])
    there = study.plan.out_of(centre, picture=picture, side=SIDE)[0]
    np.testing.assert_allclose(there, place, atol=0.5)  # a pixel of the network is 6 wide


def test_a_still_picture_is_seen_through_windows_along_the_arch():
    study = study_frames(Image(grain(400, 900)))
    assert study.pixels.shape == (WINDOWS, WINDOW_SIDE, WINDOW_SIDE)
    assert study.plan.is_still
    assert not study.plan.shows_one_picture
    assert study.plan.windows[0].left == 0
    assert study.plan.windows[-1].left + study.plan.windows[-1].columns == pytest.approx(900)


def test_a_narrow_picture_is_one_picture():
    assert study_frames(Image(grain(900, 300))).plan.shows_one_picture


def test_a_squared_panoramic_picture_is_as_wide_as_it_was():
    aspect = TRUE_SHAPE[0] / TRUE_SHAPE[1]
    squared = Image(grain(512, 512))
    assert true_aspect(squared) == pytest.approx(aspect)
    stretched = study_frames(squared).plan.windows[0]
    assert stretched.columns / stretched.rows == pytest.approx(aspect)
    assert true_aspect(Image(grain(512, 512), grid=Grid((0.1, 0.1), "ruler"))) == 1
    assert true_aspect(Image(grain(500, 900))) == 1


def test_deep_greys_are_seen_through_one_window_for_the_study():
    frames = np.stack([np.full((40, 40), grey, np.uint16) for grey in (1000, 2000, 3000, 5000)])
    shown = study_frames(a_cine(frames)).pixels[:, 0, 0]
    assert shown.tolist() == [0, 64, 128, 255]
    asked = Presentation((GreyWindow(2000, 2000, function=LutFunction.LINEAR_EXACT),))
    through = study_frames(Image(frames[0], cine=Cine(frames), presentation=asked))
    assert through.pixels[:, 0, 0].tolist() == [0, 128, 255, 255]


def test_colours_become_grey_and_inverted_greys_are_turned():
    frames = np.zeros((4, 40, 40, 3), np.uint8)
    frames[..., 1] = 200
    assert (study_frames(a_cine(frames)).pixels == round(0.587 * 200)).all()
    turned = Image(frames[0], cine=Cine(frames), presentation=Presentation(inverted=True))
    assert (study_frames(turned).pixels == 255 - round(0.587 * 200)).all()


def test_large_frames_are_drawn_smaller():
    study = study_frames(a_cine(grain(2, 3000, 40)))
    assert study.pixels.shape == (4, MOST_SIDE, 40)
    assert (study.plan.rows, study.plan.columns) == (3000, 40)


def test_the_same_study_is_made_once():
    image = a_cine(grain(4, 40, 40))
    assert study_frames(image) is study_frames(image.frame(2))
    assert study_frames(Image(image.pixels)) is not study_frames(image)


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("shape", [(40, 60), (256, 256), (300, 1000)])
def test_the_network_sees_greys_from_minus_one_to_one(mode, shape):
    seen = network_pictures(grain(4, *shape), mode=mode)
    assert seen.shape == (4, SIDE, SIDE)
    assert seen.dtype == np.float32
    assert np.abs(seen).max() <= 1
    assert abs(seen.mean()) < 0.05


def test_as_published_greys_are_whole():
    seen = network_pictures(grain(4, 300, 200), mode=Mode.AS_PUBLISHED)
    np.testing.assert_allclose((seen + 1) * 127.5, np.rint((seen + 1) * 127.5), atol=1e-4)
