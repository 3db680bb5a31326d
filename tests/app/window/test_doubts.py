"""What speaks against the corners stands in the panel, whatever the hand does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.tasks.vertebrae.panel_doubts import DoubtsView
from app.window.main_window import MainWindow
from domain.doubts import Doubt, DoubtKind
from domain.vertebrae import corner_index
from tests.e2e.hands import drag, focus_canvas, place, points, settle, show_again, show_film

Windows = Callable[..., MainWindow]
Films = Callable[[str], Path]
TOP, BOTTOM = corner_index("T1.TL"), corner_index("L5.BL")


@pytest.fixture
def window(open_window: Windows, film: Films, qtbot: QtBot) -> MainWindow:
    window = open_window()
    show_film(window, film("film"), qtbot)
    focus_canvas(window, qtbot)
    return window


def carry(window: MainWindow, index: int, qtbot: QtBot, *, to: QPoint) -> None:
    """Drag a corner to a place on the canvas; the answer is in."""
    way = to - place(window, index)
    drag(window, index, by=(way.x(), way.y()))
    settle(window, qtbot)


def said(window: MainWindow) -> str:
    """What the panel says, nothing where it takes no room."""
    view = window.findChild(DoubtsView)
    return view.text() if view.isVisibleTo(window) else ""


def test_a_column_that_the_hand_turns_upside_down_is_told_until_it_is_undone(
    window: MainWindow, film: Films, qtbot: QtBot
) -> None:
    assert said(window) == ""
    carry(window, BOTTOM, qtbot, to=place(window, BOTTOM) + QPoint(0, 6))
    low = place(window, BOTTOM) + QPoint(0, 20)
    carry(window, TOP, qtbot, to=low)
    assert said(window).startswith("T1.TL was placed below L5.BL")
    show_film(window, film("another"), qtbot)
    assert said(window) == ""
    show_again(window, "film", qtbot)
    assert said(window).startswith("T1.TL was placed below L5.BL")
    QTest.keySequence(window, "Ctrl+Z")
    settle(window, qtbot)
    assert said(window) == ""


def test_two_corners_on_one_spot_are_told(window: MainWindow, qtbot: QtBot) -> None:
    carry(window, 20, qtbot, to=place(window, 20) + QPoint(9, 0))
    spot = points(window)[20]
    assert window.editing.grasp(24)
    window.editing.move(tuple(spot))
    window.editing.release()
    settle(window, qtbot)
    assert "T6.TL and T7.TL were placed on one spot" in said(window)


def test_a_corner_may_be_dragged_beside_the_film(window: MainWindow, qtbot: QtBot) -> None:
    beside = window.view.map_from_image(300.0, -60.0).toPoint()
    carry(window, 20, qtbot, to=beside)
    assert points(window)[20][1] < -50
    assert said(window) == ""


def test_a_picture_that_is_doubted_is_so_after_a_restart_and_in_a_file(
    window: MainWindow, open_window: Windows, qtbot: QtBot, tmp_path: Path
) -> None:
    doubted = replace(window.session.decisions, doubts=(Doubt(DoubtKind.UNLIKE),))
    assert window.editing.replace_with(doubted, "Doubted")
    settle(window, qtbot)
    assert "unlike the films" in said(window)
    again = open_window()
    show_again(again, "film", qtbot)
    assert "unlike the films" in said(again)
