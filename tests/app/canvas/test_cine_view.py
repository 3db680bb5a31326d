"""Frames change under the same eye: window, zoom and marks stay, the wheel goes on and back."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from app.canvas.cine_view import CineView
from app.canvas.state import ViewState
from domain.image import Cine, Image, Presentation
from tests.app.canvas.conftest import film, stage_of

FRAMES = 6


def a_cine(bits: int = 8, **fields: object) -> Image:
    kind = np.uint8 if bits == 8 else np.uint16
    stack = np.stack([np.full((60, 80), 10 + 20 * n, kind) for n in range(FRAMES)])
    return Image(stack[0], cine=Cine(stack), **fields)


@pytest.fixture
def view(qtbot) -> CineView:
    made = CineView()
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show()
    qtbot.waitExposed(made)
    made.show_image(a_cine())
    return made


def turn(view: CineView, delta: int, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
    surface = stage_of(view)
    at = QPointF(surface.rect().center())
    event = QWheelEvent(
        at,
        surface.mapToGlobal(at),
        QPoint(),
        QPoint(0, delta),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(surface, event)


def middle(view: CineView) -> int:
    picture = view.grab().toImage()
    return picture.pixelColor(picture.width() // 2, picture.height() // 2).red()


def test_another_frame_is_seen_through_the_same_window(view):
    view.set_window_level(200, 100)
    view.zoom_by(2.0)
    before = view.view_state()
    dark = middle(view)
    view.show_frame(4)
    assert middle(view) > dark + 80
    after = view.view_state()
    assert (after.window, after.level, after.zoom) == (before.window, before.level, before.zoom)
    assert after.frame == 4
    assert view.image.sha256 == a_cine().sha256
    assert view.film_picture().pixelColor(3, 3).red() == middle(view)


def test_the_wheel_goes_from_frame_to_frame_and_zooms_with_ctrl(view, qtbot):
    steps: list[int] = []
    view.frame_step_wanted.connect(steps.append)
    zoom = view.placement.zoom
    turn(view, -120)
    turn(view, 240)
    turn(view, 60)
    assert steps == [1, -2]
    assert view.placement.zoom == zoom
    turn(view, 60)
    assert steps == [1, -2, -1]
    turn(view, 120, Qt.KeyboardModifier.ControlModifier)
    assert view.placement.zoom > zoom


def test_on_a_still_film_the_wheel_zooms(view):
    view.show_image(film())
    zoom = view.placement.zoom
    turn(view, 120)
    assert view.placement.zoom > zoom
    view.toggle_mark()
    view.show_frame(3)
    assert view.view_state().marks == ()
    assert view.image.sha256 == film().sha256


def test_marks_are_part_of_the_view_and_outlive_a_reset(view):
    for frame in (4, 1, 4, 4):
        view.show_frame(frame)
        view.toggle_mark()
    assert view.view_state().marks == (1, 4)
    view.invert()
    view.reset()
    state = view.view_state()
    assert (state.marks, state.frame, state.inverted) == ((1, 4), 4, False)
    assert ViewState.from_json(state.to_json()) == state


@pytest.mark.parametrize(
    "text", ['{"frame": "x"}', '{"marks": 3}', '{"marks": ["x"]}', '{"frame": null}']
)
def test_a_damaged_view_state_is_refused(text):
    with pytest.raises(ValueError, match=r"not|invalid"):
        ViewState.from_json(text)


@pytest.mark.parametrize("bits", [8, 16])
def test_pictures_made_of_the_film_are_seen_through_its_window(view, bits):
    view.show_image(a_cine(bits))
    own = view.picture_table.astype(int)
    assert np.all(np.diff(own) >= 0)
    view.invert()
    assert np.array_equal(view.picture_table, 255 - own)


def test_pictures_are_bright_for_dense_where_the_film_is_not(view):
    view.show_image(a_cine(presentation=Presentation(inverted=True)))
    table = view.picture_table.astype(int)
    assert table[255] > table[0]
