"""The picture shows the film and what is decided on it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from app.io.exporters.picture import vertebrae_picture, write_vertebrae_picture
from app.io.exporters.spec import VertebraeExport
from domain.annotation import Annotations, Hint
from domain.errors import ExportFailed
from domain.geometry import Points
from domain.image import Image

FILM = Image(np.tile(np.linspace(0, 255, 700).astype(np.uint8), (1400, 1)))
CORNER, HINT, PIN = (166, 236, 248), (255, 180, 84), (211, 180, 255)


def corners() -> np.ndarray:
    rows = np.repeat(100 + 70.0 * np.arange(17), 4) + np.tile([0, 0, 40, 40], 17)
    columns = np.tile([300, 400, 300, 400], 17) + np.repeat(2.0 * np.arange(17), 4)
    return np.stack([rows, columns], axis=1)


def export(image: Image = FILM, **changes: object) -> VertebraeExport:
    decided = Annotations(image.sha256, points=Points(corners()))
    return VertebraeExport("A film", image, replace(decided, **changes))


def shown(picture: Pillow.Image, film: Image, place: np.ndarray) -> tuple[int, ...]:
    """The colour at a place of a film that is shown in its own size."""
    left = (picture.width - film.shape[1]) // 2
    row, column = np.rint(place).astype(int)
    colour = picture.getpixel((left + int(column), int(row)))
    assert isinstance(colour, tuple)
    return colour


def test_corners_have_the_colours_of_their_states() -> None:
    decided = export(pins=frozenset({40}))
    hinted = decided.annotations.with_hints((Hint(20, 460.0, 250.0),))
    picture = vertebrae_picture(replace(decided, annotations=hinted))
    assert shown(picture, FILM, np.array([460.0, 250.0])) == HINT
    assert shown(picture, FILM, corners()[40]) == PIN
    assert shown(picture, FILM, corners()[60]) == CORNER


def test_the_film_is_there_and_words_are_below() -> None:
    picture = vertebrae_picture(export())
    assert picture.height > FILM.shape[0]
    assert shown(picture, FILM, np.array([5, 699])) == (255, 255, 255)
    strip = np.asarray(picture)[FILM.shape[0] :]
    assert strip.max() > 200  # words
    assert np.median(strip) < 30


def test_a_synthetic_film_is_marked_on_the_image() -> None:
    drawn = Image(FILM.pixels, synthetic=True)
    top = slice(0, 60), slice(0, 400)
    plain, marked = vertebrae_picture(export()), vertebrae_picture(export(drawn))
    difference = np.asarray(plain)[top] != np.asarray(marked)[top]
    assert difference.any()


@pytest.mark.parametrize("shape", [(40, 30), (691, 227), (3000, 900), (32, 4000)])
def test_every_size_of_film_gets_readable_words(shape: tuple[int, int]) -> None:
    film = Image(np.random.default_rng(3).integers(0, 60_000, shape).astype(np.uint16))
    places = corners() / [1400, 700] * shape
    picture = vertebrae_picture(export(film, points=Points(places)))
    assert min(picture.size) >= 150
    assert max(picture.size) <= 4500
    assert picture.mode == "RGB"


def test_corners_far_outside_the_film_do_no_harm() -> None:
    places = corners()
    places[0], places[1], places[67] = (-1e7, 4e6), (1e9, -1e9), (1e5, 1e5)
    assert vertebrae_picture(export(points=Points(places))).height > FILM.shape[0]


def test_a_film_without_corners_can_be_shown() -> None:
    assert vertebrae_picture(export(points=None)).height > FILM.shape[0]


def test_writes_a_png(tmp_path: Path) -> None:
    write_vertebrae_picture(export(), tmp_path / "Bild Ω.png")
    with Pillow.open(tmp_path / "Bild Ω.png") as picture:
        assert picture.format == "PNG"
        np.testing.assert_array_equal(np.asarray(picture), np.asarray(vertebrae_picture(export())))


def test_a_failure_is_told(tmp_path: Path) -> None:
    with pytest.raises(ExportFailed, match="folder does not exist"):
        write_vertebrae_picture(export(), tmp_path / "gone" / "picture.png")
