"""Results out and corners in, through the window."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from jsonschema import Draft202012Validator
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QListWidget, QPushButton
from pytestqt.qtbot import QtBot

from app.io.exporters.table import EXPORTERS, exporter
from app.widgets.export_dialog import ExportDialog
from app.widgets.toast import Toast
from app.window.look import look_of
from app.window.main_window import MainWindow
from domain.annotation import Annotations
from domain.measures import Measure, MeasureKind
from tests.app.session.sitting import column
from tests.e2e.hands import PATIENCE_MS, drag, focus_canvas, has_points, points, show_film

Windows = Callable[..., MainWindow]
Films = Callable[[str], Path]


def told(window: MainWindow) -> str:
    """The message over the canvas, empty where there is none."""
    toast = window.findChild(Toast)
    return toast.text if toast.isVisibleTo(window) else ""


@pytest.fixture
def window(open_window: Windows, film: Films, qtbot: QtBot) -> MainWindow:
    """The window with the film "one" and its corners."""
    opened = open_window()
    show_film(opened, film("one"), qtbot)
    return opened


def in_dialog(act: Callable[[ExportDialog], None]) -> None:
    """Do something in the dialog that opens next."""

    def when_open() -> None:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, ExportDialog) or not dialog.isActiveWindow():
            QTimer.singleShot(20, when_open)
            return
        try:
            act(dialog)
        finally:
            if dialog.isVisible():  # a test that fails must not wait for ever
                dialog.reject()

    QTimer.singleShot(20, when_open)


def test_every_format_leaves(window: MainWindow, tmp_path: Path, project_root: Path) -> None:
    for spec in EXPORTERS:
        path = tmp_path / f"result v1.2{spec.ending}"
        window.commands.exporting.export_to(path, spec=spec)
        assert path.name in told(window)
        assert path.exists()
    document = json.loads((tmp_path / "result v1.2.json").read_text(encoding="utf-8"))
    schema = project_root / "docs" / "schema" / "vertebrae-1.json"
    Draft202012Validator(json.loads(schema.read_text(encoding="utf-8"))).validate(document)
    assert document["image"]["sha256"] == window.session.image.sha256
    picture = cv2.imread(str(tmp_path / "result v1.2.png"))
    assert (picture.max(axis=2) > picture.min(axis=2) + 60).any()  # colours on a grey film


def test_exports_that_cannot_be_written_end_in_words(window: MainWindow, tmp_path: Path) -> None:
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "file").write_text("")
    for path in ("missing/a.json", "folder.json", "file/a.json"):
        window.dismiss_message()
        window.commands.exporting.export_to(tmp_path / path, spec=EXPORTERS[0])
        assert "could not be written" in told(window)
    assert has_points(window, "one")
    assert list((tmp_path / "folder.json").iterdir()) == []


def test_keys_alone_export_and_the_choice_is_remembered(window: MainWindow, tmp_path: Path) -> None:
    def choose_labelme(dialog: ExportDialog) -> None:
        formats = dialog.findChild(QListWidget)
        for _ in range([spec.name for spec in EXPORTERS].index("labelme")):
            QTest.keyClick(formats, Qt.Key.Key_Down)
        QTest.keyClick(formats, Qt.Key.Key_Return)

    in_dialog(choose_labelme)
    QTest.keySequence(window, "Ctrl+E")
    document = json.loads((tmp_path / "one.labelme.json").read_text(encoding="utf-8"))
    assert document["imagePath"] == "one.png"
    seen: list[tuple[str, Path]] = []

    def look(dialog: ExportDialog) -> None:
        seen.append((dialog.spec.name, dialog.path))
        dialog.reject()

    window.session.settings.export_folder = str(tmp_path / "library")
    in_dialog(look)
    window.commands.exporting.export()
    window.session.settings.export_folder = str(tmp_path / "gone")
    in_dialog(look)
    window.commands.exporting.export()
    assert seen == [
        ("labelme", tmp_path / "library" / "one.labelme.json"),
        ("labelme", tmp_path / "one.labelme.json"),
    ]


def test_a_format_that_cannot_hold_the_case_says_so_before(window: MainWindow) -> None:
    line = Measure("m", MeasureKind.LINE, ((20.0, 10.0), (60.0, 40.0)))
    image = window.session.image
    assert window.editing.replace_with(Annotations(image.sha256, measures=(line,)), "Measured")
    seen: dict[str, int] = {}

    def look(dialog: ExportDialog) -> None:
        formats = dialog.findChild(QListWidget)
        for row, spec in enumerate(EXPORTERS):
            formats.setCurrentRow(row)
            seen[spec.name] = dialog.choice.count
            assert ("Nothing was found on this film" in dialog.dropped) == (not dialog.choice.count)
        dialog.reject()

    in_dialog(look)
    window.commands.exporting.export()
    assert {name for name, count in seen.items() if count} == {"picture", "svg"}


def test_nothing_to_export_is_said(open_window: Windows, film: Films, qtbot: QtBot) -> None:
    window = open_window()
    window.commands.exporting.export()
    assert "Nothing to export yet" in told(window)
    window.commands.exporting.choose_corners()
    assert "No film is open" in told(window)


def test_pictures_leave_as_seen(window: MainWindow) -> None:
    window.view.set_window_level(90, 120)
    window.view.invert()
    window.view.rotate(1)
    window.view.flip_horizontal()
    export = window.commands.exporting.of_screen()
    assert export is not None
    pixels = export.image.pixels.astype(float)
    seen = 255 - np.clip((pixels - (120 - 45)) / 90, 0, 1) * 255
    assert np.abs(export.look.brightness(export.image) - seen).max() <= 1
    state = window.view.view_state()
    assert (export.look.flipped_h, export.look.flipped_v) == (state.flipped_h, state.flipped_v)
    assert export.look.quarter_turns == state.quarter_turns == 1
    corner = window.editing.shown.points.coordinates[:1]
    placed = export.look.placed(corner, shape=export.image.shape)[0]
    at = window.view.map_from_image(*corner[0])
    origin = window.view.map_from_image(*pixel_at_top_left(window))
    zoom = window.view.placement.zoom
    assert np.allclose([(at.y() - origin.y()) / zoom, (at.x() - origin.x()) / zoom], placed)


def pixel_at_top_left(window: MainWindow) -> tuple[float, float]:
    """The film's pixel that the screen shows in its upper left corner."""
    rows, columns = window.view.image.shape
    ends = [(r, c) for r in (0, rows - 1) for c in (0, columns - 1)]
    return min(ends, key=lambda end: sum(window.view.map_from_image(*end).toTuple()))


