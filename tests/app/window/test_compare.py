"""Two films of one patient side by side: what is shown, what moves, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QGraphicsView
from pytestqt.qtbot import QtBot

from app.window.main_window import MainWindow
from tests.app.window.test_worklist import open_all, shown_name, told
from tests.e2e.hands import PATIENCE_MS, drag, focus_canvas, points, settle, show_again

Windows = Callable[..., MainWindow]
Films = Callable[[str], Path]
MIDDLE = Qt.MouseButton.MiddleButton


def date(window: MainWindow, case_id: str, taken: str) -> None:
    """Give a case the date of its picture, as a reader would."""
    opened = window.session.opened(case_id)
    opened.case = replace(opened.case, taken=taken)


@pytest.fixture
def compared(open_window: Windows, film: Films, qtbot: QtBot) -> MainWindow:
    """Films 1 to 3 of one patient and one of another; film 2 beside film 1 on screen."""
    window = open_window()
    ids = open_all(window, film, qtbot, "film 1", "film 2", "film 3", "other")
    window.worklist.group([ids["film 1"], ids["film 2"], ids["film 3"]])
    show_again(window, "film 2", qtbot)
    focus_canvas(window, qtbot)
    QTest.keySequence(window.view, "Ctrl+D")
    qtbot.waitUntil(lambda: window.compare.view.image is not None, timeout=PATIENCE_MS)
    return window


def choices(window: MainWindow) -> list[str]:
    films = window.compare.panel.findChild(QComboBox)
    return [films.itemText(row) for row in range(films.count())]


def test_the_film_before_is_shown_with_its_corners_and_the_same_key_ends(
    compared: MainWindow,
) -> None:
    other = compared.compare.view
    assert other.isVisible()
    assert other.image.sha256 != compared.view.image.sha256
    assert choices(compared) == ["film 1", "film 3"]
    assert compared.compare._layer.shown_data.image_sha256 == other.image.sha256
    assert "earlier" not in " ".join(compared.compare.panel.lines).casefold()
    QTest.keySequence(compared.view, "Ctrl+D")
    assert not other.isVisible()
    assert other.image is None
    assert compared.view.isVisible()


def test_escape_ends_it_and_leaves_the_film_on_screen(compared: MainWindow, qtbot: QtBot) -> None:
    settle(compared, qtbot)
    QTest.keySequence(compared.view, "Esc")
    assert not compared.compare.is_on
    assert shown_name(compared) == "film 2"


def test_earlier_is_said_where_both_dates_are_known_and_dates_go_before_names(
    open_window: Windows, film: Films, qtbot: QtBot
) -> None:
    window = open_window()
    ids = open_all(window, film, qtbot, "a", "b", "c")
    for name, taken in (("a", "2024-05-01"), ("b", "2022-01-31"), ("c", "2023-03-03")):
        date(window, ids[name], taken)
    window.worklist.group(list(ids.values()))
    show_again(window, "a", qtbot)
    window.compare.toggle()
    qtbot.waitUntil(lambda: window.compare.view.image is not None, timeout=PATIENCE_MS)
    assert choices(window) == ["c  (2023-03-03, earlier)", "b  (2022-01-31, earlier)"]
    assert "Earlier film" in window.compare.panel.lines
    show_again(window, "b", qtbot)
    assert choices(window) == ["c  (2023-03-03, later)", "a  (2024-05-01, later)"]
    assert "Later film" in window.compare.panel.lines


def test_the_hand_moves_corners_on_the_left_only_and_the_angles_follow(
    compared: MainWindow, qtbot: QtBot
) -> None:
    before = points(compared)
    still = compared.compare._layer.drawn.copy()
    cells = compared.compare.panel.lines
    drag(compared, 20, by=(0, 60))
    settle(compared, qtbot)
    assert points(compared)[20][0] > before[20][0]
    assert compared.compare.panel.lines != cells
    stage = compared.compare.view.findChild(QGraphicsView)
    at = compared.compare.view.map_from_image(*still[20]).toPoint()
    window_before = compared.compare.view.window_level()
    QTest.mousePress(stage.viewport(), Qt.MouseButton.LeftButton, pos=at)
    for step in range(1, 6):
        QTest.mouseMove(stage.viewport(), at + QPoint(0, 12 * step))
        QTest.qWait(5)
    QTest.mouseRelease(stage.viewport(), Qt.MouseButton.LeftButton, pos=at + QPoint(0, 60))
    assert (compared.compare._layer.drawn == still).all()
    assert compared.compare.view.window_level() != window_before  # it set the window instead
    assert compared.view.window_level() != compared.compare.view.window_level()


def test_zoom_is_linked_until_it_is_parted(compared: MainWindow) -> None:
    other = compared.compare.view
    compared.view.zoom_by(2)
    assert other.placement.zoom == pytest.approx(compared.view.placement.zoom, rel=0.02)
    box = compared.compare.panel.findChild(QCheckBox)
    box.click()
    zoom = other.placement.zoom
    compared.view.zoom_by(2)
    assert other.placement.zoom == zoom
    box.click()
    assert other.placement.zoom == pytest.approx(compared.view.placement.zoom, rel=0.02)


def test_another_film_is_chosen_and_another_case_brings_its_own(
    compared: MainWindow, qtbot: QtBot
) -> None:
    films = compared.compare.panel.findChild(QComboBox)
    first = compared.compare.view.image.sha256
    films.activated.emit(1)
    qtbot.waitUntil(
        lambda: (
            compared.compare.view.image is not None and compared.compare.view.image.sha256 != first
        ),
        timeout=PATIENCE_MS,
    )
    show_again(compared, "film 3", qtbot)
    assert choices(compared) == ["film 2", "film 1"]
    show_again(compared, "other", qtbot)
    assert not compared.compare.is_on


def test_it_ends_when_the_other_film_is_removed_or_no_longer_this_patients(
    compared: MainWindow,
) -> None:
    case_id = compared.compare._other
    compared.session.remove(case_id)
    assert not compared.compare.is_on
    compared.compare.toggle()
    assert compared.compare.is_on
    compared.worklist.ungroup([compared.compare._other])
    assert not compared.compare.is_on


def test_without_another_film_it_says_how_to_make_a_group(
    open_window: Windows, film: Films, qtbot: QtBot
) -> None:
    window = open_window()
    open_all(window, film, qtbot, "a", "b")
    window.compare.toggle()
    assert not window.compare.is_on
    assert "Films of one patient" in told(window)


def test_a_film_without_corners_is_said(open_window: Windows, film: Films, qtbot: QtBot) -> None:
    window = open_window()
    ids = open_all(window, film, qtbot, "a")
    window.session.settings.finds_on_opening = False
    with qtbot.waitSignal(window.session.reading_finished, timeout=PATIENCE_MS):
        window.commands.open_paths([film("b")])
    window.worklist.group([ids["a"]])
    show_again(window, "a", qtbot)
    window.compare.toggle()
    qtbot.waitUntil(lambda: window.compare.view.image is not None, timeout=PATIENCE_MS)
    assert "no corners yet" in window.compare.panel._meaning.text()
    window.worklist.analyse_again([window.compare._other])
    qtbot.waitUntil(
        lambda: "no corners yet" not in window.compare.panel._meaning.text(), timeout=PATIENCE_MS
    )
    assert window.compare._layer.shown_data is not None
