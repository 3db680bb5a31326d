"""Welcome page, job line and the sheet of keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QLineEdit,
    QProgressBar,
    QPushButton,
    QScrollArea,
)

from app.widgets.empty_page import CardButton, SampleCard, WelcomePage
from app.widgets.job_status import JobStatus, in_words, time_left
from app.widgets.shortcut_sheet import ShortcutSheet

LEFT = Qt.MouseButton.LeftButton


def test_the_welcome_page_tells_what_was_pressed(qtbot) -> None:
    cards = [
        SampleCard("real", "A real film", "Real radiograph", QPixmap(20, 40), "CC BY 4.0"),
        SampleCard("drawn", "A drawn film", "Synthetic", "there/is/no/such.png"),
    ]
    page = WelcomePage(cards)
    qtbot.addWidget(page)
    page.resize(900, 700)
    page.show()
    heard: list[str] = []
    page.sample_chosen.connect(heard.append)
    page.open_files.connect(lambda: heard.append("files"))
    page.open_folder.connect(lambda: heard.append("folder"))
    real, drawn = page.findChildren(CardButton)
    QTest.mouseClick(drawn, LEFT)
    real.setFocus()
    QTest.keyClick(real, Qt.Key.Key_Space)
    for button in page.findChildren(QPushButton):
        QTest.mouseClick(button, LEFT)
    assert heard == ["drawn", "real", "files", "folder"]
    assert not page.grab().isNull()


class Clock:
    """A clock that goes when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_job_tells_stage_share_and_time_left(qtbot) -> None:
    clock = Clock()
    status = JobStatus(clock=clock)
    qtbot.addWidget(status)
    bar = status.findChild(QProgressBar)
    status.show_progress(0, 10, "Reading")
    assert status.text == "Reading"
    clock.now += 4
    status.show_progress(2, 10, "Finding corners")
    assert status.text == "Finding corners  16 s left"
    assert (bar.value(), bar.maximum()) == (2, 10)
    status.clear()
    assert status.isHidden()
    clock.now += 1000
    status.show_progress(5, 10, "Another job")
    assert status.text == "Another job", "an old job's time is no guide"


def test_work_of_unknown_length_runs_without_a_promise(qtbot) -> None:
    status = JobStatus()
    qtbot.addWidget(status)
    bar = status.findChild(QProgressBar)
    status.show_busy("Reading files…")
    assert (bar.minimum(), bar.maximum()) == (0, 0)
    assert status.text == "Reading files…"
    status.show_progress(3, 0, "Counting")
    assert (bar.minimum(), bar.maximum()) == (0, 0)


def test_cancel_is_acknowledged_at_once_and_fresh_for_the_next_job(qtbot) -> None:
    status = JobStatus()
    qtbot.addWidget(status)
    status.show_busy("Long")
    heard: list[bool] = []
    status.cancelled.connect(lambda: heard.append(True))
    button = status.findChild(QPushButton)
    QTest.mouseClick(button, LEFT)
    QTest.mouseClick(button, LEFT)
    assert heard == [True]
    assert (button.text(), button.isEnabled()) == ("Cancelling…", False)
    status.show_progress(1, 2, "Long")
    assert not button.isEnabled(), "still the job that was cancelled"
    status.clear()
    status.show_busy("Next")
    assert (button.text(), button.isEnabled()) == ("Cancel", True)


def test_time_left_is_told_only_when_it_can_be_known() -> None:
    assert time_left(10.0, share=0.0) is None
    assert time_left(0.2, share=0.5) is None
    assert time_left(10.0, share=0.25) == pytest.approx(30.0)
    words = [in_words(seconds) for seconds in (0.4, 30, 600, 7200)]
    assert words == ["a moment left", "30 s left", "10 min left", "2.0 h left"]


ROWS = (
    ("File", "Open files…", "Ctrl+O"),
    ("Edit", "Redo", "Ctrl+Y  Ctrl+Shift+Z"),
    ("Edit", "Pin corner", "P"),
    ("View/Presets", "Bone", "3"),
)


def test_the_sheet_shows_every_row_and_narrows_down(qtbot) -> None:
    sheet = ShortcutSheet(ROWS)
    qtbot.addWidget(sheet)
    assert sheet.shown == ROWS
    box = sheet.findChild(QLineEdit)
    for words, left in (("pin", (ROWS[2],)), ("ctrl+", ROWS[:2]), ("nothing here", ()), ("", ROWS)):
        box.setText(words)
        assert sheet.shown == left
    assert not sheet.grab().isNull()


def test_the_sheet_of_keys_cuts_no_key(qtbot) -> None:
    rows = [("File", "Open", "Ctrl+O"), ("Edit", "A rather long action", "Ctrl+Shift+Backspace")]
    rows += [(f"Group {n}", "Something else that is long", "Ctrl+Y  Ctrl+Z") for n in range(6)]
    sheet = ShortcutSheet(rows)
    qtbot.addWidget(sheet)
    sheet.show()
    qtbot.waitExposed(sheet)
    area = sheet.findChild(QScrollArea)
    assert not area.horizontalScrollBar().isVisible()
    assert sheet.screen().availableGeometry().width() >= sheet.width()


def test_how_a_job_ended_stays_without_a_bar_or_cancel_until_the_next(qtbot) -> None:
    status = JobStatus()
    qtbot.addWidget(status)
    status.show_progress(1, 2, "Long")
    status.show_end("Cancelled.")
    parts = status.findChild(QProgressBar), status.findChild(QPushButton)
    assert (status.text, status.isHidden()) == ("Cancelled.", False)
    assert all(part.isHidden() for part in parts)
    status.show_busy("Next")
    assert status.text == "Next"
    assert not any(part.isHidden() for part in parts)
