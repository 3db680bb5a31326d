"""The picture shows the film and what is decided on it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from app.io.exporters.look import Look
from app.io.exporters.overlay import Ground, overlay
from app.io.exporters.picture import overlaid_film, vertebrae_picture, write_vertebrae_picture
from app.io.exporters.spec import VertebraeExport
from domain.annotation import Annotations, Hint
from domain.cobb_shape import bracket
from domain.curves import Reading, curves_of
from domain.errors import ExportFailed
from domain.geometry import Points
from domain.grid import Grid
from domain.image import Image
from tests.app.io.leaving import bent_column

FILM = Image(np.tile(np.linspace(0, 255, 700).astype(np.uint8), (1400, 1)))
CORNER, HINT, PIN = (166, 236, 248), (255, 180, 84), (211, 180, 255)
COBB, COBB_QUIET = (159, 230, 160), (110, 160, 111)


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
    assert max(picture.size) <= 5000
    assert picture.mode == "RGB"


def reads(picture: Pillow.Image, colour: tuple[int, int, int]) -> np.ndarray:
    """(rows, columns) where a colour is, nearly."""
    found: np.ndarray = np.abs(np.asarray(picture).astype(int) - colour).max(axis=2) < 12
    return found


@pytest.mark.parametrize("look", [Look(), Look(None, True, False, 1), Look(None, quarter_turns=3)])
def test_every_curve_of_the_reading_chosen_is_drawn_where_it_is(look: Look) -> None:
    film = Image(np.zeros((700, 240), np.uint8))
    case = replace(export(film, points=Points(bent_column())), look=look)
    over = overlay(case, Ground(look.turned_shape(film.shape), (1.0, 1.0), 7.0))
    curves = curves_of(case.annotations, aspect=1.0)
    assert [mark.angle.main for mark in over.marks] == [True] + [False] * (len(curves) - 1)
    clinical = overlaid_film(case)
    scale = clinical.height / look.turned_shape(film.shape)[0]
    for mark in over.marks:
        ink = COBB if mark.angle.main else COBB_QUIET
        for line in (*mark.shape.lines, bracket(mark.shape)):
            row, column = (line[:2].mean(axis=0) + 0.5) * scale - 0.5
            near = reads(clinical, ink)[
                round(row) - 3 : round(row) + 4, round(column) - 3 : round(column) + 4
            ]
            assert near.any(), (mark.angle.figure, line)
    other = overlaid_film(replace(case, reading=Reading.AASCE))
    assert not np.array_equal(np.asarray(other), np.asarray(clinical))


def test_the_picture_of_a_straight_column_has_no_angle() -> None:
    assert not reads(overlaid_film(export()), COBB).any()
    assert reads(overlaid_film(replace(export(), reading=Reading.AASCE)), COBB).any()


def test_pixels_of_any_shape_are_shown_square() -> None:
    film = Image(FILM.pixels, grid=Grid((0.2, 0.1), "a ruler"))
    upright = overlaid_film(export(film))
    lying = overlaid_film(replace(export(film), look=Look(quarter_turns=1)))
    assert upright.size == lying.size[::-1] == (FILM.shape[1], 2 * FILM.shape[0])


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
