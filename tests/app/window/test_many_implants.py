"""Many implant studies in the real window: chosen in the list, localised, and out at once."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListView, QMessageBox
from pytestqt.qtbot import QtBot

from app.io.exporters.many import Outcome
from app.session.leaving import OTHER_TASK
from app.session.queue import RowState
from app.widgets.export_dialog import ExportDialog
from app.widgets.export_outcome import ExportOutcome
from app.widgets.queue_panel import state_words
from domain.errors import OutOfMemory
from domain.image import Study
from domain.implant import SIDE, ImplantOptions
from inference.contracts import Failure, Progress
from tests.app.session.implant_sitting import a_cine, a_panoramic
from tests.app.window.test_implants import Room, room

__all__ = ["room"]

PATIENCE_MS = 180000


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whatever is asked is agreed to; the questions."""
    questions: list[str] = []

    def agree(_parent: object, _title: str, text: str) -> QMessageBox.StandardButton:
        questions.append(text)
        return QMessageBox.StandardButton.Yes

    monkeypatch.setattr(QMessageBox, "question", agree)
    return questions


def activate(room: Room) -> None:
    room.window.activateWindow()
    room.qtbot.waitUntil(room.window.isActiveWindow, timeout=PATIENCE_MS)


def choose_all(room: Room) -> None:
    """By keys, in the list."""
    cases = room.window.worklist.list.findChild(QListView)
    cases.setFocus()
    QTest.keyClick(cases, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)


def work_off(room: Room) -> None:
    queue = room.window.worklist._queue

    def ended() -> bool:
        room.worker.answer()
        return bool(queue.rows) and queue.open_count == 0

    room.qtbot.waitUntil(ended, timeout=PATIENCE_MS)


def words_of(room: Room, name: str) -> str:
    items = room.window.worklist.list._model.shown
    return next(item.words for item in items if item.name == name)


def open_three(room: Room) -> None:
    for number, name in enumerate("abc", start=1):
        room.show(a_cine(seed=number), name)


def test_all_chosen_are_localised_by_a_key_and_the_list_says_how_far(room: Room) -> None:
    open_three(room)
    choose_all(room)
    QTest.keySequence(room.window, "Ctrl+Shift+Return")
    assert room.window.worklist.queue_dock.isVisible()
    assert [words_of(room, name) for name in "abc"] == ["localising…", "localising…", "waiting"]
    request = next(one for one, _, _ in room.worker.waiting)
    room.window.asking.jobs.receive(Progress(request.id, 3, 6, "healing"))
    room.qtbot.waitUntil(lambda: words_of(room, "a") == "localising… 50 %")
    panel = room.window.worklist.queue_panel
    assert "localising… 50 %" in {state_words(row) for row in panel._queue.rows}
    why = OutOfMemory("There was too little memory for this.", remedy="Close other programs.")
    second = room.worker.waiting.pop(1)[0]
    room.window.asking.jobs.receive(Failure(second.id, why))
    work_off(room)
    rows = {row.name: row.state for row in panel._queue.rows}
    assert sorted(rows.values()) == [RowState.DONE, RowState.DONE, RowState.FAILED]
    failed = next(name for name, state in rows.items() if state is RowState.FAILED)
    assert words_of(room, failed).startswith("There was too little memory")
    assert len(room.decided.implants) == 1  # of the case on screen
    room.window.worklist._queue.retry_failed()
    work_off(room)
    assert {row.state for row in panel._queue.rows} == {RowState.DONE}
    assert words_of(room, failed) == "new"
    choose_all(room)
    QTest.keySequence(room.window, "Ctrl+Shift+Return")
    assert "Localised in this way already." in room.window.messages[-1].what


def test_what_would_surprise_is_asked_first(room: Room, asked: list[str]) -> None:
    room.show(a_cine(), "a")
    room.press("Return")
    room.answer()
    room.press("Return")  # accepted
    room.show(a_panoramic(), "pano")
    room.answer()
    room.window.commands.healing.ask_for(level=200)
    choose_all(room)
    QTest.keySequence(room.window, "Ctrl+Shift+Return")
    (question,) = asked
    assert "1 case is a spine film so far." in question
    assert "1 case is reviewed." in question
    work_off(room)
    assert {case.task for case in room.window.session.cases} == {"implant"}


def test_no_is_no(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    room.show(a_panoramic(), "pano")
    room.answer()
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.No)
    choose_all(room)
    QTest.keySequence(room.window, "Ctrl+Shift+Return")
    assert room.worker.waiting == []
    assert room.window.session.task == "vertebrae"


def test_the_menu_of_the_list_offers_what_fits_the_task(room: Room, asked: list[str]) -> None:
    room.show(a_cine(), "moving")
    room.show(a_panoramic(), "still")
    cases = room.window.worklist.list
    ids = {case.name: case.id for case in room.window.session.cases}
    verbs = {name: {a.text() for a in cases.menu_for([ids[name]]).actions()} for name in ids}
    assert "Localise implants" in verbs["moving"] & verbs["still"]
    assert "Analyse again" not in verbs["moving"]
    assert "Analyse again" in verbs["still"]
    (localise,) = [
        action
        for action in cases.menu_for([ids["moving"]]).actions()
        if action.text() == "Localise implants"
    ]
    localise.trigger()
    assert [request.task for request, _, _ in room.worker.waiting][-1] == "implant"
    work_off(room)