def test_a_canvas_without_a_film_has_no_look(open_window: Windows) -> None:
    assert look_of(open_window().view).shown is None


@pytest.mark.parametrize("name", ["labelme", "aasce"])
def test_corners_come_in_as_one_gesture(
    window: MainWindow, tmp_path: Path, qtbot: QtBot, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = exporter(name)
    path = tmp_path / f"result{spec.ending}"
    window.commands.exporting.export_to(path, spec=spec)
    drag(window, 20, by=(0, 40))
    qtbot.waitUntil(lambda: not window.asking.is_busy, timeout=PATIENCE_MS)
    moved = points(window)
    file = path / "landmarks.csv" if spec.is_folder else path
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    QTest.keySequence(window, "Ctrl+Shift+I")
    assert np.abs(points(window) - column()).max() < 1e-6
    decisions = window.session.decisions
    assert (decisions.hints, decisions.pins, decisions.origin) == ({}, frozenset(), None)
    history = window.session.current.history
    assert history.revisions[history.head].action == f"Imported corners from {file.name}"
    assert history.revisions[history.head].author == "person"
    window.editing.undo()
    assert np.array_equal(points(window), moved)
    window.editing.redo()
    assert np.abs(points(window) - column()).max() < 1e-6
    drag(window, 30, by=(0, 40))  # the network takes over from there
    qtbot.waitUntil(lambda: not window.asking.is_busy, timeout=PATIENCE_MS)
    assert window.session.decisions.origin is not None


def offer(window: MainWindow) -> QPushButton:
    """The button in a message."""
    buttons = window.findChild(Toast).findChildren(QPushButton)
    (found,) = [button for button in buttons if button.isVisible()]
    return found


def test_imported_corners_can_be_pinned_in_the_message(
    window: MainWindow, tmp_path: Path, film: Films, qtbot: QtBot
) -> None:
    path = tmp_path / "result.json"
    window.commands.exporting.export_to(path, spec=exporter("json"))
    window.commands.exporting.import_corners(path)
    QTest.mouseClick(offer(window), Qt.MouseButton.LeftButton)
    assert window.session.decisions.pins == frozenset(range(68))
    window.editing.undo()
    assert window.session.decisions.pins == frozenset()
    focus_canvas(window, qtbot)
    QTest.keySequence(window.view, "Shift+P")
    assert len(window.session.decisions.pins) == 68
    QTest.keySequence(window.view, "Shift+P")
    assert window.session.decisions.pins == frozenset()
    window.commands.exporting.import_corners(path)
    first, pin = window.session.current, offer(window)
    show_film(window, film("another"), qtbot)
    pin.click()  # meant the film before
    assert window.session.decisions.pins == first.history.current.pins == frozenset()


def test_corners_that_do_not_fit_are_told_and_change_nothing(
    window: MainWindow, tmp_path: Path
) -> None:
    before = window.session.decisions
    for content in ("", "{}", '{"shapes": [], "imagePath": "two.png"}'):
        (tmp_path / "bad.json").write_text(content)
        window.dismiss_message()
        window.commands.exporting.import_corners(tmp_path / "bad.json")
        assert "bad.json" in told(window)
    assert window.session.decisions is before
