"""A film in a picture lies as it lies on the canvas."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from app.canvas.placement import place
from app.canvas.state import ViewState
from app.io.exporters.look import Look
from domain.image import GreyWindow, Image, Presentation

SHAPE = (5, 3)
PLACES = np.array([[0.0, 0.0], [1.0, 2.0], [3.7, 0.4], [-2.0, 9.0]])
WAYS = list(product([False, True], [False, True], range(4)))


@pytest.mark.parametrize(("flipped_h", "flipped_v", "turns"), WAYS)
def test_places_lie_as_the_canvas_puts_them(flipped_h: bool, flipped_v: bool, turns: int) -> None:
    look = Look(None, flipped_h, flipped_v, turns)
    viewport = SHAPE[::-1] if turns % 2 == 0 else SHAPE  # width, height
    state = ViewState(None, None, False, flipped_h, flipped_v, turns, zoom=1.0)
    screen = place(state, shape=SHAPE, viewport=viewport).to_screen(PLACES)
    assert np.allclose(look.placed(PLACES, shape=SHAPE), screen[:, ::-1] - 0.5)


@pytest.mark.parametrize(("flipped_h", "flipped_v", "turns"), WAYS)
def test_pixels_go_where_places_go(flipped_h: bool, flipped_v: bool, turns: int) -> None:
    look = Look(None, flipped_h, flipped_v, turns)
    film = np.arange(15, dtype=np.uint8).reshape(SHAPE)
    turned = look.turned(film)
    everywhere = np.argwhere(film >= 0).astype(float)
    for (row, column), value in zip(
        look.placed(everywhere, shape=SHAPE), film.ravel(), strict=True
    ):
        assert turned[round(row), round(column)] == value
    assert look.is_sideways == (turned.shape != SHAPE)


def test_words_name_what_was_done() -> None:
    assert Look().words == ""
    assert Look(None, True, False, 1).words == "Shown mirrored left to right, turned by 90°"


def test_without_a_person_the_film_is_shown_as_its_file_asks() -> None:
    pixels = np.linspace(0, 60_000, 40 * 30).astype(np.uint16).reshape(40, 30)
    plain = Look().brightness(Image(pixels))
    asked = Presentation(windows=(GreyWindow(level=30_000, window=20_000),), inverted=True)
    shown = Look().brightness(Image(pixels, presentation=asked))
    assert plain[0, 0] < 3
    assert plain[-1, -1] > 252
    assert (shown[pixels < 20_000] == 255).all()
    assert (shown[pixels > 40_000] == 0).all()
    assert abs(int(shown[pixels >= 30_000][0]) - 127) <= 1


def test_a_person_s_window_is_kept() -> None:
    seen = np.full(SHAPE, 77, np.uint8)
    assert Look(seen).brightness(Image(np.zeros(SHAPE, np.uint8))) is seen
