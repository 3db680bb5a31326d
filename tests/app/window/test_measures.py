"""Measuring in the real window: keys, dialogs, list, clipboard, export; without weights too."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from jsonschema import Draft202012Validator
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QInputDialog
from pytestqt.qtbot import QtBot

from app.io.exporters.table import DEFAULT_FORMATS, exporter
from app.window.main_window import MainWindow
from inference.manifest import Manifest
from tests.e2e.hands import (
    LEFT,
    PATIENCE_MS,
    focus_canvas,
    mouse_target,
    settle,
    show_again,
    show_film,
)

Windows = Callable[..., MainWindow]
Films = Callable[[str], Path]


@pytest.fixture
def window(open_window: Windows, film: Films, qtbot: QtBot) -> MainWindow:
    """A film with its corners, and the canvas has the keys."""
    made = open_window()
    show_film(made, film("one"), qtbot)
    settle(made, qtbot)
    focus_canvas(made, qtbot)
    return made


def press(window: MainWindow, *keys: str) -> None:
    for key in keys:
        QTest.keySequence(window.view, key)


def click(window: MainWindow, *places: tuple[float, float]) -> None:
    target = mouse_target(window)
    for row, column in places:
        at = target.mapFrom(window.view, window.view.map_from_image(row, column).toPoint())
        QTest.mouseClick(target, LEFT, pos=at)


def answer(change: Callable[[QInputDialog], object]) -> None:
    """Fill in and accept the dialog that comes next."""

    def fill() -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, QInputDialog):
            change(dialog)
            dialog.accept()
        else:
            QTimer.singleShot(10, fill)

    QTimer.singleShot(0, fill)


def kinds(window: MainWindow) -> list[str]:
    return [measure.kind.value for measure in window.session.decisions.measures]


KEYS = (
    ("L", "line", 2),
    ("A", "angle", 3),
    ("K", "cobb", 4),
    ("T", "ratio", 4),
    ("D", "rectangle", 2),
    ("E", "ellipse", 2),
    ("G", "plumb", 1),
    ("W", "balance", 2),
)


def test_a_key_and_its_clicks(window: MainWindow) -> None:
    for key, kind, clicks in KEYS:
        press(window, key)
        click(window, *[(50 + 90 * n, 20 + 15 * (n % 2)) for n in range(clicks)])
        assert kinds(window) == [kind]
        assert len(window.commands.measures.list.texts) == 1
        press(window, "Ctrl+Z")
        assert kinds(window) == []


def test_keys_go_to_the_selected_measure_and_else_to_corners(window: MainWindow) -> None:
    for row in (50, 90):
        press(window, "L")
        click(window, (row, 20), (row, 60))
    first, second = (measure.id for measure in window.session.decisions.measures)
    measuring = window.commands.measures.measuring
    assert (measuring.selected, measuring.point) == (second, 1)
    press(window, "Tab")
    assert (measuring.selected, measuring.point) == (first, 0)
    press(window, "Tab", "Tab", "Shift+Tab")
    assert (measuring.selected, measuring.point) == (first, 1)
    press(window, "Ctrl+Tab", "Ctrl+Tab")
    assert (measuring.selected, measuring.point) == (first, None)
    press(window, "Del")
    assert [measure.id for measure in window.session.decisions.measures] == [second]
    press(window, "Tab")
    assert window.editing.selected == 0
    press(window, "L")
    click(window, (200, 20))
    press(window, "Backspace")
    assert window.commands.measures.tool.armed
    press(window, "Esc")
    assert not window.commands.measures.tool.armed
    assert len(window.session.decisions.measures) == 1


def test_arrow_keys_move_the_chosen_point_and_undo_takes_back_the_run(window: MainWindow) -> None:
    press(window, "L")
    click(window, (50, 20), (50, 60))
    (drawn,) = window.session.decisions.measures
    press(window, "Right", "Shift+Down", "Alt+Left")
    window.editing.finish()
    (moved,) = window.session.decisions.measures
    assert moved.points[0] == drawn.points[0]
    row, column = drawn.points[1]
    assert moved.points[1] == pytest.approx((row + 10, column + 0.9))
    window.view.flip_horizontal()
    press(window, "Shift+Tab", "Right", "Right")
    press(window, "Ctrl+Z")
    assert window.session.decisions.measures == (moved,), "the run came first, then its undo"
    press(window, "Ctrl+Z")
    assert window.session.decisions.measures == (drawn,)
    press(window, "Ctrl+Y", "Ctrl+Y")
    first = window.session.decisions.measures[0].points[0]
    assert first == pytest.approx((drawn.points[0][0], drawn.points[0][1] - 2))
    press(window, "Up", "Esc")
    assert window.session.decisions.measures[0].points[0] == first
    assert not window.commands.measures.measuring.is_holding


def test_a_known_length_calibrates_and_f2_names(window: MainWindow, qtbot: QtBot) -> None:
    press(window, "L")
    click(window, (50, 20), (150, 20))
    answer(lambda dialog: dialog.setTextValue("rod"))
    press(window, "F2")
    assert window.session.decisions.measures[0].label == "rod"
    focus_canvas(window, qtbot)
    press(window, "M")
    click(window, (50, 30))
    answer(lambda dialog: dialog.setDoubleValue(25.0))
    click(window, (150, 30))
    assert window.session.decisions.calibration.source == "user: 25 mm drawn"
    texts = window.commands.measures.list.texts
    assert texts[0].startswith("rod   2")
    assert texts[0].endswith(" mm")
    focus_canvas(window, qtbot)
    press(window, "Ctrl+Alt+C")
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("rod\tlength 2")
    assert "user: 25 mm drawn" in copied


def test_everything_leaves_and_is_there_again(
    window: MainWindow, open_window: Windows, qtbot: QtBot, tmp_path: Path, project_root: Path
) -> None:
    press(window, "K")
    click(window, (100, 20), (110, 60), (300, 20), (280, 60))
    press(window, "D")
    click(window, (400, 20), (450, 60))
    measures = window.session.decisions.measures
    for spec in map(exporter, DEFAULT_FORMATS):
        window.commands.exporting.export_to(tmp_path / f"out{spec.ending}", spec=spec)
    document = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    schema = project_root / "docs" / "schema" / "vertebrae-1.json"
    Draft202012Validator(json.loads(schema.read_text(encoding="utf-8"))).validate(document)
    assert [measure["kind"] for measure in document["measures"]] == ["cobb", "rectangle"]
    picture = cv2.imread(str(tmp_path / "out.png")).astype(int)
    yellow = (np.abs(picture - np.array([107, 233, 243])).max(axis=2) < 30).sum()
    assert yellow > 500
    settle(window, qtbot)
    again = open_window()
    show_again(again, "one", qtbot)
    assert again.session.decisions.measures == measures
    assert len(again.commands.measures.tool.layer.shown_data.items) == 2


def test_without_weights_a_film_is_measured_and_its_corners_are_placed(
    tmp_path: Path, film: Films, qtbot: QtBot
) -> None:
    from app.library.library import Library
    from app.window.main import compose
    from tests.e2e.rule_engine import rule_engine_command

    window = compose(
        Library.open(tmp_path / "bare"),
        weights=Manifest(()),
        command=rule_engine_command(seconds=0.0),
    )
    qtbot.addWidget(window)
    window.resize(1200, 800)
    window.show()
    qtbot.waitExposed(window)
    troubles: list[object] = []
    with qtbot.waitSignal(window.session.case_shown, timeout=PATIENCE_MS):
        window.commands.open_paths([film("one")])
    window.asking.trouble.connect(troubles.append)
    window.session.trouble.connect(troubles.append)
    focus_canvas(window, qtbot)
    press(window, "L")
    click(window, (50, 20), (150, 20))
    press(window, "U")
    click(window, (60, 120), (640, 120))
    press(window, "Tab", "Right", "Right")
    window.editing.finish()
    assert set(window.session.decisions.hints) == {0}
    assert kinds(window) == ["line"]
    assert troubles == []
    for spec in map(exporter, DEFAULT_FORMATS):
        window.commands.exporting.export_to(tmp_path / f"out{spec.ending}", spec=spec)
        assert (tmp_path / f"out{spec.ending}").exists()
    window.close()
    window.shut_down()


def test_the_network_is_turned_off_and_the_menu_says_so(
    window: MainWindow, open_window: Windows
) -> None:
    action = window.actions_by_name["Model/Network follows"]
    assert action.isChecked()
    press(window, "F")
    assert not action.isChecked()
    window.editing.select(20)
    window.editing.nudge(0, 5)
    window.editing.finish()
    assert not window.asking.is_busy
    again = open_window()
    assert not again.actions_by_name["Model/Network follows"].isChecked()
