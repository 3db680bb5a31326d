"""Working through a list in the window: keys, notes, groups, the queue's panel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox, QPlainTextEdit, QPushButton, QTableView, QToolButton
from pytestqt.qtbot import QtBot

from app.io.exporters.table import EXPORTERS
from app.session.queue import RowState
from app.widgets.case_filter import Order, Show
from app.widgets.toast import Toast
from app.window.main_window import MainWindow
from domain.errors import Cancelled, OutOfMemory
from tests.e2e.hands import PATIENCE_MS, focus_canvas, is_on_screen, settle, show_again, show_film

Windows = Callable[..., MainWindow]
Films = Callable[[str], Path]


def open_all(window: MainWindow, film: Films, qtbot: QtBot, *names: str) -> dict[str, str]:
    """Open films, wait for all corners; the case ids by name."""
    with qtbot.waitSignal(window.session.reading_finished, timeout=PATIENCE_MS):
        window.commands.open_paths([film(name) for name in names])
    session = window.session
    qtbot.waitUntil(
        lambda: all(session.opened(case.id).history.head for case in session.cases),
        timeout=PATIENCE_MS,
    )
    return {case.name: case.id for case in session.cases}


def shown_name(window: MainWindow) -> str:
    return window.session.current.case.name


def row_of(window: MainWindow, case_id: str):
    (item,) = [item for item in window.worklist.list._model.shown if item.id == case_id]
    return item


def told(window: MainWindow) -> str:
    toast = window.findChild(Toast)
    return toast.text if toast.isVisibleTo(window) else ""


@pytest.fixture
def yes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whatever is asked is agreed to; the questions."""
    asked: list[str] = []

    def agree(_parent, _title, text):
        asked.append(text)
        return QMessageBox.StandardButton.Yes

    monkeypatch.setattr(QMessageBox, "question", agree)
    return asked


def test_next_and_previous_follow_filter_and_order(
    open_window: Windows, film: Films, qtbot: QtBot
) -> None:
    window = open_window()
    open_all(window, film, qtbot, "c 2", "c 10", "b 1")
    window.worklist.list.sort_by(Order.NAME)
    show_again(window, "b 1", qtbot)
    seen = []
    for key in ("PgDown", "PgDown", "PgDown", "PgUp"):
        QTest.keySequence(window, key)
        seen.append(shown_name(window))
    assert seen == ["c 2", "c 10", "c 10", "c 2"]
    window.editing.accept()
    window.worklist.list.show_only(Show.NEW)
    QTest.keySequence(window, "PgDown")
    assert shown_name(window) == "c 10"
    QTest.keySequence(window, "PgUp")
    assert shown_name(window) == "b 1"


def test_the_next_case_not_reviewed_by_key(open_window: Windows, film: Films, qtbot: QtBot) -> None:
    window = open_window()
    open_all(window, film, qtbot, "a", "b", "c")
    show_again(window, "b", qtbot)
    window.editing.accept()
    show_again(window, "a", qtbot)
    QTest.keySequence(window, "Shift+PgDown")
    assert shown_name(window) == "c"
    window.editing.accept()
    QTest.keySequence(window, "Shift+PgDown")
    assert shown_name(window) == "a"
    window.editing.accept()
    QTest.keySequence(window, "Shift+PgDown")
    assert shown_name(window) == "a"
    assert "reviewed" in told(window)


@pytest.mark.parametrize(("prefers", "then"), [(False, "a"), (True, "b")])
def test_accepting_moves_on_where_that_is_preferred(
    prefers: bool, then: str, open_window: Windows, film: Films, qtbot: QtBot
) -> None:
    window = open_window()
    assert not window.session.settings.moves_on
    window.session.settings.moves_on = prefers
    open_all(window, film, qtbot, "a", "b")
    focus_canvas(window, qtbot)
    QTest.keySequence(window.view, "Return")
    assert shown_name(window) == then
    statuses = {case.name: case.status.value for case in window.session.cases}
    assert statuses == {"a": "reviewed", "b": "new"}


