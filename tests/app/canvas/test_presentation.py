"""A film is shown as its file asks for it: window, brightness, sides, marks, shape of pixels."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from app.canvas.presets import PRESETS
from app.canvas.reading import scale_words
from app.canvas.state import ViewState
from app.canvas.view import ImageView
from app.io.windowing import window_table
from domain.grid import Grid
from domain.image import GreyWindow, Image, LutFunction, Presentation
from tests.app.canvas.conftest import Mouse, film
from tests.app.canvas.test_windowing import grey

BONE = GreyWindow(6000, 3000, "BONE", LutFunction.SIGMOID)
SOFT = GreyWindow(4000, 8000, "SOFT", LutFunction.LINEAR)


def asking(**asked: object) -> Image:
    """A 16-bit film that asks for something."""
    pixels = film(bits=16).pixels.copy()
    return Image(pixels, presentation=Presentation(**asked))  # type: ignore[arg-type]


def shown_as(view: ImageView, wanted: GreyWindow, *, inverted: bool = False) -> bool:
    """Whether the film looks as through that window."""
    assert view.image is not None
    table = window_table(16, wanted, inverted=inverted)
    return np.array_equal(grey(view.film_picture()), table[view.image.pixels])


def test_the_preferred_window_of_the_file_comes_first(view: ImageView) -> None:
    view.show_image(asking(windows=(BONE, SOFT)))
    assert shown_as(view, BONE)
    assert view.window_level() == (3000, 6000)
    assert "sigmoid" in view._hud.reading.window


def test_the_films_own_windows_follow_the_programs_presets(view: ImageView) -> None:
    view.show_image(asking(windows=(BONE, SOFT)))
    view.preset(len(PRESETS) + 2)
    assert shown_as(view, SOFT)
    view.preset(3)
    assert view.view_state().function is LutFunction.LINEAR_EXACT
    view.preset(len(PRESETS) + 1)
    assert shown_as(view, BONE)
    before = view.view_state()
    view.preset(len(PRESETS) + 3)
    assert view.view_state() == before


def test_a_drag_keeps_the_function_and_reset_the_films_own_window(
    view: ImageView, mouse: Mouse
) -> None:
    view.show_image(asking(windows=(BONE,)))
    mouse.drag(QPointF(20, 100), QPointF(70, 130))
    window, level = view.window_level()
    assert window > BONE.window
    assert shown_as(view, GreyWindow(level, window, function=LutFunction.SIGMOID))
    view.reset()
    assert shown_as(view, BONE)


def test_what_the_file_wants_bright_is_bright_and_i_turns_that_round(view: ImageView) -> None:
    view.show_image(asking(windows=(SOFT,), inverted=True))
    assert shown_as(view, SOFT, inverted=True)
    assert "inverted" not in view._hud.reading.window
    view.invert()
    assert shown_as(view, SOFT)
    assert "inverted" in view._hud.reading.window


@pytest.mark.parametrize("number", range(1, len(PRESETS) + 1))
def test_presets_look_alike_however_grey_values_are_stored(view: ImageView, number: int) -> None:
    plain = film(bits=16, seed=4).pixels
    view.show_image(Image(plain.copy()))
    view.preset(number)
    expected = grey(view.film_picture())
    view.show_image(Image(15000 - plain, presentation=Presentation(inverted=True)))
    view.preset(number)
    assert np.abs(grey(view.film_picture()) - expected).max() <= 3


@pytest.mark.parametrize("inverted", [False, True])
def test_a_drag_down_brightens_a_film_of_either_kind(
    view: ImageView, mouse: Mouse, inverted: bool
) -> None:
    view.show_image(asking(inverted=inverted))
    before = grey(view.film_picture()).mean()
    mouse.drag(QPointF(20, 100), QPointF(20, 140))
    assert grey(view.film_picture()).mean() > before


def test_a_state_with_a_function_comes_back_and_an_older_one_is_understood() -> None:
    state = ViewState(window=5, level=7, function=LutFunction.SIGMOID)
    assert ViewState.from_json(state.to_json()) == state
    old = '{"window": 5, "level": 7, "inverted": true, "zoom": null, "centre": null}'
    assert ViewState.from_json(old) == ViewState(window=5, level=7, inverted=True)
    with pytest.raises(ValueError, match="CUBIC"):
        ViewState.from_json('{"function": "CUBIC"}')


def test_sides_that_the_file_names_are_known_and_follow_turns(view: ImageView) -> None:
    view.show_image(asking(left="A", right="P", top="H", bottom="F"))
    view.rotate(1)
    seen = view._hud.reading.letters
    assert (seen.top, seen.bottom, seen.right, seen.left) == ("A", "P", "H", "F")
    assert not seen.assumed


def test_sides_that_nobody_named_are_assumed_and_look_so(view: ImageView) -> None:
    view.show_image(asking(left="R", right="L"))
    known = view.grab().toImage()
    view.show_image(asking())
    seen = view._hud.reading.letters
    assert (seen.left, seen.right, seen.assumed) == ("R", "L", True)
    assert view.grab().toImage() != known
    view.flip_horizontal()
    assert (view._hud.reading.letters.left, view._hud.reading.letters.assumed) == ("L", True)


def test_marks_and_page_stand_in_the_corners(view: ImageView) -> None:
    view.show_image(asking(marks=("AP", "standing")))
    view.set_case_name("spine 12", page="page 2 / 5")
    reading = view._hud.reading
    assert (reading.marks, reading.name, reading.page) == (
        "AP · standing",
        "spine 12",
        "page 2 / 5",
    )
    view.zoom_by(2)
    assert view._hud.reading.page == "page 2 / 5"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("Imager Pixel Spacing, at the detector plane, not corrected", "detector plane"),
        ("Imager Pixel Spacing, divided by what the file estimates", "magnification estimated"),
        ("ruler drawn by a person", "set by hand"),
        ("Pixel Spacing, calibrated, the file does not say how", "calibrated"),
        ("Pixel Spacing, corrected for magnification by the geometry", "calibrated"),
        ("NIfTI header", "NIfTI header"),
    ],
)
def test_a_source_of_spacing_is_said_shortly(source: str, words: str) -> None:
    assert scale_words(source) == words


@pytest.mark.parametrize("turns", [0, 1])
def test_the_cursor_tells_the_stored_grey_value(view: ImageView, mouse: Mouse, turns: int) -> None:
    image = asking(inverted=True)
    view.show_image(Image(image.pixels, grid=Grid(aspect=2.0), presentation=image.presentation))
    view.rotate(turns)
    mouse.move(view.map_from_image(200, 80))
    row, column = view.map_to_image(QPointF(view.map_from_image(200, 80).toPoint()))
    assert f"value {image.pixels[round(row), round(column)]}" in view._hud.cursor_text


@pytest.mark.parametrize("turns", range(4))
def test_a_nudge_is_a_step_of_one_pixel_at_any_shape_of_pixel(view: ImageView, turns: int) -> None:
    view.show_image(Image(film(seed=8).pixels.copy(), grid=Grid(aspect=2.0)))
    view.rotate(turns)
    row, column = view.screen_step_to_image(0.0, 1.0)
    assert abs(row) + abs(column) == pytest.approx(1.0)
    way = view.map_from_image(50 + row, 50 + column) - view.map_from_image(50, 50)
    assert way.x() > 0
    assert way.y() == pytest.approx(0)
