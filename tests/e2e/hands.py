"""What a hand does to the window, and what an eye sees on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QGraphicsView, QWidget
from pytestqt.qtbot import QtBot

from app.window.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton
PATIENCE_MS = 30000


def show_film(window: MainWindow, path: Path, qtbot: QtBot) -> None:
    """Open a film and wait for its corners."""
    window.commands.open_paths([path])
    qtbot.waitUntil(lambda: has_points(window, path.stem), timeout=PATIENCE_MS)


def has_points(window: MainWindow, name: str) -> bool:
    """Whether this film is on screen with its corners."""
    shown = window.editing.shown
    return is_on_screen(window, name) and shown is not None and shown.points is not None


def is_on_screen(window: MainWindow, name: str) -> bool:
    """Whether this film is on screen."""
    current = window.session.current
    return current is not None and current.case.name == name


def points(window: MainWindow) -> np.ndarray[Any, Any]:
    """(68, 2) the corners as the canvas is told to draw them."""
    shown = window.editing.shown
    assert shown is not None
    assert shown.points is not None
    return shown.points.coordinates.copy()


def place(window: MainWindow, index: int) -> QPoint:
    """Where a corner is on the canvas."""
    row, col = points(window)[index]
    return window.view.map_from_image(row, col).toPoint()


def mouse_target(window: MainWindow) -> QWidget:
    """The widget that the mouse is over on the canvas."""
    stage = window.view.findChild(QGraphicsView)
    assert isinstance(stage, QGraphicsView)
    return stage.viewport()


def press(window: MainWindow, index: int) -> QPoint:
    """Put the left button down on a corner; where that was."""
    target = mouse_target(window)
    start = target.mapFrom(window.view, place(window, index))
    QTest.mousePress(target, LEFT, pos=start)
    return start


def drag(window: MainWindow, index: int, *, by: tuple[int, int], steps: int = 8) -> None:
    """Take a corner with the left button and carry it by (right, down) screen pixels."""
    target = mouse_target(window)
    start = press(window, index)
    for step in range(1, steps + 1):
        at = start + QPoint(round(by[0] * step / steps), round(by[1] * step / steps))
        QTest.mouseMove(target, at)
        QTest.qWait(5)
    QTest.mouseRelease(target, LEFT, pos=start + QPoint(*by))


def settled(window: MainWindow) -> bool:
    """Whether nothing is asked and nothing waits to be saved."""
    return not window.asking.is_busy and window.session.library.pending == 0


def settle(window: MainWindow, qtbot: QtBot) -> None:
    """Wait until then."""
    qtbot.waitUntil(lambda: settled(window), timeout=PATIENCE_MS)


def show_again(window: MainWindow, name: str, qtbot: QtBot) -> None:
    """Choose a case in the list and wait for it."""
    window.session.show(next(case.id for case in window.session.cases if case.name == name))
    qtbot.waitUntil(lambda: is_on_screen(window, name), timeout=PATIENCE_MS)


def focus_canvas(window: MainWindow, qtbot: QtBot) -> None:
    """Keys go to the canvas."""
    window.activateWindow()
    window.view.setFocus()
    qtbot.waitUntil(window.view.hasFocus, timeout=PATIENCE_MS)
