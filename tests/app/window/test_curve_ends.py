"""The whole way of an end vertebra: real mouse, panel, history, clipboard, restart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QToolButton
from pytestqt.qtbot import QtBot

from app.canvas.layers.curve_ends import CurveEndsLayer
from app.window.main_window import MainWindow
from domain.annotation import Annotations, CurveEnds
from domain.curves import Reading
from domain.geometry import Points
from domain.provenance import PERSON
from tests.app.canvas.conftest import Mouse
from tests.app.session.test_curves import FOUND, TILTS
from tests.domain.test_curves import drawn
from tests.e2e.hands import focus_canvas, settle, show_again, show_film

Windows = Callable[..., MainWindow]
Films = Callable[[str], Path]
MOVED = (CurveEnds(0, 6), FOUND[1])


@pytest.fixture
def window(open_window: Windows, film: Films, qtbot: QtBot) -> MainWindow:
    """A film with two curves on screen."""
    made = open_window()
    show_film(made, film("bent"), qtbot)
    settle(made, qtbot)
    current, image = made.session.current, made.session.image
    assert current is not None
    assert image is not None
    found = Annotations(image.sha256, points=Points(drawn(TILTS) * 0.28))
    revision = current.history.record(found, gesture="bent", author=PERSON, action="Bent")
    made.session.store(current, revision, is_head=True)
    return made


def handles(window: MainWindow) -> CurveEndsLayer:
    return next(layer for layer in window.view.layers if isinstance(layer, CurveEndsLayer))


def panel_says(window: MainWindow) -> list[str]:
    QApplication.processEvents()  # fresh labels are shown when the panel is laid out
    labels = window.panel_dock.findChildren(QLabel)
    return [label.text() for label in labels if label.isVisible()]


def chosen(window: MainWindow) -> tuple[CurveEnds, ...]:
    decisions = window.session.decisions
    assert decisions is not None
    return decisions.curve_ends


def take(window: MainWindow, end: int, *, to: int) -> tuple[Mouse, QPointF]:
    """Press a handle and carry it to a vertebra; the button stays down there."""
    mouse, start = Mouse(window.view), QPointF(*handles(window).handles[end])
    shown = window.editing.shown
    assert shown is not None
    assert shown.points is not None
    middles = shown.points.coordinates.reshape(17, 4, 2).mean(axis=1)
    now = window.commands.curves.curves[end // 2].ends
    at = now.lower if end % 2 else now.upper
    way = window.view.map_from_image(*middles[to]) - window.view.map_from_image(*middles[at])
    mouse.press(start)
    for share in (0.25, 0.5, 0.75, 1.0):
        mouse.move(start + way * share)
    return mouse, start + way


def test_the_mouse_moves_an_end_and_undo_brings_it_back(window: MainWindow) -> None:
    assert {"T1–T8 · apex T4/5", "35.0°", "32.0°"} <= set(panel_says(window))
    mouse, at = take(window, 1, to=6)
    assert {"T1–T7 · apex T4", "30.0°"} <= set(panel_says(window)), "the angle follows the hand"
    assert chosen(window) == ()
    mouse.release(at)
    assert chosen(window) == MOVED
    assert "End vertebrae chosen by hand" in panel_says(window)
    window.actions_by_name["Edit/Undo"].trigger()
    assert chosen(window) == ()
    assert "35.0°" in panel_says(window)
    assert "End vertebrae chosen by hand" not in panel_says(window)


def test_esc_gives_up_a_drag(window: MainWindow, qtbot: QtBot) -> None:
    focus_canvas(window, qtbot)
    mouse, at = take(window, 1, to=4)
    QTest.keySequence(window.view, "Esc")
    assert "35.0°" in panel_says(window)
    mouse.release(at)
    assert chosen(window) == ()


def test_an_undo_during_a_drag_takes_the_end_away(window: MainWindow) -> None:
    mouse, at = take(window, 1, to=6)
    mouse.release(at)
    mouse, at = take(window, 1, to=3)
    window.actions_by_name["Edit/Undo"].trigger()
    mouse.move(at + QPointF(0, 40))
    mouse.release(at)
    assert chosen(window) == ()


def test_keys_select_and_move_an_end(window: MainWindow, qtbot: QtBot) -> None:
    focus_canvas(window, qtbot)
    for _ in range(2):
        QTest.keySequence(window.view, "X")
    QTest.keySequence(window.view, "Ctrl+Shift+Up")
    assert chosen(window) == MOVED
    QTest.keySequence(window.view, "Ctrl+Shift+Down")
    assert chosen(window) == FOUND
    window.actions_by_name["Measure/Measure ends automatically"].trigger()
    assert chosen(window) == ()


def test_what_is_shown_is_copied_and_drawn(window: MainWindow) -> None:
    clinical, aasce = (
        button
        for button in window.panel_dock.findChildren(QToolButton)
        if button.text() in ("Clinical", "AASCE")
    )
    window.commands.copy_angles()
    text = QGuiApplication.clipboard().text()
    assert text.splitlines()[0] == "Proximal thoracic\t35.0°\tT1–T8\tapex T4/5"
    assert len(handles(window).handles) == 4
    aasce.click()
    window.commands.copy_angles()
    assert (
        QGuiApplication.clipboard().text().splitlines()[0] == "Main\t35.0°\tT1–T8\tS-shaped column"
    )
    assert len(handles(window).handles) == 0
    assert "Second" in panel_says(window)
    clinical.click()
    assert "Proximal thoracic" in panel_says(window)


def test_ends_and_reading_are_there_after_a_restart(
    window: MainWindow, open_window: Windows, qtbot: QtBot
) -> None:
    mouse, at = take(window, 1, to=6)
    mouse.release(at)
    window.commands.curves.use(Reading.AASCE)
    settle(window, qtbot)
    again = open_window()
    show_again(again, "bent", qtbot)
    assert chosen(again) == MOVED
    assert again.commands.curves.reading is Reading.AASCE
    again.actions_by_name["Edit/Undo"].trigger()
    assert chosen(again) == ()
