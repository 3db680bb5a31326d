"""A disk that fills while a hand works: nothing is called saved, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from app.library import schema
from app.library.library import Library
from app.window import saving
from app.window.main_window import MainWindow
from tests.e2e.hands import PATIENCE_MS, drag, points, settle, show_film

Windows = Callable[..., MainWindow]
Films = Callable[[str], Path]
Button = QMessageBox.StandardButton


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Call it with True, and libraries find no room from now on."""
    is_full = [False]
    connect = schema.connect

    class Limited:
        """A connection that asks for room at every change."""

        def __init__(self, connection) -> None:
            self._connection = connection

        def execute(self, statement: str, *values):
            if statement.startswith("BEGIN"):
                pages = 1 if is_full[0] else 1_000_000
                self._connection.execute(f"PRAGMA max_page_count = {pages}")
                if is_full[0]:  # a small change may need no new page
                    self._connection.execute("CREATE TABLE filler (a)")
            return self._connection.execute(statement, *values)

        def close(self) -> None:
            self._connection.close()

    monkeypatch.setattr(
        schema,
        "connect",
        lambda file, *, mode: (
            Limited(connect(file, mode=mode)) if mode == "rw" else connect(file, mode=mode)
        ),
    )

    def fill(full: bool) -> None:
        is_full[0] = full

    return fill


@pytest.fixture
def window(
    disk: Callable[[bool], None], open_window: Windows, film: Films, qtbot: QtBot
) -> MainWindow:
    """A film with its corners, all of it saved, on a disk that can fill."""
    made = open_window()
    show_film(made, film("one"), qtbot)
    settle(made, qtbot)
    qtbot.waitUntil(lambda: label(made).startswith("saved "), timeout=PATIENCE_MS)
    return made


def label(window: MainWindow) -> str:
    return window.status._saved.text()


def test_nothing_is_called_saved_until_there_is_room_again(
    window: MainWindow, open_window: Windows, qtbot: QtBot, disk: Callable[[bool], None]
) -> None:
    disk(True)
    drag(window, 20, by=(0, 60))
    assert not label(window).startswith("saved ")
    qtbot.waitUntil(lambda: "The disk is full" in label(window), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: not window.asking.is_busy, timeout=PATIENCE_MS)
    drag(window, 40, by=(0, 20))
    qtbot.waitUntil(lambda: not window.asking.is_busy, timeout=PATIENCE_MS)
    assert label(window).startswith("NOT SAVED")
    shown = points(window)
    disk(False)
    window.session.library.try_now()
    qtbot.waitUntil(lambda: label(window).startswith("saved "), timeout=PATIENCE_MS)
    assert np.array_equal(points(window), shown)
    head, case_id = window.session.current.history.head, window.session.current.case.id
    window = open_window()
    assert window.session.library.case(case_id).head == head


def test_the_line_says_saving_from_the_gesture_to_the_commit(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.editing.select(20)
    window.editing.pin()
    assert label(window) == "saving…"
    window.saved.emit(0.0)  # an older commit is told late
    qtbot.waitUntil(lambda: label(window).startswith("saved "), timeout=PATIENCE_MS)
    assert window.session.library.pending == 0


@pytest.mark.parametrize(
    ("answers", "closes", "kept"),
    [
        ((Button.Cancel,), False, True),
        ((Button.Retry, Button.Cancel), False, True),
        ((Button.Discard,), True, False),
        ((Button.Retry, "room", Button.Retry), True, True),
    ],
)
def test_closing_on_what_is_not_saved_asks(
    answers, closes, kept, window, qtbot, disk, monkeypatch
) -> None:
    monkeypatch.setattr(saving, "PATIENCE_S", 0.3)
    case_id, waiting, asked = window.session.current.case.id, list(answers), []

    def answer(box: QMessageBox) -> Button:
        asked.append(box.text())
        if waiting[0] == "room":
            waiting.pop(0)
            disk(False)
            monkeypatch.setattr(saving, "PATIENCE_S", PATIENCE_MS / 1000)
        return waiting.pop(0)

    monkeypatch.setattr(QMessageBox, "exec", answer)
    disk(True)
    drag(window, 20, by=(0, 60))
    qtbot.waitUntil(lambda: "The disk is full" in label(window), timeout=PATIENCE_MS)
    head = window.session.current.history.head
    folder = Path(window.session.current.case.path).parent / "library"
    assert window.close() is closes
    assert "not saved yet" in asked[0]
    assert "The disk is full" in asked[0]
    assert waiting == []
    if not closes:
        assert window.isVisible()
        disk(False)
        window.session.library.try_now()
        settle(window, qtbot)
    window.shut_down()
    with closing(Library.open(folder)) as library:
        assert (head in library.revisions(case_id)) is kept