def test_a_note_is_saved_for_its_case_and_there_after_a_restart(
    open_window: Windows, film: Films, qtbot: QtBot
) -> None:
    window = open_window()
    ids = open_all(window, film, qtbot, "a", "b")
    focus_canvas(window, qtbot)
    QTest.keySequence(window.view, "Ctrl+M")
    field = window.worklist.note.findChild(QPlainTextEdit)
    assert field.isVisible()
    QTest.keyClicks(field, "Implant in L4")
    assert window.status._saved.text() == "saving…"
    qtbot.waitUntil(lambda: bool(window.session.opened(ids["a"]).case.note), timeout=PATIENCE_MS)
    settle(window, qtbot)
    qtbot.waitUntil(lambda: window.status._saved.text().startswith("saved "), timeout=PATIENCE_MS)
    assert window.session.library.case(ids["a"]).note == "Implant in L4"
    QTest.keyClicks(field, "!")
    show_again(window, "b", qtbot)  # before the hand came to rest
    assert field.toPlainText() == ""
    assert row_of(window, ids["a"]).note == "Implant in L4!"
    assert row_of(window, ids["b"]).note == ""
    QTest.keyClicks(field, "last words")
    window = open_window()
    notes = {case.name: case.note for case in window.session.cases}
    assert notes == {"a": "Implant in L4!", "b": "last words"}
    heads = window.session.opened(ids["a"]).history
    assert len(heads.revisions) == 1  # a note is no gesture


def test_a_note_is_in_no_export(
    open_window: Windows, film: Films, qtbot: QtBot, tmp_path: Path
) -> None:
    window = open_window()
    ids = open_all(window, film, qtbot, "a")
    window.session.describe(ids["a"], note="only for me", person="secret key")
    window.commands.exporting.export_to(tmp_path / "a.json", spec=EXPORTERS[0])
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert "only for me" not in text
    assert "secret key" not in text


