"""The export dialog: by keys alone, what is dropped in words, nothing replaced unasked."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QListWidget, QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.io.exporters.drops import dropping
from app.io.exporters.spec import ExporterSpec
from app.widgets.export_dialog import ExportDialog, FormatChoice, listed


def nothing(*_: object) -> None:
    """Writes nothing."""


def spec(name: str, ending: str, *, many: bool = False) -> ExporterSpec:
    return ExporterSpec(
        name,
        f"Format {name}",
        ending,
        nothing,
        dropping(),
        nothing,
        write_many=nothing if many else None,
    )


CHOICES = (
    FormatChoice(spec("plain", ".json"), ()),
    FormatChoice(spec("other", ".other.json"), ("Which corners are pinned (2).", "The angles.")),
    FormatChoice(spec("folder", "", many=True), ("The hints.",)),
)


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


def opened(parent: QWidget, folder: Path, *, chosen: str = "") -> ExportDialog:
    dialog = ExportDialog(parent, CHOICES, start=folder / "film 1.5", chosen=chosen)
    dialog.show()
    return dialog


def test_keys_choose_a_format_and_say_what_it_drops(parent: QWidget, tmp_path: Path) -> None:
    dialog = opened(parent, tmp_path)
    formats = dialog.findChild(QListWidget)
    assert dialog.dropped == "Holds everything that is decided."
    assert dialog.path == tmp_path / "film 1.5.json"
    QTest.keyClick(formats, Qt.Key.Key_Down)
    assert dialog.spec.name == "other"
    assert "Which corners are pinned (2)." in dialog.dropped
    assert "The angles." in dialog.dropped
    assert dialog.path == tmp_path / "film 1.5.other.json"
    QTest.keyClick(formats, Qt.Key.Key_Down)
    assert dialog.path == tmp_path / "film 1.5"
    QTest.keyClick(formats, Qt.Key.Key_Home)
    assert dialog.path == tmp_path / "film 1.5.json"
    QTest.keyClick(formats, Qt.Key.Key_Return)
    assert dialog.result() == ExportDialog.DialogCode.Accepted


def test_escape_writes_nothing(parent: QWidget, tmp_path: Path) -> None:
    dialog = opened(parent, tmp_path)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.result() == ExportDialog.DialogCode.Rejected
    assert not dialog.isVisible()


def test_the_last_format_is_chosen_again(parent: QWidget, tmp_path: Path) -> None:
    assert opened(parent, tmp_path, chosen="other").spec.name == "other"
    assert opened(parent, tmp_path, chosen="no longer there").spec.name == "plain"


def test_a_typed_place_gets_its_ending(parent: QWidget, tmp_path: Path) -> None:
    dialog = opened(parent, tmp_path, chosen="other")
    place = dialog.findChild(QLineEdit)
    place.selectAll()
    QTest.keyClicks(place, f"{tmp_path}/mine")
    assert dialog.path == tmp_path / "mine.other.json"
    place.clear()
    QTest.keyClick(place, Qt.Key.Key_Return)
    assert dialog.isVisible()  # nowhere is no place


@pytest.mark.parametrize("answer", [QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No])
def test_a_file_that_is_there_is_replaced_only_when_asked(
    parent: QWidget,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: QMessageBox.StandardButton,
) -> None:
    (tmp_path / "film 1.5.json").write_text("older")
    asked: list[str] = []

    def question(_parent: QWidget, _title: str, text: str) -> QMessageBox.StandardButton:
        asked.append(text)
        return answer

    monkeypatch.setattr(QMessageBox, "question", question)
    dialog = opened(parent, tmp_path)
    dialog.accept()
    assert "film 1.5.json" in asked[0]
    assert dialog.isVisible() == (answer is QMessageBox.StandardButton.No)


def test_a_folder_is_added_to_unasked(
    parent: QWidget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def question(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(QMessageBox, "question", question)
    (tmp_path / "film 1.5").mkdir()
    dialog = opened(parent, tmp_path, chosen="folder")
    dialog.accept()
    assert dialog.result() == ExportDialog.DialogCode.Accepted


def test_browsing_takes_over_what_was_chosen(
    parent: QWidget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {"file": str(tmp_path / "b"), "folder": str(tmp_path / "c")}
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (answers["file"], ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: answers["folder"])
    dialog = opened(parent, tmp_path)
    (browse,) = [one for one in dialog.findChildren(QPushButton) if "Browse" in one.text()]
    browse.click()
    assert dialog.path == tmp_path / "b.json"
    dialog.findChild(QListWidget).setCurrentRow(2)
    browse.click()
    assert dialog.path == tmp_path / "c"
    answers["folder"] = ""  # cancelled
    browse.click()
    assert dialog.path == tmp_path / "c"


MANY = (
    FormatChoice(
        spec("plain", ".json"),
        ("Which corners are pinned (2 of 3 cases).",),
        names=("a.json", "b.json", "c.json"),
        count=3,
        left_out=("1 of 4 stays behind: “d”. Nothing was found on this film yet.",),
    ),
    FormatChoice(spec("table", ".csv", many=True), (), count=3),
    FormatChoice(spec("folder", "", many=True), (), count=0, left_out=("3 of 3 stay behind: …",)),
)


@pytest.fixture
def many(parent: QWidget, tmp_path: Path) -> ExportDialog:
    dialog = ExportDialog(parent, MANY, start=tmp_path / "all", title="Export 4 cases")
    dialog.show()
    return dialog


def test_many_cases_go_into_a_folder_or_a_file_and_who_stays_is_named(
    many: ExportDialog, tmp_path: Path
) -> None:
    formats = many.findChild(QListWidget)
    assert many.windowTitle() == "Export 4 cases"
    assert many.path == tmp_path / "all"
    assert "“d”. Nothing was found" in many.dropped
    assert "pinned (2 of 3 cases)" in many.dropped
    QTest.keyClick(formats, Qt.Key.Key_Down)
    assert many.path == tmp_path / "all.csv"
    QTest.keyClick(formats, Qt.Key.Key_Down)
    assert many.path == tmp_path / "all"
    (export,) = [one for one in many.findChildren(QPushButton) if one.text() == "Export"]
    assert not export.isEnabled()  # nobody can go
    many.accept()
    assert many.isVisible()


@pytest.mark.parametrize("agrees", [True, False])
def test_files_in_the_folder_are_replaced_only_when_asked(
    many: ExportDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, agrees: bool
) -> None:
    (tmp_path / "all").mkdir()
    for name in ("a.json", "c.json", "other.json"):
        (tmp_path / "all" / name).write_text("older")
    asked: list[str] = []
    buttons = QMessageBox.StandardButton

    def question(_parent: QWidget, _title: str, text: str) -> QMessageBox.StandardButton:
        asked.append(text)
        return buttons.Yes if agrees else buttons.No

    monkeypatch.setattr(QMessageBox, "question", question)
    many.accept()
    assert asked == ["2 files are there already: “a.json”, “c.json”. Replace them?"]
    assert many.isVisible() is not agrees
    older = {tmp_path / "all" / name for name in ("a.json", "c.json")}
    assert many.replaced == (older if agrees else set())


def test_many_names_are_cut_short() -> None:
    assert listed(["a", "b"]) == "“a”, “b”"
    assert listed(["a", "b", "c", "d"], most=2) == "“a”, “b” and 2 more"
