"""Small pictures of large films."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image as Pillow

from app.io.thumbnails import thumbnail


@pytest.mark.parametrize(
    ("shape", "size"),
    [((3000, 1000), (64, 192)), ((1000, 3000), (192, 64)), ((20, 30), (30, 20)), ((1, 1), (1, 1))],
)
def test_fits_a_square_and_keeps_its_shape(shape: tuple[int, int], size: tuple[int, int]) -> None:
    film = np.random.default_rng(0).integers(0, 4096, shape).astype(np.uint16)
    picture = Pillow.open(io.BytesIO(thumbnail(film)))
    assert (picture.format, picture.size, picture.mode) == ("PNG", size, "L")


def test_shows_the_film() -> None:
    film = np.zeros((800, 400), np.uint16)
    film[400:] = 900
    picture = np.asarray(Pillow.open(io.BytesIO(thumbnail(film))))
    assert picture[: picture.shape[0] // 2 - 2].max() == 0
    assert picture[picture.shape[0] // 2 + 2 :].min() == 255


def test_an_inverted_film_is_shown_as_a_person_sees_it() -> None:
    film = np.zeros((40, 40), np.uint16)
    film[20:] = 900
    picture = np.asarray(Pillow.open(io.BytesIO(thumbnail(film, inverted=True))))
    assert (picture[0, 0], picture[-1, 0]) == (255, 0)