class Export:
    """The dialog of many cases: a format is chosen, and a place."""

    def __init__(self, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
        self.room, self.name, self.place = room, "", Path()
        self.left_out: tuple[str, ...] = ()
        self.titles: list[str] = []
        monkeypatch.setattr(ExportDialog, "exec", lambda dialog: self._choose(dialog))

    def _choose(self, dialog: ExportDialog) -> ExportDialog.DialogCode:
        self.titles = [choice.spec.title for choice in dialog._choices]
        names = [(choice.spec.task, choice.spec.name) for choice in dialog._choices]
        dialog._list.setCurrentRow(names.index(("implant", self.name)))
        self.left_out = dialog.choice.left_out
        dialog._place.setText(str(self.place))
        dialog.accept()
        return ExportDialog.DialogCode(dialog.result())

    def __call__(self, name: str, place: Path) -> Outcome:
        self.name, self.place = name, place
        many = self.room.window.commands.exporting.many
        activate(self.room)
        with self.room.qtbot.waitSignal(many.leaving.ended, timeout=PATIENCE_MS) as ended:
            choose_all(self.room)
            QTest.keySequence(self.room.window, "Ctrl+E")
        outcome = ended.args[0]
        assert isinstance(outcome, Outcome)
        for told in self.room.window.findChildren(ExportOutcome):
            told.close()
        return outcome


@pytest.fixture
def three(room: Room, monkeypatch: pytest.MonkeyPatch) -> Room:
    """Three studies that are localised; their files can be read again."""
    images = {name: a_cine(seed=number) for number, name in enumerate("abc", start=1)}
    many = room.window.commands.exporting.many

    def read(path: Path, *, page: int = 0) -> Study:
        return Study(path.stem, str(path), images[path.stem])

    monkeypatch.setattr(many.leaving, "_read", read)
    open_three(room)
    choose_all(room)
    QTest.keySequence(room.window, "Ctrl+Shift+Return")
    work_off(room)
    library = room.window.session.library
    room.qtbot.waitUntil(lambda: library.pending == 0, timeout=PATIENCE_MS)
    return room


def count_regions(path: Path) -> int:
    document = json.loads(path.read_text("utf-8"))
    return sum(len(implant["regions"]) for implant in document["implants"])


def test_each_study_becomes_a_file_or_all_one_table(
    three: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = Export(three, monkeypatch)
    assert set(export("json", tmp_path / "regions").gone) == set("abc")
    files = sorted((tmp_path / "regions").iterdir())
    assert [file.name for file in files] == ["a.json", "b.json", "c.json"]
    assert all(count_regions(file) == 16 for file in files)
    assert len(set(export("scores", tmp_path / "all").gone)) == 3
    with (tmp_path / "all.scores.csv").open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert sorted(row["filename"] for row in rows) == ["a.dcm", "b.dcm", "c.dcm"]
    assert {row["level"] for row in rows} == {str(ImplantOptions().level)}
    export("coco", tmp_path / "all")
    coco = json.loads((tmp_path / "all.coco.json").read_text("utf-8"))
    assert len(coco["annotations"]) == 3 * 16
    assert len({image["id"] for image in coco["images"]}) == len(coco["images"])


def test_heat_and_masks_of_studies_that_are_not_on_screen_go_too(
    three: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = Export(three, monkeypatch)
    export("heatnifti", tmp_path / "heat")
    for file in (tmp_path / "heat").iterdir():
        assert SIDE in nib.load(file).shape
    export("masks", tmp_path / "masks")
    for file in (tmp_path / "masks").iterdir():
        with zipfile.ZipFile(file) as pictures:
            assert len(pictures.namelist()) >= 16
    assert len(list((tmp_path / "masks").iterdir())) == 3
    export("everything", tmp_path / "all")
    assert sorted(one.name for one in (tmp_path / "all").iterdir()) == [
        f"{name}.implants.zip" for name in "abc"
    ]


def test_what_stays_behind_is_named_and_nothing_is_replaced_unasked(
    three: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: list[str]
) -> None:
    three.show(a_cine(seed=9), "not localised")
    three.show(a_panoramic(), "a spine film")
    three.answer()
    export = Export(three, monkeypatch)
    export("json", tmp_path / "out")
    told = "\n".join(export.left_out)
    assert f"“a spine film”. {OTHER_TASK}" in told
    assert "“not localised”. Nobody has looked for implants in this study yet." in told
    assert {title.partition(":")[0] for title in export.titles} == {"Spine", "Dental"}
    assert export.titles[0].startswith("Spine: ")  # as the case on screen
    assert sorted(file.stem for file in (tmp_path / "out").iterdir()) == ["a", "b", "c"]
    assert asked == []
    export("json", tmp_path / "out")
    (question,) = asked
    assert "3 files are there already" in question


def test_where_results_made_room_for_newer_ones_heat_stays_and_regions_go(
    three: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    library = three.window.session.library
    gone = next(case.id for case in three.window.session.cases if case.name == "b")
    keys: Callable[[str], frozenset[str]] = library.result_keys
    monkeypatch.setattr(
        library, "result_keys", lambda one: frozenset() if one == gone else keys(one)
    )
    export = Export(three, monkeypatch)
    assert set(export("heatnpy", tmp_path / "heat").gone) == {"a", "c"}
    assert "“b”" in export.left_out[0]
    assert "took their room" in export.left_out[0]
    assert set(export("json", tmp_path / "regions").gone) == set("abc")
