"""The strip goes where it is pressed and says what stands below each frame."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QPalette
from PySide6.QtTest import QTest

from app.canvas.colour_maps import grey_image
from app.widgets.dot_plot import DotPlot
from app.widgets.film_strip import FilmStrip, StripData


def picture(frame: int) -> QImage:
    return grey_image(np.full((20, 30), frame % 256, np.uint8))


@pytest.fixture
def strip(qtbot) -> FilmStrip:
    made = FilmStrip()
    qtbot.addWidget(made)
    made.resize(900, 90)
    made.show()
    qtbot.waitExposed(made)
    return made


def x_of(strip: FilmStrip, frame: int) -> QPoint:
    return QPoint(round(strip.row.middle_of(frame)), 30)


@pytest.mark.parametrize("count", [2, 16, 96, 2000])
def test_a_press_goes_to_the_frame_under_it(strip, count):
    strip.row.show_frames(StripData(count, 1.5), picture)
    sought: list[int] = []
    strip.sought.connect(sought.append)
    QTest.mouseClick(strip.row, Qt.MouseButton.LeftButton, pos=x_of(strip, 0))
    QTest.mouseClick(strip.row, Qt.MouseButton.LeftButton, pos=x_of(strip, count - 1))
    per_pixel = count / strip.row.width() + 1
    assert sought[0] <= per_pixel
    assert sought[1] >= count - 1 - per_pixel


def test_a_drag_scrubs_and_stays_within_the_film(strip):
    strip.row.show_frames(StripData(40, 1.5), picture)
    sought: list[int] = []
    strip.sought.connect(sought.append)
    QTest.mousePress(strip.row, Qt.MouseButton.LeftButton, pos=x_of(strip, 5))
    for frame in (6, 9, 39):
        QTest.mouseMove(strip.row, x_of(strip, frame))
    QTest.mouseMove(strip.row, QPoint(strip.row.width() + 400, 30))
    QTest.mouseRelease(strip.row, Qt.MouseButton.LeftButton, pos=x_of(strip, 39))
    assert sought[0] == 5
    assert set(sought) <= set(range(40))
    QTest.mouseMove(strip.row, x_of(strip, 3))
    assert 3 not in sought  # no button is down


def test_keys_step_and_go_to_the_ends(strip):
    strip.row.show_frames(StripData(10), picture)
    strip.row.set_frame(4)
    sought: list[int] = []
    strip.sought.connect(sought.append)
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End):
        QTest.keyClick(strip.row, key)
    assert sought == [3, 5, 0, 9]


def test_an_empty_strip_goes_nowhere(strip):
    strip.row.show_frames(StripData(), picture)
    sought: list[int] = []
    strip.sought.connect(sought.append)
    QTest.mouseClick(strip.row, Qt.MouseButton.LeftButton, pos=QPoint(100, 30))
    QTest.keyClick(strip.row, Qt.Key.Key_End)
    assert sought == []
    strip.grab()


def test_bars_stand_below_the_frames_that_were_looked_at(strip):
    strip.row.show_frames(StripData(16, 1.0, bars={3: 1.0, 9: 0.1}), picture)
    seen = strip.row.grab().toImage()
    full = strip.row.palette().color(QPalette.ColorRole.Highlight)

    def height(frame: int) -> int:
        x = round(strip.row.middle_of(frame))
        return sum(seen.pixelColor(x, y) == full for y in range(65, seen.height()))

    assert height(3) > 4 * height(9) > 0
    assert height(5) == 0


def test_what_plays_says_so(strip):
    strip.tell_rate("15 a second", plays=True, moves=True)
    strip.tell_place("frame 3 / 96")
    assert strip.play.text() == "Stop"
    assert strip.words == ("frame 3 / 96", "15 a second")
    strip.tell_rate("along the arch", plays=False, moves=False)
    assert not strip.play.isVisible()


def test_small_pictures_are_made_a_few_at_a_time(strip, qtbot):
    made: list[int] = []

    def slow(frame: int) -> QImage:
        made.append(frame)
        return picture(frame)

    strip.row.show_frames(StripData(400, 1.0), slow)
    strip.row.grab()
    assert 0 < len(made) <= 8
    qtbot.waitUntil(lambda: len(made) == len(strip.row._cells), timeout=5000)


def test_a_number_stands_among_its_kind(qtbot):
    plot = DotPlot(others="healthy", this="this")
    qtbot.addWidget(plot)
    plot.resize(200, 44)
    plot.show_numbers((1.0, 2.0, 3.0), 5.0)
    assert plot.x_of(1.0) < plot.x_of(3.0) < plot.x_of(5.0) <= 200
    assert "among 3" in plot.accessibleName()
    plot.grab()
    for others, this in (((), 1.0), ((1.0,), float("nan"))):
        plot.show_numbers(others, this)
        assert plot.isHidden()
    plot.show_numbers((2.0, 2.0), 2.0)
    plot.grab()
