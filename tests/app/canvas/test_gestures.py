"""Gestures with real mouse events: what moves, what does not, and where it ends."""

from __future__ import annotations

import os

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.canvas.layers import corners
from app.canvas.layers.corners import CornersLayer
from app.canvas.view import ImageView
from domain.image import Image
from tests.app.canvas.conftest import Mouse, column_of, data_of, snapped

CORNER = 26


class Heard:
    """Everything a layer says, in order."""

    def __init__(self, layer: CornersLayer) -> None:
        self.words: list[tuple[object, ...]] = []
        for name in ("selected", "drag_started", "dragged", "drag_finished", "drag_cancelled"):
            getattr(layer, name).connect(lambda *args, n=name: self.words.append((n, *args)))

    def named(self, name: str) -> list[tuple[object, ...]]:
        """What was said under one name."""
        return [word[1:] for word in self.words if word[0] == name]


def test_a_click_and_a_shaky_click_select_and_move_nothing(
    view: ImageView, layer: CornersLayer, mouse: Mouse, image: Image
) -> None:
    heard = Heard(layer)
    at = snapped(view, *column_of(image)[CORNER])
    mouse.press(at)
    mouse.move(at + QPointF(2, 0))
    mouse.move(at + QPointF(1, 2))
    mouse.release(at + QPointF(1, 2))
    assert heard.words == [("selected", CORNER)]
    assert np.array_equal(layer.drawn, column_of(image))


ORIENTATIONS = [
    pytest.param([], id="upright"),
    pytest.param(["flip_horizontal"], id="flipped-h"),
    pytest.param(["flip_vertical"], id="flipped-v"),
    pytest.param(["rotate"], id="turned"),
    pytest.param(["rotate", "flip_horizontal"], id="turned-flipped"),
    pytest.param(["rotate", "rotate", "rotate", "flip_vertical"], id="three-turns-flipped"),
]


def turn(view: ImageView, steps: list[str]) -> None:
    """Flip and turn the view."""
    for step in steps:
        view.rotate(1) if step == "rotate" else getattr(view, step)()


@pytest.mark.parametrize("steps", ORIENTATIONS)
@pytest.mark.parametrize("zoom", [1.0, 3.7])
def test_a_drag_tells_exact_image_coordinates(
    view: ImageView, layer: CornersLayer, mouse: Mouse, image: Image, steps: list[str], zoom: float
) -> None:
    turn(view, steps)
    view.zoom_at(zoom, view.map_from_image(*column_of(image)[CORNER]))
    heard = Heard(layer)
    start = snapped(view, *column_of(image)[CORNER])
    end = start + QPointF(10, 7)
    # The hand keeps the corner by where it took it: the step counts, not the hit's offset.
    before, after = view.map_to_image(start), view.map_to_image(end)
    step = np.subtract(after, before)
    expected = column_of(image)[CORNER] + step
    mouse.drag(start, end)
    assert heard.named("drag_started") == [(CORNER,)]
    (index, row, column) = heard.named("drag_finished")[0]
    assert index == CORNER
    assert (row, column) == pytest.approx(tuple(expected), abs=1e-6)
    assert heard.named("dragged")[-1][1:] == pytest.approx(tuple(expected), abs=1e-6)
    assert layer.drawn[CORNER] == pytest.approx(expected, abs=1e-6)
    assert heard.named("drag_cancelled") == []


def test_esc_cancels_and_puts_the_corner_back(
    view: ImageView, layer: CornersLayer, mouse: Mouse, image: Image
) -> None:
    heard = Heard(layer)
    at = snapped(view, *column_of(image)[CORNER])
    mouse.press(at)
    mouse.move(at + QPointF(9, 9))
    assert not np.array_equal(layer.drawn, column_of(image))
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Escape)
    mouse.move(at + QPointF(30, 30))
    mouse.release(at + QPointF(30, 30))
    assert heard.named("drag_cancelled") == [(CORNER,)]
    assert heard.named("drag_finished") == []
    assert np.array_equal(layer.drawn, column_of(image))
    assert view.cancel_gesture() is False


def test_answers_during_a_drag_move_all_but_the_held_corner(
    view: ImageView, layer: CornersLayer, mouse: Mouse, image: Image, qtbot: QtBot
) -> None:
    at = snapped(view, *column_of(image)[CORNER])
    mouse.press(at)
    mouse.move(at + QPointF(12, 0))
    held = layer.drawn[CORNER].copy()
    answer = column_of(image) + 5.0
    layer.set_data(data_of(image, coordinates=answer))
    others = np.arange(68) != CORNER
    qtbot.waitUntil(lambda: np.array_equal(layer.drawn[others], answer[others]))
    assert np.array_equal(layer.drawn[CORNER], held)
    mouse.release(at + QPointF(12, 0))
    assert np.array_equal(layer.drawn[CORNER], held), "it stays where it was dropped"
    layer.set_data(data_of(image, coordinates=answer))
    assert np.array_equal(layer.drawn, answer)


