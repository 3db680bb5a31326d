"""Figures follow a hand between its frames."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.session.following import FIGURES_MS, Following


@pytest.fixture
def parent(qapp: QApplication) -> QObject:
    return QObject()


@pytest.fixture
def following(parent: QObject) -> Following:
    return Following(parent)


def test_figures_come_however_fast_the_hand_moves(following: Following, qtbot: QtBot) -> None:
    told: list[str] = []
    following.figures_due.connect(lambda: told.append("figures"))
    hand = QTimer(interval=1)
    hand.timeout.connect(following.write_soon)
    hand.start()
    qtbot.waitUntil(lambda: len(told) == 3)


def test_a_preview_alone_is_written_about_once(following: Following, qtbot: QtBot) -> None:
    with qtbot.waitSignals([following.landmarks_due, following.figures_due]):
        following.preview_came()
        following.preview_came()
    with qtbot.assertNotEmitted(following.figures_due, wait=2 * FIGURES_MS):
        pass


def test_nothing_comes_after_the_end(following: Following, qtbot: QtBot) -> None:
    following.write_soon()
    following.stop()
    with qtbot.assertNotEmitted(following.figures_due, wait=2 * FIGURES_MS):
        pass
