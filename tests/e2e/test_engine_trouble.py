"""Engines that lie or never start, and a Cancel: the window says so; what the hand did stays."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.window.main_window import MainWindow
from tests.e2e.hands import (
    PATIENCE_MS,
    drag,
    has_points,
    is_on_screen,
    points,
    settle,
    show_film,
)
from tests.e2e.liar_engine import liar_command
from tests.e2e.rule_engine import rule_engine_command
from tests.fake_engine import fake_engine_command
from tests.rule import column

Windows = Callable[..., MainWindow]
Films = Callable[[str], Path]
OTHERS = np.arange(68) != 20
GATE = """
import os, sys
if not os.path.exists(sys.argv[1]):
    sys.exit("nothing is installed here")
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""


def said(window: MainWindow) -> str:
    return " ".join(message.text for message in window.messages)


@pytest.mark.parametrize("lie", ["nowhere", "another question", "random bytes in a frame"])
def test_an_engine_that_lies_is_told_replaced_and_the_film_gets_its_corners(
    lie: str, open_window: Windows, film: Films, qtbot: QtBot, tmp_path: Path
) -> None:
    window = open_window(command=liar_command(lie, mark=tmp_path / "mark"))
    show_film(window, film("one"), qtbot)
    assert np.array_equal(points(window), column())
    assert "The engine stopped and is started again" in said(window)
    drag(window, 20, by=(0, 60))
    hand = points(window)[20]
    settle(window, qtbot)
    assert np.array_equal(points(window)[20], hand)
    assert np.allclose((points(window) - column())[OTHERS], (hand - column()[20]) / 10)


def test_an_engine_that_lies_about_each_correction_leaves_the_hand_its_own(
    open_window: Windows, film: Films, qtbot: QtBot
) -> None:
    window = open_window()
    show_film(window, film("one"), qtbot)
    window = open_window(command=liar_command("nowhere"))
    window.session.show(window.session.cases[0].id)
    qtbot.waitUntil(lambda: has_points(window, "one"), timeout=PATIENCE_MS)
    drag(window, 20, by=(0, 60))
    hand = points(window)[20]
    qtbot.waitUntil(lambda: "before it answered" in said(window), timeout=PATIENCE_MS)
    settle(window, qtbot)
    assert np.array_equal(points(window)[20], hand)
    assert np.array_equal(points(window)[OTHERS], column()[OTHERS])


def test_without_torch_the_window_opens_films_and_says_why_there_are_no_corners(
    open_window: Windows, film: Films, qtbot: QtBot
) -> None:
    window = open_window(command=fake_engine_command("--is", "bare"))
    window.commands.open_paths([film("one")])
    qtbot.waitUntil(lambda: "'torch'" in said(window), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: is_on_screen(window, "one"), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: "There is no engine" in said(window), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: not window.asking.is_busy, timeout=PATIENCE_MS)


def test_an_engine_that_is_dead_at_start_is_told_and_started_again_from_the_menu(
    open_window: Windows, film: Films, qtbot: QtBot, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    command = (sys.executable, "-c", GATE, str(gate), *rule_engine_command(seconds=0.0)[1:])
    window = open_window(command=command)
    qtbot.waitUntil(lambda: "nothing is installed here" in said(window), timeout=PATIENCE_MS)
    gate.touch()
    window.actions_by_name["Model/Start the engine again"].trigger()
    show_film(window, film("one"), qtbot)
    assert np.array_equal(points(window), column())


def test_a_cancelled_answer_leaves_what_the_hand_did_and_the_next_counts_it_in(
    open_window: Windows, film: Films, qtbot: QtBot
) -> None:
    window = open_window(seconds=0.4)
    show_film(window, film("one"), qtbot)
    drag(window, 20, by=(0, 60), steps=2)
    hand = points(window)[20]
    window.status.cancelled.emit()
    settle(window, qtbot)
    assert np.array_equal(points(window)[20], hand)
    drag(window, 41, by=(20, 0), steps=2)
    other = points(window)[41]
    settle(window, qtbot)
    follows = (hand - column()[20] + other - column()[41]) / 10
    rest = (np.arange(68) != 20) & (np.arange(68) != 41)
    assert np.allclose((points(window) - column())[rest], follows, atol=1e-9)
    assert np.array_equal(points(window)[[20, 41]], [hand, other])
