"""A drag that something else ends: what is drawn is what is decided."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.canvas.layers.corners import CornersLayer
from app.window.main_window import MainWindow
from tests.app.session.sitting import column
from tests.e2e.hands import LEFT, focus_canvas, mouse_target, points, press, settle, show_film

Windows = Callable[..., MainWindow]
Films = Callable[[str], Path]


def drawn(window: MainWindow) -> np.ndarray:
    (layer,) = [layer for layer in window.view.layers if isinstance(layer, CornersLayer)]
    return layer.drawn


@pytest.mark.parametrize("moves_on", [True, False])
@pytest.mark.parametrize("key", ["Ctrl+Z", "Esc"])
def test_taken_out_of_the_hand_the_corner_goes_back(
    key: str, moves_on: bool, open_window: Windows, film: Films, qtbot: QtBot
) -> None:
    window = open_window()
    show_film(window, film("one"), qtbot)
    focus_canvas(window, qtbot)
    start, target = press(window, 20), mouse_target(window)
    QTest.mouseMove(target, start + QPoint(0, 30))
    assert window.editing.is_holding
    QTest.keySequence(window.view, key)
    if moves_on:
        QTest.mouseMove(target, start + QPoint(0, 60))
        assert np.array_equal(drawn(window), column())
    QTest.mouseRelease(target, LEFT, pos=start + QPoint(0, 60))
    settle(window, qtbot)
    assert not window.editing.is_holding
    assert np.array_equal(points(window), column())
    assert np.array_equal(drawn(window), column())
    assert len(window.session.current.history.revisions) == 1


def test_arrow_keys_in_a_drag_end_it_where_they_left_it(
    open_window: Windows, film: Films, qtbot: QtBot
) -> None:
    window = open_window()
    show_film(window, film("one"), qtbot)
    focus_canvas(window, qtbot)
    start, target = press(window, 20), mouse_target(window)
    QTest.mouseMove(target, start + QPoint(0, 30))
    QTest.keySequence(window.view, "Right")
    left = points(window)[20]
    qtbot.waitUntil(lambda: not window.editing.is_holding)
    QTest.mouseMove(target, start + QPoint(0, 90))
    QTest.mouseRelease(target, LEFT, pos=start + QPoint(0, 90))
    settle(window, qtbot)
    assert np.array_equal(points(window)[20], left)
    assert np.array_equal(drawn(window), points(window))
