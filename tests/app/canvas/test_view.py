"""The canvas without a mouse: states, presets, letters, steps and what it says."""

from __future__ import annotations

import numpy as np
import pytest

from app.canvas.hud import scale_bar
from app.canvas.lettering import font, width_of
from app.canvas.presets import PRESETS
from app.canvas.state import ViewState
from app.canvas.view import ImageView
from domain.grid import Grid
from domain.image import Image
from tests.app.canvas.conftest import film

SIDES = ("left", "right", "top", "bottom")


def seen(view: ImageView) -> dict[str, str]:
    """The letters on the screen, empty sides left out."""
    letters = view._hud.reading.letters
    return {side: getattr(letters, side) for side in SIDES if getattr(letters, side)}


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([], {"left": "R", "right": "L"}),
        (["h"], {"left": "L", "right": "R"}),
        (["v"], {"left": "R", "right": "L"}),
        (["]"], {"top": "R", "bottom": "L"}),
        (["["], {"top": "L", "bottom": "R"}),
        (["]", "]"], {"left": "L", "right": "R"}),
        (["]", "h"], {"top": "R", "bottom": "L"}),
        (["]", "v"], {"top": "L", "bottom": "R"}),
        (["h", "]"], {"top": "L", "bottom": "R"}),
        (["h", "]", "h", "["], {"left": "L", "right": "R"}),
    ],
)
def test_letters_follow_flips_and_turns(
    view: ImageView, steps: list[str], expected: dict[str, str]
) -> None:
    actions = {
        "h": view.flip_horizontal,
        "v": view.flip_vertical,
        "]": lambda: view.rotate(1),
        "[": lambda: view.rotate(-1),
    }
    for step in steps:
        actions[step]()
    assert seen(view) == expected


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_flip_mirrors_what_the_screen_shows(view: ImageView, turns: int) -> None:
    view.rotate(turns)
    places = [(3.0, 5.0), (200.0, 100.0)]
    before = [view.map_from_image(*place) for place in places]
    view.flip_horizontal()
    middle = 640 / 2
    for place, was in zip(places, before, strict=True):
        now = view.map_from_image(*place)
        assert (now.x() - middle, now.y()) == pytest.approx((middle - was.x(), was.y()))


def test_maps_are_inverse_in_every_orientation(view: ImageView) -> None:
    for turns in range(4):
        view.rotate(turns)
        view.flip_vertical()
        view.zoom_by(1.7)
        view.pan_by(13, -8)
        at = view.map_from_image(17.25, 33.5)
        assert view.map_to_image(at) == pytest.approx((17.25, 33.5))


def test_a_step_on_the_screen_becomes_a_step_in_the_image(view: ImageView) -> None:
    for steps in ([], [view.flip_horizontal], [lambda: view.rotate(1)], [view.flip_vertical]):
        for step in steps:
            step()
        row, column = view.screen_step_to_image(1.0, 0.0)
        start, end = view.map_from_image(20, 20), view.map_from_image(20 + row, 20 + column)
        assert (end.x(), end.y()) == pytest.approx((start.x(), start.y() + view.placement.zoom))


def test_a_view_state_comes_back_through_text(view: ImageView, image: Image) -> None:
    view.set_window_level(77, 123)
    view.invert()
    view.flip_horizontal()
    view.rotate(3)
    view.zoom_by(2.5)
    view.pan_by(20, 30)
    state, placement = view.view_state(), view.placement
    view.show_image(film(seed=3))
    assert view.view_state() == ViewState()
    view.show_image(image)
    view.apply_view_state(ViewState.from_json(state.to_json()))
    assert view.view_state() == state
    assert view.placement == placement
    assert view.window_level() == (77, 123)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"zoom": "big"}', '{"centre": [1]}', "null"])
def test_a_damaged_view_state_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  json's own error is one of these
        ViewState.from_json(text)


def test_reset_shows_the_film_as_on_opening(view: ImageView) -> None:
    before, windowed = view.placement, view.window_level()
    view.preset(4)
    view.rotate(1)
    view.zoom_by(4)
    view.reset()
    assert (view.placement, view.window_level()) == (before, windowed)


