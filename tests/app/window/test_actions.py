"""The table of actions: every key once, in a menu, in the sheet, and only where it may act."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFileDialog,
    QLineEdit,
    QMenu,
    QMessageBox,
    QPushButton,
)
from pytestqt.qtbot import QtBot

from app.window.actions import ACTIONS, CONTEXT_ACTIONS, MENUS, Scope, key_table, keys_for
from app.window.main_window import MainWindow
from tests.e2e.hands import focus_canvas, points, settle, show_film

Windows = Callable[..., MainWindow]
Films = Callable[[str], Path]


@pytest.fixture
def no_dialogs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Dialogs that answer by themselves; the titles of those that were shown."""
    shown: list[str] = []

    def run(dialog: QDialog) -> int:
        shown.append(dialog.windowTitle())
        return 0

    monkeypatch.setattr(QDialog, "exec", run)
    monkeypatch.setattr(QMessageBox, "about", lambda _parent, title, _text: shown.append(title))
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.No)
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([], ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    return shown


def text_of(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)


@pytest.mark.parametrize("task", ["vertebrae", "implant"])
def test_no_key_does_two_things_in_one_place(task: str) -> None:
    rows = [(spec.text, text_of(key)) for spec in ACTIONS for key in keys_for(spec, task=task)]
    assert all(key for _, key in rows)
    # A canvas key and a window key would both be meant while the canvas has the focus.
    twice = [(one, other) for one, other in combinations(rows, 2) if one[1] == other[1]]
    assert twice == []


def test_a_key_that_types_a_letter_acts_on_the_canvas_alone() -> None:
    typing = [
        spec.text
        for spec in ACTIONS
        for key in spec.keys
        if len(key) == 1 and key != "?" and spec.scope is not Scope.CANVAS
    ]
    assert typing == []


def test_whatever_has_a_key_stands_in_a_menu_and_in_the_sheet(open_window: Windows) -> None:
    window = open_window()
    sheet = {(menu, text): keys.split("  ") for menu, text, keys in key_table()}
    for spec in ACTIONS:
        action = window.actions_by_name[f"{spec.menu}/{spec.text}"]
        titles = {menu.title() for menu in action.associatedObjects() if isinstance(menu, QMenu)}
        assert titles == {spec.menu.rpartition("/")[2]}
        keys = keys_for(spec, task="vertebrae")
        assert sheet.get((spec.menu, spec.text), []) == list(keys)
        bound = {key.toString() for key in action.shortcuts()}
        assert bound == {text_of(key) for key in keys if key != "O"}
        assert not (action.isEnabled() and spec.task == "implant")
    assert len(window.actions_by_name) == len(ACTIONS)


def test_every_menu_is_there_and_none_is_empty(open_window: Windows) -> None:
    bar = open_window().menuBar()
    assert [action.text() for action in bar.actions()] == list(MENUS)
    assert all(action.menu().actions() for action in bar.actions())
    assert {spec.menu.partition("/")[0] for spec in ACTIONS} == set(MENUS)


@pytest.mark.parametrize("is_empty", [True, False], ids=["empty window", "with a film"])
def test_every_action_runs(
    is_empty: bool,
    open_window: Windows,
    film: Films,
    qtbot: QtBot,
    no_dialogs: list[str],
) -> None:
    window = open_window()
    if not is_empty:
        show_film(window, film("one"), qtbot)
        window.editing.select(20)
    for spec in ACTIONS:
        if spec.text != "Quit":
            window.actions_by_name[f"{spec.menu}/{spec.text}"].trigger()
            QApplication.processEvents()
    settle(window, qtbot)
    assert {"Keys", "Preferences", "Weights", "About Caliper"} <= set(no_dialogs)
    assert ("Export" in no_dialogs) is not is_empty
    window.actions_by_name["File/Quit"].trigger()
    assert not window.isVisible()


def test_typing_in_the_search_field_touches_nothing_else(
    open_window: Windows, film: Films, qtbot: QtBot
) -> None:
    window = open_window()
    show_film(window, film("one"), qtbot)
    window.editing.select(20)
    field = window.library_dock.findChild(QLineEdit)
    window.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    looks, decided = window.view.view_state(), window.session.decisions
    QTest.keyClicks(field, "ip1hv[]0r+-=no?")
    assert field.text() == "ip1hv[]0r+-=no?"
    for key in ("Left", "Backspace", "Del", "Return", "Shift+Left"):
        QTest.keySequence(field, key)
    assert window.view.view_state() == looks
    assert window.session.decisions is decided
    assert window.editing.selected == 20
    focus_canvas(window, qtbot)
    QTest.keySequence(window.view, "I")
    QTest.keySequence(window.view, "P")
    assert window.view.view_state().inverted
    assert window.session.decisions.pins == frozenset({20})


def test_tab_walks_corners_on_the_canvas_and_widgets_elsewhere(
    open_window: Windows, film: Films, qtbot: QtBot
) -> None:
    window = open_window()
    show_film(window, film("one"), qtbot)
    focus_canvas(window, qtbot)
    for expected in (0, 1, 2):
        QTest.keySequence(window.view, "Tab")
        assert window.editing.selected == expected
    QTest.keySequence(window.view, "Shift+Tab")
    assert window.editing.selected == 1
    assert window.view.hasFocus()
    button = window.panel_dock.findChild(QPushButton, "primary")
    button.setFocus()
    qtbot.waitUntil(button.hasFocus)
    QTest.keySequence(button, "Tab")
    assert not button.hasFocus()
    assert window.editing.selected == 1


def test_walking_goes_around_the_ends(open_window: Windows, film: Films, qtbot: QtBot) -> None:
    window = open_window()
    show_film(window, film("one"), qtbot)
    focus_canvas(window, qtbot)
    QTest.keySequence(window.view, "Shift+Tab")
    assert window.editing.selected == 67
    QTest.keySequence(window.view, "Tab")
    assert window.editing.selected == 0
    QTest.keySequence(window.view, "Ctrl+Shift+Tab")
    assert window.editing.selected == 64


def test_arrows_move_as_seen_on_a_turned_film(
    open_window: Windows, film: Films, qtbot: QtBot
) -> None:
    window = open_window()
    show_film(window, film("one"), qtbot)
    window.editing.select(20)
    focus_canvas(window, qtbot)
    QTest.keySequence(window.view, "]")
    before, at = points(window)[20], window.view.map_from_image(*points(window)[20])
    for _ in range(3):
        QTest.keySequence(window.view, "Shift+Right")
    moved = window.view.map_from_image(*points(window)[20]) - at
    assert moved.x() > 5
    assert moved.y() == pytest.approx(0, abs=1e-6)
    assert np.linalg.norm(points(window)[20] - before) == pytest.approx(30)


def test_the_context_menu_holds_actions_of_the_table(
    open_window: Windows, film: Films, qtbot: QtBot
) -> None:
    window = open_window()
    show_film(window, film("one"), qtbot)
    shown: list[list[str]] = []

    def look() -> None:
        menu = QApplication.activePopupWidget()
        shown.append([action.text() for action in menu.actions()])
        menu.close()

    QTimer.singleShot(0, look)
    window.view.context_menu_requested.emit(window.view.rect().center())
    named = {f"{spec.menu}/{spec.text}": spec for spec in ACTIONS}
    offered = [text for text in shown[0] if text]
    specs = [named[name] for group in CONTEXT_ACTIONS for name in group]
    assert offered == [spec.text for spec in specs if spec.task != "implant"]
