"""The window at 200 % on a screen of 1600 by 1000: half as many pixels to lay things out on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.window.main_window import MainWindow
from app.window.status import RESEARCH_USE
from inference.contracts import Progress
from tests.e2e.hands import focus_canvas, show_film

Windows = Callable[..., MainWindow]
SMALL = QSize(800, 470)


def test_everything_open_at_once_still_fits(
    open_window: Windows, film: Callable[[str], Path], qtbot: QtBot
) -> None:
    window = open_window()
    assert window.minimumSizeHint().boundedTo(SMALL) == window.minimumSizeHint()
    show_film(window, film("one"), qtbot)
    focus_canvas(window, qtbot)
    for keys in ("Ctrl+M", "F8"):
        QTest.keySequence(window, keys)
    window.status.tell_saved(0.0)
    window.status.tell_progress(Progress(1, 1, 3, "following the correction, in many words"))
    window.resize(SMALL)
    qtbot.waitUntil(lambda: window.size() == SMALL)
    for widget in (window.view, window.status, window.worklist.note, window.worklist.list):
        assert widget.isVisible()
        corner = widget.mapTo(window, widget.rect().bottomRight())
        assert window.rect().contains(corner), widget
    (research,) = (label for label in window.findChildren(QLabel) if label.text() == RESEARCH_USE)
    assert research.width() >= research.sizeHint().width()


def test_the_welcome_page_scrolls_to_its_buttons(open_window: Windows, qtbot: QtBot) -> None:
    window = open_window()
    window.resize(SMALL)
    heard: list[bool] = []
    window._welcome.open_files.disconnect()
    window._welcome.open_files.connect(lambda: heard.append(True))
    window._welcome.focusNextChild()
    for _ in range(10):  # Tab reaches everything, and brings it into view
        focused = window.focusWidget()
        if focused is not None and getattr(focused, "text", str)() == "Open films…":
            break
        QTest.keyClick(focused or window, Qt.Key.Key_Tab)
    spot = focused.mapTo(window._welcome.viewport(), focused.rect().center())
    assert window._welcome.viewport().rect().contains(spot)
    QTest.keyClick(focused, Qt.Key.Key_Space)
    assert heard == [True]
