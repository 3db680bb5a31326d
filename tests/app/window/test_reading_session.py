"""A reading session in a hurry: what one does film after film must need few keys and no care."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from app.io.exporters.table import exporter
from app.widgets.export_dialog import ExportDialog
from app.widgets.toast import Toast
from app.window.main_window import MainWindow
from tests.e2e.hands import focus_canvas, mouse_target, place, points, show_film

Windows = Callable[..., MainWindow]
Films = Callable[[str], Path]


@pytest.fixture
def window(open_window: Windows, film: Films, qtbot: QtBot) -> MainWindow:
    """The window with the film "one", its corners, and the focus on the canvas."""
    opened = open_window()
    show_film(opened, film("one"), qtbot)
    focus_canvas(opened, qtbot)
    return opened


def said(window: MainWindow) -> str:
    toast = window.findChild(Toast)
    return toast.text if toast.isVisibleTo(window) else ""


@pytest.mark.parametrize("size", [QSize(1366, 640), QSize(1100, 600)])
def test_a_message_lies_beside_the_column_and_takes_no_corner_from_the_hand(
    window: MainWindow, size: QSize, qtbot: QtBot
) -> None:
    window.resize(size)
    window.say("Exported one.pdf.", "Report on one page, PDF, in /a/folder/with/a/long/name.")
    qtbot.waitUntil(lambda: window.size() == size)
    canvas = mouse_target(window)
    for index in range(len(points(window))):
        spot = window.view.mapTo(window, place(window, index))
        assert window.childAt(spot) is canvas  # events sent to a widget would not ask who is above
    assert "one.pdf" in said(window)


def test_a_film_leaves_as_the_film_before_it_by_one_key(
    window: MainWindow, film: Films, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for name in ("report", "csv", "aasce"):
        spec = exporter(name)
        path = out / f"my own name{spec.ending}" if spec.ending else out / "training"
        window.commands.exporting.export_to(path, spec=spec)
    show_film(window, film("two"), qtbot)
    QTest.keySequence(window, "Ctrl+Shift+E")
    assert {"two.pdf", "two.csv"} <= {path.name for path in out.iterdir()}
    assert "two.png" in (out / "training" / "filenames.csv").read_text(encoding="utf-8")
    assert "Exported two." in said(window)
    asked: list[str] = []

    def no(_parent: object, _title: str, text: str) -> QMessageBox.StandardButton:
        asked.append(text)
        return QMessageBox.StandardButton.No

    monkeypatch.setattr(QMessageBox, "question", no)
    before = (out / "two.csv").stat().st_mtime_ns
    QTest.keySequence(window, "Ctrl+Shift+E")
    assert "two.pdf, two.csv are there already" in asked[0]
    assert (out / "two.csv").stat().st_mtime_ns == before


def test_without_a_film_before_the_dialog_asks(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[ExportDialog] = []
    monkeypatch.setattr(ExportDialog, "exec", lambda dialog: asked.append(dialog) or 0)
    QTest.keySequence(window, "Ctrl+Shift+E")
    assert len(asked) == 1


def test_the_formats_are_those_of_the_last_film_that_left_by_the_dialog(
    window: MainWindow, film: Films, qtbot: QtBot, tmp_path: Path
) -> None:
    window.commands.exporting.export_to(tmp_path / "one.json", spec=exporter("json"))
    show_film(window, film("two"), qtbot)
    window.commands.exporting.export_to(tmp_path / "two.csv", spec=exporter("csv"))
    show_film(window, film("three"), qtbot)
    QTest.keySequence(window, "Ctrl+Shift+E")
    assert [path.name for path in tmp_path.glob("three.*") if path.suffix != ".png"] == [
        "three.csv"
    ]


def test_a_folder_that_is_gone_is_told(window: MainWindow, tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    window.commands.exporting.export_to(folder / "one.json", spec=exporter("json"))
    (folder / "one.json").unlink()
    folder.rmdir()
    QTest.keySequence(window, "Ctrl+Shift+E")
    assert "could not be written" in said(window)


def test_enter_accepts_and_enter_again_goes_on_to_the_next_case(
    window: MainWindow, film: Films, qtbot: QtBot
) -> None:
    show_film(window, film("two"), qtbot)
    focus_canvas(window, qtbot)
    primary = window.panel_dock.findChild(QPushButton, "primary")
    QTest.keySequence(window.view, "Return")
    assert window.session.decisions.accepted
    assert primary.text().startswith("Next case")
    QTest.keySequence(window.view, "Return")
    qtbot.waitUntil(lambda: window.session.current.case.name == "one")
    assert primary.text().startswith("Accept all")
    primary.click()
    primary.click()
    assert "Every other case in the list is reviewed." in said(window)
