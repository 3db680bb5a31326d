"""The one use: open, see corners, drag one, the others follow, close, open, undo."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.window.main_window import MainWindow
from tests.app.session.sitting import column
from tests.e2e.hands import (
    LEFT,
    drag,
    has_points,
    mouse_target,
    place,
    points,
    settled,
    show_film,
)

Windows = Callable[..., MainWindow]
Films = Callable[[str], Path]
OTHERS = np.arange(68) != 20


def test_drag_close_reopen_undo(open_window: Windows, film: Films, qtbot: QtBot) -> None:
    window = open_window()
    path = film("one")
    show_film(window, path, qtbot)
    assert np.array_equal(points(window), column())
    drag(window, 20, by=(0, 60))
    qtbot.waitUntil(lambda: settled(window), timeout=10000)
    after = points(window)
    assert after[20, 0] > column()[20, 0] + 20
    assert np.allclose((after - column())[OTHERS], (after - column())[20] / 10, atol=1e-6)
    window = open_window()
    assert [case.name for case in window.session.cases] == ["one"]
    window.session.show(window.session.cases[0].id)
    qtbot.waitUntil(lambda: has_points(window, "one"), timeout=10000)
    assert np.array_equal(points(window), after)
    QTest.keySequence(window, "Ctrl+Z")
    assert np.array_equal(points(window), column())
    QTest.keySequence(window, "Ctrl+Y")
    assert np.array_equal(points(window), after)


def test_a_three_second_drag_paints_fifteen_answers(
    open_window: Windows, film: Films, qtbot: QtBot
) -> None:
    window = open_window(seconds=0.15)
    show_film(window, film("one"), qtbot)
    painted: set[bytes] = set()
    window.editing.shown_changed.connect(lambda: painted.add(points(window)[OTHERS].tobytes()))
    target = mouse_target(window)
    start = target.mapFrom(window.view, place(window, 20))
    QTest.mousePress(target, LEFT, pos=start)
    for step in range(1, 151):
        QTest.mouseMove(target, start + QPoint(0, step))
        QTest.qWait(20)
    QTest.mouseRelease(target, LEFT, pos=start + QPoint(0, 150))
    assert len(painted) >= 15


def test_a_click_moves_nothing(open_window: Windows, film: Films, qtbot: QtBot) -> None:
    window = open_window()
    show_film(window, film("one"), qtbot)
    target = mouse_target(window)
    start = target.mapFrom(window.view, place(window, 20))
    QTest.mousePress(target, LEFT, pos=start)
    QTest.mouseMove(target, start + QPoint(2, 0))
    QTest.mouseRelease(target, LEFT, pos=start + QPoint(2, 0))
    assert np.array_equal(points(window), column())
    assert window.editing.selected == 20
    QTest.mouseClick(target, LEFT, pos=start + QPoint(200, 0))
    assert window.editing.selected is None
    assert len(window.session.current.history.revisions) == 1


def test_release_then_switch_stores_in_the_first_case(
    open_window: Windows, film: Films, qtbot: QtBot
) -> None:
    window = open_window(seconds=0.3)
    show_film(window, film("one"), qtbot)
    first = window.session.current
    show_film(window, film("two"), qtbot)
    window.session.show(first.case.id)
    drag(window, 20, by=(0, 60))
    window.session.show(next(c.id for c in window.session.cases if c.name == "two"))
    head = first.history.head
    qtbot.waitUntil(lambda: first.history.head != head, timeout=10000)
    assert window.session.current.case.name == "two"
    assert np.array_equal(points(window), column())
    moved = first.history.current.points.coordinates
    assert not np.allclose(moved[OTHERS], column()[OTHERS])


def test_keys_walk_nudge_pin_and_give_back(open_window: Windows, film: Films, qtbot: QtBot) -> None:
    window = open_window()
    show_film(window, film("one"), qtbot)
    window.activateWindow()
    window.view.setFocus()
    qtbot.waitUntil(window.view.hasFocus, timeout=3000)
    for key in ("Tab", "Tab", "Shift+Tab"):
        QTest.keySequence(window.view, key)
    assert window.editing.selected == 0
    QTest.keySequence(window.view, "Ctrl+Tab")
    assert window.editing.selected == 4
    for key in ("Right", "Shift+Right", "Alt+Down"):
        QTest.keySequence(window.view, key)
    qtbot.waitUntil(lambda: not window.editing.is_holding, timeout=3000)
    qtbot.waitUntil(lambda: settled(window), timeout=10000)
    assert np.allclose(points(window)[4], column()[4] + [0.1, 11])
    QTest.keySequence(window.view, "P")
    assert window.session.decisions.pins == frozenset({4})
    QTest.keySequence(window.view, "Del")
    qtbot.waitUntil(lambda: settled(window), timeout=10000)
    assert np.array_equal(points(window), column())
    QTest.keySequence(window.view, "Return")
    assert window.session.decisions.accepted


def test_wrong_files_are_told_and_nothing_is_lost(
    open_window: Windows, film: Films, qtbot: QtBot, tmp_path: Path
) -> None:
    window = open_window()
    show_film(window, film("one"), qtbot)
    wrong = tmp_path / "letter.png"
    wrong.write_text("Dear colleague")
    with qtbot.waitSignal(window.session.trouble, timeout=10000) as told:
        window.commands.open_paths([wrong])
    assert "letter.png" in told.args[0].what
    assert window.session.current.case.name == "one"
    assert np.array_equal(points(window), column())
