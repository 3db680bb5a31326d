"""A miscounted spine put right in the window: real mouse and keys, panel, history."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QInputDialog, QLabel, QToolButton
from pytestqt.qtbot import QtBot

from app.canvas.layers.vertebra_frame import VertebraFrame
from app.tasks.vertebrae.panel_column import ColumnView
from app.window.main_window import MainWindow
from domain.annotation import Annotations
from domain.numbering import LEVELS
from domain.vertebrae import names_of
from tests.app.canvas.conftest import Mouse
from tests.e2e.hands import focus_canvas, points, settle, show_film

Windows = Callable[..., MainWindow]
Films = Callable[[str], Path]
VERTEBRA = slice(24, 28)  # T7


@pytest.fixture
def window(open_window: Windows, film: Films, qtbot: QtBot) -> MainWindow:
    """A film with its corners, T7 framed as a whole."""
    made = open_window()
    show_film(made, film("one"), qtbot)
    settle(made, qtbot)
    focus_canvas(made, qtbot)
    made.editing.select(25)
    QTest.keySequence(made.view, "B")
    return made


def decisions(window: MainWindow) -> Annotations:
    shown = window.session.decisions
    assert shown is not None
    return shown


def frame(window: MainWindow) -> VertebraFrame:
    return next(layer for layer in window.view.layers if isinstance(layer, VertebraFrame))


def drag(window: MainWindow, start: QPointF, end: QPointF) -> None:
    mouse = Mouse(window.view)
    mouse.press(start)
    for share in (0.3, 0.6, 1.0):
        mouse.move(start + (end - start) * share)
    mouse.release(end)


def screen(window: MainWindow) -> np.ndarray:
    return window.view.placement.to_screen(points(window)[VERTEBRA])


def shape(window: MainWindow):
    found = frame(window).shape_on_screen
    assert found is not None
    return found


def test_a_vertebra_is_moved_as_one_gesture(window: MainWindow, qtbot: QtBot) -> None:
    before = screen(window)
    middle = QPointF(*shape(window).middle)
    drag(window, middle, middle + QPointF(14, 9))
    settle(window, qtbot)
    assert np.allclose(screen(window), before + np.array([14, 9]), atol=1.0)
    assert set(decisions(window).hints) == {24, 25, 26, 27}
    assert len(decisions(window).rounds) == 1
    window.actions_by_name["Edit/Undo"].trigger()
    assert np.allclose(screen(window), before, atol=1e-6)


def test_it_is_turned_around_its_middle(window: MainWindow) -> None:
    before, found = screen(window), shape(window)
    radius = np.linalg.norm(found.turner - found.middle)
    target = found.middle + radius * np.array([np.sin(0.3), -np.cos(0.3)])
    drag(window, QPointF(*found.turner), QPointF(*target))
    after = screen(window)
    assert np.allclose(after.mean(axis=0), before.mean(axis=0), atol=0.5)
    plates = (before[1] - before[0], after[1] - after[0])
    angles = [np.arctan2(*plate[::-1]) for plate in plates]
    assert angles[1] - angles[0] == pytest.approx(0.3, abs=0.05)


def test_it_is_resized_about_its_middle(window: MainWindow) -> None:
    before, found = screen(window), shape(window)
    knob = found.knobs[2]
    target = found.middle + 1.5 * (knob - found.middle)
    drag(window, QPointF(*knob), QPointF(*target))
    after = screen(window)
    assert np.allclose(after.mean(axis=0), before.mean(axis=0), atol=0.5)
    assert np.ptp(after[:, 0]) / np.ptp(before[:, 0]) == pytest.approx(1.5, abs=0.06)


def test_a_click_or_two_pixels_move_nothing(window: MainWindow) -> None:
    before, middle = points(window), QPointF(*shape(window).middle)
    drag(window, middle, middle)
    drag(window, middle, middle + QPointF(2, 0))
    assert np.array_equal(points(window), before)


def test_without_the_frame_no_drag_moves_a_vertebra(window: MainWindow) -> None:
    QTest.keySequence(window.view, "Esc")
    assert frame(window).shape_on_screen is None
    before, middle = points(window), QPointF(*screen(window).mean(axis=0))
    drag(window, middle, middle + QPointF(60, 0))
    assert np.array_equal(points(window), before)


def test_esc_in_a_drag_puts_it_back_and_a_click_beside_leaves_the_frame(
    window: MainWindow,
) -> None:
    before, middle = points(window), QPointF(*shape(window).middle)
    mouse = Mouse(window.view)
    mouse.press(middle)
    mouse.move(middle + QPointF(30, 0))
    assert not np.array_equal(points(window), before)
    QTest.keySequence(window.view, "Esc")
    mouse.release(middle + QPointF(30, 0))
    assert np.array_equal(points(window), before)
    assert window.editing.whole
    aside = QPointF(4, 4)
    drag(window, aside, aside)
    assert not window.editing.whole


def test_keys_turn_resize_and_move_the_framed_vertebra(window: MainWindow) -> None:
    before = points(window)[VERTEBRA]
    for key in (".", "Alt+.", "Right"):
        QTest.keySequence(window.view, key)
    window.editing.finish()
    after = points(window)[VERTEBRA]
    assert np.allclose(after.mean(axis=0) - before.mean(axis=0), (0.0, 1.0), atol=1e-6)
    ways = [box[1] - box[0] for box in (before, after)]
    assert np.linalg.norm(ways[1]) == pytest.approx(1.02 * np.linalg.norm(ways[0]), rel=1e-3)
    turn = [np.degrees(np.arctan2(*way)) for way in ways]
    assert turn[1] - turn[0] == pytest.approx(1.0, abs=1e-3), "clockwise: rows grow to the right"
    assert len(decisions(window).rounds) == 1


def test_keys_insert_delete_and_slide(window: MainWindow, qtbot: QtBot) -> None:
    QTest.keySequence(window.view, "Ins")
    settle(window, qtbot)
    assert names_of(decisions(window)) == (*LEVELS, "S1")
    assert window.editing.targets == (28, 29, 30, 31), "the new one is framed"
    QTest.keySequence(window.view, "Ctrl+Del")
    assert names_of(decisions(window)) == LEVELS
    before = points(window)
    QTest.keySequence(window.view, "Alt+PgDown")
    settle(window, qtbot)
    assert np.array_equal(points(window)[:64], before[4:])
    QTest.keySequence(window.view, "Alt+PgUp")
    settle(window, qtbot)
    assert np.array_equal(points(window)[4:], before[4:])


def test_a_thirteenth_thoracic_vertebra_is_named_in_the_dialog_and_said_in_the_panel(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered: list[str] = []

    def choose(dialog: QInputDialog) -> int:
        offered.extend(dialog.comboBoxItems())
        dialog.setTextValue("T13")
        return 1

    monkeypatch.setattr(QInputDialog, "exec", choose)
    window.editing.select(48)  # L1
    window.actions_by_name["Spine/Name vertebra…"].trigger()
    assert names_of(decisions(window))[12:] == ("T13", "L1", "L2", "L3", "L4")
    assert offered[:2] == ["T13", "L1"]
    column = window.panel_dock.findChild(ColumnView)
    said = [label.text() for label in column.findChildren(QLabel)]
    assert said == ["T1 to L4", "T13: 13 thoracic vertebrae."]


def test_the_panel_s_buttons_do_what_they_say(window: MainWindow, qtbot: QtBot) -> None:
    column = window.panel_dock.findChild(ColumnView)
    buttons = {button.text(): button for button in column.findChildren(QToolButton)}
    buttons["Insert ▲"].click()
    settle(window, qtbot)
    assert len(points(window)) == 72
    buttons["Delete"].click()
    assert len(points(window)) == 68
    buttons["Names ▲"].click()
    assert names_of(decisions(window))[0] == "C7"
    menu = buttons["Name"].menu()
    menu.aboutToShow.emit()
    assert menu.actions()[0].text() == "T6", "T5 lies above"


def test_a_right_click_chooses_the_vertebra_under_it(window: MainWindow) -> None:
    QTest.keySequence(window.view, "Esc")
    QTimer.singleShot(0, lambda: QApplication.activePopupWidget().close())
    at = window.view.map_from_image(*points(window)[40:44].mean(axis=0))
    mouse = Mouse(window.view)
    mouse.press(at, Qt.MouseButton.RightButton)
    mouse.release(at, Qt.MouseButton.RightButton)
    assert window.commands.repairing.selected == 10