def test_the_inset_shows_only_while_dragging_and_away_from_the_hand(
    view: ImageView, layer: CornersLayer, mouse: Mouse, image: Image
) -> None:
    inset = view._inset
    at = snapped(view, *column_of(image)[CORNER])
    mouse.press(at)
    assert not inset.isVisible()
    for end in (QPointF(40, 300), QPointF(600, 300)):
        mouse.move(end)
        assert inset.isVisible()
        assert not inset.room.adjusted(-40, -40, 40, 40).contains(end)
        assert inset.room.center().x() > 320 if end.x() < 320 else inset.room.center().x() < 320
    mouse.release(QPointF(600, 300))
    assert not inset.isVisible()


@pytest.mark.parametrize(
    ("button", "modifiers"),
    [
        (Qt.MouseButton.MiddleButton, Qt.KeyboardModifier.NoModifier),
        (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier),
    ],
)
def test_middle_and_shift_left_pan(
    view: ImageView, mouse: Mouse, button: Qt.MouseButton, modifiers: Qt.KeyboardModifier
) -> None:
    start, end = QPointF(320, 260), QPointF(375, 221)
    under = view.map_to_image(start)
    windowed = view.window_level()
    mouse.drag(start, end, button, modifiers)
    assert view.map_to_image(end) == pytest.approx(under, abs=1e-9)
    assert view.window_level() == windowed


def test_shift_over_a_corner_pans_and_takes_no_corner(
    view: ImageView, layer: CornersLayer, mouse: Mouse, image: Image
) -> None:
    heard = Heard(layer)
    at = snapped(view, *column_of(image)[CORNER])
    shift = Qt.KeyboardModifier.ShiftModifier
    mouse.drag(at, at + QPointF(30, 0), Qt.MouseButton.LeftButton, shift)
    assert heard.words == []


@pytest.mark.parametrize("delta", [120, -120, 480])
@pytest.mark.parametrize("control", [False, True])
def test_the_wheel_zooms_around_the_cursor(
    view: ImageView, delta: int, control: bool, qtbot
) -> None:
    at = QPointF(401, 133)
    under, zoom = view.map_to_image(at), view.placement.zoom
    wheel(view, at, delta, control=control)
    assert view.map_to_image(at) == pytest.approx(under, abs=1e-9)
    assert (view.placement.zoom > zoom) == (delta > 0)