def test_removing_several_asks_once_and_no_keeps_them(
    open_window: Windows, film: Films, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window()
    ids = open_all(window, film, qtbot, "a", "b", "c")
    asked: list[str] = []
    answers = iter((QMessageBox.StandardButton.No, QMessageBox.StandardButton.Yes))

    def answer(_parent, _title, text):
        asked.append(text)
        return next(answers)

    monkeypatch.setattr(QMessageBox, "question", answer)
    for left in (["a", "b", "c"], ["c"]):
        window.worklist.list.remove_requested.emit([ids["a"], ids["b"]])
        assert [case.name for case in window.session.cases] == left
    assert "2 cases" in asked[0]
    assert window.session.current is None
    assert film("a").exists()


def test_films_of_one_patient_are_grouped_joined_and_parted(
    open_window: Windows, film: Films, qtbot: QtBot
) -> None:
    window = open_window()
    ids = open_all(window, film, qtbot, "a", "b", "c", "d")
    work = window.worklist
    work.group([ids["a"], ids["b"]])
    work.group([ids["c"], ids["d"]])
    assert row_of(window, ids["a"]).films == 2
    work.group([ids["c"]])  # with the film on screen: all four are one patient's
    assert {row_of(window, one).films for one in ids.values()} == {4}
    settle(window, qtbot)
    persons = {window.session.library.case(one).person for one in ids.values()}
    assert len(persons) == 1
    work.ungroup([ids["d"]])
    assert row_of(window, ids["d"]).films == 1
    assert row_of(window, ids["a"]).films == 3


def test_a_failure_of_a_case_not_on_screen_stands_in_its_row_until_it_is_answered(
    open_window: Windows, film: Films, qtbot: QtBot
) -> None:
    window = open_window()
    ids = open_all(window, film, qtbot, "a", "b")
    show_again(window, "a", qtbot)
    window.asking.ended.emit(0, ids["b"], Cancelled("Cancelled."))
    assert row_of(window, ids["b"]).trouble == ""
    window.asking.ended.emit(0, ids["b"], OutOfMemory("Too little memory."))
    assert row_of(window, ids["b"]).words == "Too little memory."
    assert told(window) == ""
    window.worklist.analyse_again([ids["b"]])
    qtbot.waitUntil(lambda: not row_of(window, ids["b"]).trouble, timeout=PATIENCE_MS)
    assert is_on_screen(window, "a")


def test_analysing_a_reviewed_case_again_asks_first(
    open_window: Windows, film: Films, qtbot: QtBot, yes: list[str]
) -> None:
    window = open_window()
    ids = open_all(window, film, qtbot, "a", "b")
    window.editing.accept()
    window.worklist.analyse_again([ids["b"]])
    assert yes == []
    window.worklist.analyse_again([ids["a"], ids["b"]])
    assert "1 case is reviewed" in yes[0]
    queue = window.worklist._queue
    qtbot.waitUntil(lambda: queue.open_count == 0, timeout=PATIENCE_MS)


def folder_of(film: Films, tmp_path: Path, *names: str) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in names:
        film(name).rename(folder / f"{name}.png")
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    cv2.imwrite(str(folder / "tiny.png"), np.zeros((20, 20), np.uint8))
    return folder


def test_a_folder_is_analysed_with_a_reason_for_each_film_that_failed(
    open_window: Windows, film: Films, qtbot: QtBot, tmp_path: Path
) -> None:
    window = open_window()
    queue, panel = window.worklist._queue, window.worklist.queue_panel
    window.worklist.analyse([folder_of(film, tmp_path, *"abcdef")])
    qtbot.waitUntil(lambda: len(queue.rows) == 8 and queue.open_count == 0, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: window.session.current is not None, timeout=PATIENCE_MS)
    assert shown_name(window) == "a"  # nothing was on screen
    assert queue.count(RowState.DONE) == 6
    assert queue.count(RowState.FAILED) == 2
    assert "8 of 8" in panel.text
    assert "2 failed" in panel.text
    assert "2 failed" in window.status._queue.text()
    reasons = {row.name: row.reason for row in queue.rows if row.state is RowState.FAILED}
    assert "cannot be read" in reasons["broken"]
    assert "at least 32 pixels" in reasons["tiny"]
    (tiny,) = [item for item in window.worklist.list._model.shown if item.name == "tiny"]
    assert "32 pixels" in tiny.trouble
    names = [case.name for case in window.session.cases]
    assert names == [*"abcdef", "tiny"]


def test_the_queue_is_shown_by_its_words_and_a_click_shows_a_case(
    open_window: Windows, film: Films, qtbot: QtBot
) -> None:
    window = open_window()
    open_all(window, film, qtbot, "a", "b", "c")
    dock = window.worklist.queue_dock
    assert not dock.isVisible()
    words = window.status.findChild(QToolButton)
    QTest.mouseClick(words, Qt.MouseButton.LeftButton)
    assert dock.isVisible()
    table = window.worklist.queue_panel.findChild(QTableView)
    index = table.model().index(1, 0)
    name = index.data()
    at = table.visualRect(index).center()
    QTest.mouseClick(
        table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at
    )
    qtbot.waitUntil(lambda: is_on_screen(window, name), timeout=PATIENCE_MS)
    QTest.keySequence(window, "F8")
    assert not dock.isVisible()


def test_pause_and_cancel_by_their_buttons(
    open_window: Windows, film: Films, qtbot: QtBot, tmp_path: Path
) -> None:
    window = open_window(seconds=0.2)
    queue, panel = window.worklist._queue, window.worklist.queue_panel
    buttons = {button.text(): button for button in panel.findChildren(QPushButton)}
    window.worklist.analyse([folder_of(film, tmp_path, *"abcdef")])
    qtbot.waitUntil(lambda: queue.count(RowState.FINDING) > 0, timeout=PATIENCE_MS)
    buttons["Pause"].click()
    assert buttons["Pause"].text() == "Go on"
    assert "paused" in window.status._queue.text()
    qtbot.waitUntil(
        lambda: queue.count(RowState.FINDING, RowState.READING) == 0, timeout=PATIENCE_MS
    )
    waiting = queue.count(RowState.WAITING)
    assert waiting > 0
    buttons["Cancel"].click()
    assert queue.count(RowState.SKIPPED) == waiting
    assert not buttons["Cancel"].isEnabled()
    buttons["Clear list"].click()
    assert queue.rows == ()


def test_opening_a_film_does_not_wait_for_a_folder_under_analysis(
    open_window: Windows, film: Films, qtbot: QtBot, tmp_path: Path
) -> None:
    window = open_window(seconds=0.3)
    show_film(window, film("first"), qtbot)
    window.worklist.analyse([folder_of(film, tmp_path, *"abcdefgh")])
    queue = window.worklist._queue
    qtbot.waitUntil(lambda: queue.count(RowState.FINDING) > 0, timeout=PATIENCE_MS)
    show_film(window, film("second"), qtbot)
    assert queue.open_count > 0
    assert is_on_screen(window, "second")


def test_a_library_for_reading_refuses_groups_and_analysis_in_words(
    open_window: Windows, film: Films, qtbot: QtBot, tmp_path: Path, rule
) -> None:
    from app.library.library import Library
    from app.window.main import compose
    from tests.e2e.rule_engine import rule_engine_command

    first = open_window()
    ids = open_all(first, film, qtbot, "a", "b")
    settle(first, qtbot)
    second = compose(
        Library.open(tmp_path / "library"), weights=rule, command=rule_engine_command(seconds=0.0)
    )
    try:
        second.show()
        work = second.worklist
        for deed in (
            lambda: work.group(list(ids.values())),
            lambda: work.ungroup(list(ids.values())),
            lambda: work.analyse_again(list(ids.values())),
            lambda: work.analyse([tmp_path]),
        ):
            second.dismiss_message()
            deed()
            assert "Another Caliper has this library open" in told(second)
        show_again(second, "a", qtbot)
        assert second.worklist.note.findChild(QPlainTextEdit).isReadOnly()
    finally:
        second.close()
        second.shut_down()
        second.deleteLater()
