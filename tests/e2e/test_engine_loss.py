"""The engine dies while a person works: nothing in the hand is lost, and answers are the same."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.window.main_window import MainWindow
from tests.app.session.sitting import column
from tests.conftest import child_processes
from tests.e2e.hands import (
    LEFT,
    PATIENCE_MS,
    drag,
    has_points,
    mouse_target,
    points,
    press,
    settle,
    show_film,
)

Windows = Callable[..., MainWindow]
Films = Callable[[str], Path]
OTHERS = np.arange(68) != 20

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="finds the engine through /proc"
)


def kill_engine(qtbot: QtBot) -> None:
    """SIGKILL, as a machine out of memory would; waits until it is gone."""
    (pid,) = engines()
    os.kill(pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: pid not in engines(), timeout=PATIENCE_MS)


def engines() -> list[int]:
    lines = [line.split() for line in child_processes()]
    return [int(line[0]) for line in lines if any("rule_engine" in word for word in line)]


def test_killed_in_a_proposal_it_still_answers(
    open_window: Windows, film: Films, qtbot: QtBot
) -> None:
    window = open_window(seconds=1.0)
    with qtbot.waitSignal(window.asking.progressed, timeout=PATIENCE_MS):
        window.commands.open_paths([film("one")])
    kill_engine(qtbot)
    qtbot.waitUntil(lambda: has_points(window, "one"), timeout=PATIENCE_MS)
    assert np.array_equal(points(window), column())


def test_killed_in_a_drag_the_drag_is_kept(open_window: Windows, film: Films, qtbot: QtBot) -> None:
    window = open_window()
    show_film(window, film("one"), qtbot)
    start, target = press(window, 20), mouse_target(window)
    QTest.mouseMove(target, start + QPoint(0, 30))
    qtbot.waitUntil(lambda: not np.array_equal(points(window)[OTHERS], column()[OTHERS]))
    kill_engine(qtbot)
    QTest.mouseMove(target, start + QPoint(0, 60))
    hand = points(window)[20]
    QTest.mouseRelease(target, LEFT, pos=start + QPoint(0, 60))
    assert np.array_equal(points(window)[20], hand)
    settle(window, qtbot)
    followed = (hand - column()[20]) / 10
    assert np.array_equal(points(window)[20], hand)
    assert np.allclose((points(window) - column())[OTHERS], followed, atol=1e-9)
    window.editing.undo()
    assert np.array_equal(points(window), column())


def test_a_revision_has_the_same_coordinates_however_one_comes_to_it(
    open_window: Windows, film: Films, qtbot: QtBot
) -> None:
    window = open_window()
    show_film(window, film("one"), qtbot)
    drag(window, 20, by=(7, 60))
    settle(window, qtbot)
    first = points(window)
    drag(window, 41, by=(30, -11))
    settle(window, qtbot)
    second = points(window)
    assert not np.array_equal(first, second)
    window.editing.undo()
    assert np.array_equal(points(window), first)
    window.editing.redo()
    assert np.array_equal(points(window), second)
    kill_engine(qtbot)
    window.editing.undo()
    assert np.array_equal(points(window), first)
    window.editing.redo()
    assert np.array_equal(points(window), second)
    # Computed again by the next engine: what it would have said without the second hint.
    window.editing.select(41)
    window.editing.give_back()
    settle(window, qtbot)
    assert np.array_equal(points(window), first)
    window = open_window()
    window.session.show(window.session.cases[0].id)
    qtbot.waitUntil(lambda: has_points(window, "one"), timeout=PATIENCE_MS)
    assert np.array_equal(points(window), first)
    window.editing.undo()
    assert np.array_equal(points(window), second)