def test_a_fitted_film_stays_fitted_when_the_canvas_grows(view: ImageView, qtbot) -> None:
    def whole() -> bool:
        first, last = view.map_from_image(-0.5, -0.5), view.map_from_image(359.5, 159.5)
        inside = view.rect()
        return inside.contains(first.toPoint()) and inside.contains(last.toPoint())

    assert whole()
    small = view.placement.zoom
    view.resize(900, 800)
    qtbot.waitUntil(lambda: view.placement.viewport == (900.0, 800.0))
    assert whole()
    assert view.placement.zoom > small


@pytest.mark.parametrize("number", range(1, len(PRESETS) + 1))
def test_every_preset_is_a_window_within_the_data(view: ImageView, number: int) -> None:
    view.preset(number)
    window, level = view.window_level()
    low, high = level - window / 2, level + window / 2
    assert 0 <= low < high <= 240


@pytest.mark.parametrize("number", [0, len(PRESETS) + 1, 99, -1])
def test_a_preset_that_is_not_there_changes_nothing(view: ImageView, number: int) -> None:
    before = view.window_level()
    view.preset(number)
    assert view.window_level() == before


def test_an_empty_canvas_takes_every_call(qtbot) -> None:
    view = ImageView()
    qtbot.addWidget(view)
    view.show_image(None)
    for act in (view.invert, view.fit, view.reset, view.auto_window, view.flip_vertical):
        act()
    view.zoom_by(2)
    view.pan_by(3, 3)
    view.drag_window(1, 1)
    view.preset(3)
    view.rotate(1)
    assert not view._hud.reading.shown
    assert view.film_picture().isNull()


def test_lengths_are_shown_only_where_the_grid_says_so(view: ImageView) -> None:
    assert view._hud.reading.mm_per_screen_px is None
    pixels = film().pixels.copy()
    view.show_image(Image(pixels, grid=Grid((0.2, 0.5), "made up")))
    for turns in range(4):
        view.rotate(turns)
        start = view.map_from_image(100, 50)
        for row, column, mm in ((110, 50, 2.0), (100, 60, 5.0)):
            way = view.map_from_image(row, column) - start
            length = abs(way.x()) + abs(way.y())
            assert view._hud.reading.mm_per_screen_px == pytest.approx(mm / length)


@pytest.mark.parametrize("mm_per_px", [0.003, 0.11, 0.5, 0.9999, 3.0])
def test_a_scale_bar_is_round_and_fits(mm_per_px: float) -> None:
    bar = scale_bar(mm_per_px)
    number, unit = bar.text.split()
    length_mm = float(number) * (10 if unit == "cm" else 1)
    assert bar.pixels * mm_per_px == pytest.approx(length_mm)
    assert 140 / 2.6 < bar.pixels <= 140


def test_a_drawn_film_says_so_and_a_real_one_does_not(view: ImageView) -> None:
    assert not view._hud.reading.synthetic
    view.show_image(Image(film(seed=9).pixels.copy(), synthetic=True))
    assert view._hud.reading.synthetic
    with_band = view.grab().toImage()
    view.show_image(Image(film(seed=9).pixels.copy()))
    assert with_band != view.grab().toImage(), "the band is drawn"


def test_a_place_out_of_sight_is_brought_into_view(view: ImageView) -> None:
    view.zoom_by(12)
    for place in ((5.0, 5.0), (350.0, 150.0)):
        view.ensure_visible(*place)
        assert view.rect().contains(view.map_from_image(*place).toPoint())
    placed = view.placement
    view.ensure_visible(350.0, 150.0)
    assert view.placement == placed, "what is in sight moves nothing"


def test_zoom_has_ends(view: ImageView) -> None:
    view.zoom_by(1e6)
    assert view.placement.zoom == 64.0
    view.zoom_by(1e-9)
    assert 0.01 < view.placement.zoom < 1.0


def test_a_colour_film_and_its_value(view: ImageView) -> None:
    pixels = np.zeros((40, 30, 3), np.uint8)
    pixels[5, 6] = (10, 20, 255)
    view.show_image(Image(pixels))
    color = view.film_picture().pixelColor(6, 5)
    assert (color.red(), color.green(), color.blue()) == (10, 20, 255)


def test_a_long_name_leaves_the_middle_to_the_film(view: ImageView) -> None:
    face = font(13, strong=True)
    view.set_case_name("film 7")
    assert view._hud.shown_name(face) == "film 7"
    view.set_case_name("a_name_that_a_scanner_made_up_" * 4 + "07")
    shown = view._hud.shown_name(face)
    assert shown.startswith("a_name")
    assert shown.endswith("07")
    assert width_of(shown, face=face) < view.width() * 0.4