def wheel(view: ImageView, at: QPointF, delta: int, *, control: bool = False) -> None:
    """A turn of the wheel, as the window system would deliver it."""
    from PySide6.QtGui import QWheelEvent
    from PySide6.QtWidgets import QApplication

    from tests.app.canvas.conftest import stage_of

    surface = stage_of(view)
    keys = Qt.KeyboardModifier
    event = QWheelEvent(
        at,
        surface.mapToGlobal(at),
        QPoint(),
        QPoint(0, delta),
        Qt.MouseButton.NoButton,
        keys.ControlModifier if control else keys.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(surface, event)


def test_right_drag_zooms_around_where_it_began_and_asks_no_menu(
    view: ImageView, mouse: Mouse
) -> None:
    asked: list[QPoint] = []
    view.context_menu_requested.connect(asked.append)
    at = QPointF(300, 200)
    under, zoom = view.map_to_image(at), view.placement.zoom
    mouse.drag(at, at - QPointF(0, 60), Qt.MouseButton.RightButton)
    assert view.placement.zoom > zoom
    assert view.map_to_image(at) == pytest.approx(under, abs=1e-9)
    assert asked == []


def test_a_right_click_asks_for_the_menu(view: ImageView, mouse: Mouse) -> None:
    asked: list[QPoint] = []
    view.context_menu_requested.connect(asked.append)
    zoom = view.placement.zoom
    mouse.press(QPointF(300, 200), Qt.MouseButton.RightButton)
    mouse.release(QPointF(301, 201), Qt.MouseButton.RightButton)
    assert asked == [QPoint(301, 201)]
    assert view.placement.zoom == zoom


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("down_brighter", [True, False])
def test_left_drag_on_nothing_sets_the_window(
    view: ImageView, mouse: Mouse, down_brighter: bool, inverted: bool
) -> None:
    view.vertical_down_brighter = down_brighter
    if inverted:
        view.invert()
    window, level = view.window_level()
    told: list[tuple[float, float]] = []
    view.window_level_changed.connect(lambda w, lev: told.append((w, lev)))
    before = view.film_picture().pixelColor(80, 180).lightness()
    mouse.drag(QPointF(20, 100), QPointF(20, 160))
    after = view.film_picture().pixelColor(80, 180).lightness()
    assert (after > before) == down_brighter
    assert view.window_level()[0] == window
    mouse.drag(QPointF(20, 100), QPointF(70, 100))
    assert view.window_level()[0] > window
    assert told[-1] == view.window_level()
    assert view.window_level()[1] != level


def test_a_click_on_nothing_deselects_and_windows_nothing(
    view: ImageView, layer: CornersLayer, mouse: Mouse
) -> None:
    heard = Heard(layer)
    windowed = view.window_level()
    mouse.press(QPointF(20, 100))
    mouse.release(QPointF(21, 101))
    assert heard.words == [("selected", -1)]
    assert view.window_level() == windowed


def test_a_double_click_on_nothing_fits(view: ImageView) -> None:
    from tests.app.canvas.conftest import stage_of

    fitted = view.placement
    view.zoom_by(3.0)
    view.pan_by(40, 12)
    QTest.mouseDClick(
        stage_of(view), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(9, 9)
    )
    assert view.placement == fitted


def test_another_film_ends_the_drag_and_takes_its_corners_away(
    view: ImageView, layer: CornersLayer, mouse: Mouse, image: Image
) -> None:
    from tests.app.canvas.conftest import film

    heard = Heard(layer)
    at = snapped(view, *column_of(image)[CORNER])
    mouse.press(at)
    mouse.move(at + QPointF(12, 0))
    view.show_image(film(seed=2))
    mouse.release(at + QPointF(12, 0))
    assert heard.named("drag_cancelled") == [(CORNER,)]
    assert heard.named("drag_finished") == []
    assert layer.shown_data is None


def test_hidden_overlays_cannot_be_taken(
    view: ImageView, layer: CornersLayer, mouse: Mouse, image: Image
) -> None:
    heard = Heard(layer)
    at = snapped(view, *column_of(image)[CORNER])
    view.set_overlays_visible(False)
    mouse.drag(at, at + QPointF(20, 0))
    assert heard.words == []
    view.set_overlays_visible(True)
    mouse.drag(at, at + QPointF(20, 0))
    assert heard.named("drag_finished")


def test_the_cursor_tells_place_and_value(view: ImageView, mouse: Mouse, image: Image) -> None:
    told: list[tuple[float, float, object]] = []
    view.cursor_moved.connect(lambda *args: told.append(args))
    view.zoom_at(8.0, view.map_from_image(50, 60))
    at = snapped(view, 50, 60)
    mouse.move(at, Qt.MouseButton.NoButton)
    row, column, value = told[-1]
    assert (row, column) == pytest.approx(view.map_to_image(at))
    assert value == int(image.pixels[round(row), round(column)])
    view.fit()
    mouse.move(QPointF(2, 2), Qt.MouseButton.NoButton)
    assert told[-1][2] is None, "outside the image there is no value"


def test_the_density_is_the_one_asked_for(view: ImageView) -> None:
    """Else the run at 200 % would measure nothing."""
    assert view.devicePixelRatioF() == float(os.environ.get("QT_SCALE_FACTOR", "1"))


def test_what_the_network_moves_is_drawn_before_the_hands_next_frame(
    view: ImageView,
    layer: CornersLayer,
    mouse: Mouse,
    image: Image,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn: list[float] = []
    monkeypatch.setattr(
        corners, "paint_still", lambda painter, drawing: drawn.append(drawing.screen[0, 1])
    )
    at = snapped(view, *column_of(image)[CORNER])
    mouse.press(at)
    mouse.move(at + QPointF(12, 0))
    view.grab()
    assert len(drawn) == 1
    before = drawn[0]
    layer.carry_to(column_of(image) + 5.0)
    mouse.move(at + QPointF(13, 0))
    view.grab()
    assert drawn == [before], "the hand does not wait for it"
    qtbot.waitUntil(lambda: len(drawn) == 2)
    mouse.move(at + QPointF(14, 0))
    view.grab()
    assert len(drawn) == 2
    assert drawn[1] > before
    mouse.release(at + QPointF(14, 0))
