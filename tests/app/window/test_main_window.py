"""The window on files: opening, losing and finding them, looking, hiding, exporting."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QFocusEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from app.canvas.layers.corners import CornersLayer
from app.library.library import Library
from app.widgets.job_status import JobStatus
from app.widgets.messages import MessagesSheet
from app.widgets.toast import Toast
from app.window.main import compose
from app.window.main_window import MainWindow
from domain.errors import ImageMismatch
from inference.manifest import Manifest
from tests.app.session.sitting import column
from tests.e2e.hands import (
    PATIENCE_MS,
    drag,
    focus_canvas,
    has_points,
    is_on_screen,
    points,
    settle,
    show_again,
    show_film,
)
from tests.e2e.rule_engine import rule_engine_command

Windows = Callable[..., MainWindow]
Films = Callable[[str], Path]


def told(window: MainWindow) -> str:
    """The message over the canvas, empty where there is none."""
    toast = window.findChild(Toast)
    return toast.text if toast.isVisibleTo(window) else ""


def names(window: MainWindow) -> list[str]:
    return [case.name for case in window.session.cases]


def layer_of(window: MainWindow) -> CornersLayer:
    (layer,) = [layer for layer in window.view._layers if isinstance(layer, CornersLayer)]
    return layer


def drop(window: MainWindow, *paths: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    action, button = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    where, none = window.rect().center(), Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(where, action, mime, button, none)
    QApplication.sendEvent(window, entering)
    assert entering.isAccepted()
    QApplication.sendEvent(window, QDropEvent(where.toPointF(), action, mime, button, none))


def test_dropped_files_and_folders_open(open_window: Windows, film: Films, qtbot: QtBot) -> None:
    window = open_window()
    folder = film("one").parent / "Aufnahmen é 日本"
    folder.mkdir()
    shutil.move(film("two"), folder / "two.png")
    drop(window, film("one"), folder)
    qtbot.waitUntil(lambda: has_points(window, "one"), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: sorted(names(window)) == ["one", "two"], timeout=PATIENCE_MS)


def test_what_was_said_before_the_first_film_still_lies_over_it(
    open_window: Windows, film: Films, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window()
    (tmp_path / "wrong.png").write_text("no picture")
    window.commands.open_paths([tmp_path / "wrong.png", film("one")])
    qtbot.waitUntil(lambda: window.session.image is not None, timeout=PATIENCE_MS)
    toast = window.findChild(Toast)
    assert toast is not None
    qtbot.waitUntil(toast.isVisible, timeout=PATIENCE_MS)
    seen = toast.parentWidget().childAt(toast.geometry().center())
    assert toast.isAncestorOf(seen)


def test_a_folder_becomes_cases_in_natural_order_each_with_its_proposal(
    open_window: Windows, film: Films, qtbot: QtBot, tmp_path: Path
) -> None:
    window = open_window()
    folder = tmp_path / "folder"
    folder.mkdir()
    expected = ["film 1", "film 2", "film 10", "film 11", "film 21"]
    for name in reversed(expected):
        shutil.move(film(name), folder / f"{name}.png")
    (folder / "notes.txt").write_text("not a film")
    with qtbot.waitSignal(window.session.reading_finished, timeout=PATIENCE_MS):
        window.commands.open_paths([folder])
    assert is_on_screen(window, "film 1")
    assert names(window) == expected
    session = window.session

    def all_found() -> bool:
        return all(session.opened(case.id).history.head for case in session.cases)

    qtbot.waitUntil(all_found, timeout=PATIENCE_MS)
    assert told(window) == ""
    show_film(window, film("later"), qtbot)
    assert names(window) == ["later", *expected]


def test_the_list_walks_in_the_order_of_the_folder(
    open_window: Windows, film: Films, qtbot: QtBot
) -> None:
    window = open_window()
    with qtbot.waitSignal(window.session.reading_finished, timeout=PATIENCE_MS):
        window.commands.open_paths([film("a"), film("b"), film("c")])
    seen = [window.session.current.case.name]
    for key in ("PgDown", "PgDown", "PgUp"):
        QTest.keySequence(window, key)
        seen.append(window.session.current.case.name)
    assert seen == ["a", "b", "c", "b"]


def test_the_same_film_twice_is_one_case(open_window: Windows, film: Films, qtbot: QtBot) -> None:
    window = open_window()
    path = film("one")
    copy = path.with_name("copy.png")
    shutil.copy(path, copy)
    show_film(window, path, qtbot)
    for again in (path, copy):
        with qtbot.waitSignal(window.session.reading_finished, timeout=PATIENCE_MS):
            window.commands.open_paths([again, again])
        assert names(window) == ["one"]
        assert Path(window.session.current.case.path) == path
    settle(window, qtbot)
    assert len(window.session.current.history.revisions) == 1


def test_all_refusals_are_told_and_can_be_read_again(
    open_window: Windows, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window()
    files = [tmp_path / "a.png", tmp_path / "b.png"]
    for file in files:
        file.write_bytes(b"not a film")
    with qtbot.waitSignal(window.session.reading_finished, timeout=PATIENCE_MS):
        window.commands.open_paths(files)
    assert all(file.name in told(window) for file in files)
    read: list[str] = []

    def read_sheet() -> None:
        sheet = window.findChild(MessagesSheet)
        read.append(sheet.findChild(QPlainTextEdit).toPlainText())
        sheet.accept()

    QTimer.singleShot(0, read_sheet)
    window.activateWindow()
    QTest.keySequence(window, "Ctrl+Shift+M")
    assert all(file.name in read[0] for file in files)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keySequence(window, "Esc")
    assert told(window) == ""


def test_a_moved_film_is_found_by_its_pixels(
    open_window: Windows, film: Films, qtbot: QtBot, tmp_path: Path
) -> None:
    window = open_window()
    path = film("one")
    show_film(window, path, qtbot)
    window.editing.select(20)
    window.editing.nudge(0, 5)
    window.editing.finish()
    settle(window, qtbot)
    before = points(window)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    moved = Path(shutil.move(path, elsewhere / "renamed.png"))
    window = open_window()
    with qtbot.waitSignal(window.session.trouble, timeout=PATIENCE_MS) as trouble:
        window.session.show(window.session.cases[0].id)
    assert "one.png" in trouble.args[0].what
    with qtbot.waitSignal(window.session.case_shown, timeout=PATIENCE_MS):
        window.commands.open_paths([moved])
    assert names(window) == ["one"]
    assert np.array_equal(points(window), before)
    window = open_window()
    show_again(window, "one", qtbot)
    assert Path(window.session.current.case.path) == moved


def test_other_pixels_in_the_file_are_told_and_become_a_case_of_their_own(
    open_window: Windows, film: Films, qtbot: QtBot
) -> None:
    window = open_window()
    path = film("one")
    show_film(window, path, qtbot)
    old = window.session.current.case.id
    show_film(window, film("two"), qtbot)
    settle(window, qtbot)
    shutil.copy(film("three"), path)
    window = open_window()
    show_again(window, "two", qtbot)
    with qtbot.waitSignal(window.session.trouble, timeout=PATIENCE_MS) as trouble:
        window.session.show(old)
    assert isinstance(trouble.args[0], ImageMismatch)
    assert told(window).startswith(trouble.args[0].what)
    assert is_on_screen(window, "two")
    assert np.array_equal(points(window), column())
    (new,) = [case.id for case in window.session.cases if case.path == str(path) and case.id != old]
    qtbot.waitUntil(
        lambda: window.session.opened(new).history.head is not None, timeout=PATIENCE_MS
    )


def test_a_missing_file_is_told_and_the_open_film_stays(
    open_window: Windows, film: Films, qtbot: QtBot
) -> None:
    gone = film("gone")
    window = open_window()
    show_film(window, gone, qtbot)
    settle(window, qtbot)
    gone.unlink()
    window = open_window()
    show_film(window, film("one"), qtbot)
    case = next(case for case in window.session.cases if case.name == "gone")
    with qtbot.waitSignal(window.session.trouble, timeout=PATIENCE_MS):
        window.session.show(case.id)
    assert "gone.png" in told(window)
    assert is_on_screen(window, "one")
    with qtbot.waitSignal(window.session.trouble, timeout=PATIENCE_MS):
        window.commands.open_paths([gone.with_name("never.png")])
    assert "never.png" in told(window)
    assert has_points(window, "one")
    show_film(window, film("two"), qtbot)


def test_how_a_film_is_looked_at_is_its_own_and_stays(
    open_window: Windows, film: Films, qtbot: QtBot
) -> None:
    window = open_window()
    show_film(window, film("one"), qtbot)
    window.view.invert()
    window.view.rotate(1)
    window.view.flip_horizontal()
    window.view.set_window_level(120, 90)
    window.view.zoom_by(3)
    window.view.pan_by(40, 30)
    looks = window.view.view_state()
    show_film(window, film("two"), qtbot)
    other = window.view.view_state()
    assert other != looks
    assert not other.inverted
    show_again(window, "one", qtbot)
    assert window.view.view_state() == looks
    window.editing.undo()
    assert window.view.view_state() == looks
    window = open_window()
    show_again(window, "one", qtbot)
    assert window.view.view_state() == looks
    show_again(window, "two", qtbot)
    assert window.view.view_state() == other


def test_overlays_hide_while_o_is_held(open_window: Windows, film: Films, qtbot: QtBot) -> None:
    window = open_window()
    show_film(window, film("one"), qtbot)
    focus_canvas(window, qtbot)
    layer = layer_of(window)
    QTest.keyPress(window.view, Qt.Key.Key_O)
    assert not layer.isVisible()
    QTest.keyRelease(window.view, Qt.Key.Key_O)
    assert layer.isVisible()
    QTest.keyPress(window.view, Qt.Key.Key_O)
    QTest.keyRelease(window.view, Qt.Key.Key_O, Qt.KeyboardModifier.ShiftModifier)
    assert layer.isVisible()
    QTest.keyPress(window.view, Qt.Key.Key_O)
    QApplication.sendEvent(window.view, QFocusEvent(QEvent.Type.FocusOut))
    assert layer.isVisible()


def test_corners_of_another_film_are_never_drawn(
    open_window: Windows, film: Films, qtbot: QtBot
) -> None:
    window = open_window()
    show_film(window, film("one"), qtbot)
    data = layer_of(window).shown_data
    with pytest.raises(ImageMismatch):
        layer_of(window).set_data(replace(data, image_sha256="0" * 64))
    window.session.settings.finds_on_opening = False
    with qtbot.waitSignal(window.session.case_shown, timeout=PATIENCE_MS):
        window.commands.open_paths([film("two")])
    assert layer_of(window).shown_data is None
    show_again(window, "one", qtbot)
    assert layer_of(window).shown_data.image_sha256 == window.view.image.sha256


def test_saved_is_said_only_when_nothing_waits(
    open_window: Windows, film: Films, qtbot: QtBot
) -> None:
    window = open_window()
    waiting: list[int] = []
    library = window.session.library
    window.saved.connect(lambda _: waiting.append(library.pending))
    show_film(window, film("one"), qtbot)
    settle(window, qtbot)
    qtbot.waitUntil(lambda: window.status._saved.text().startswith("saved "), timeout=PATIENCE_MS)
    window.save_trouble.emit("The disk is full.")
    qtbot.waitUntil(lambda: "NOT SAVED" in window.status._saved.text(), timeout=PATIENCE_MS)
    window.editing.select(20)
    window.editing.nudge(0, 5)
    window.editing.finish()
    qtbot.waitUntil(lambda: window.status._saved.text().startswith("saved "), timeout=PATIENCE_MS)
    head = window.session.current.history.head
    settle(window, qtbot)
    case_id = window.session.current.case.id
    assert head in library.revisions(case_id)
    assert waiting


def test_off_means_asked_by_return(open_window: Windows, film: Films, qtbot: QtBot) -> None:
    window = open_window()
    window.session.settings.finds_on_opening = False
    with qtbot.waitSignal(window.session.case_shown, timeout=PATIENCE_MS):
        window.commands.open_paths([film("one")])
    assert not window.asking.is_busy
    assert window.session.decisions is None
    focus_canvas(window, qtbot)
    QTest.keySequence(window.view, "Return")
    qtbot.waitUntil(lambda: has_points(window, "one"), timeout=PATIENCE_MS)
    assert not window.session.decisions.accepted
    QTest.keySequence(window.view, "Return")
    assert window.session.decisions.accepted


def test_escape_cancels_a_proposal_and_the_film_stays_usable(
    open_window: Windows, film: Films, qtbot: QtBot
) -> None:
    window = open_window(seconds=1.5)
    window.commands.open_paths([film("one")])
    with qtbot.waitSignal(window.session.reading_finished, timeout=PATIENCE_MS):
        qtbot.waitUntil(lambda: window.asking.is_busy, timeout=PATIENCE_MS)
    job = window.status.findChild(JobStatus)
    assert job.isVisible()  # reading has ended, finding has not
    assert job.text
    focus_canvas(window, qtbot)
    QTest.keySequence(window.view, "Esc")
    qtbot.waitUntil(lambda: not window.asking.is_busy, timeout=PATIENCE_MS)
    assert window.session.decisions is None
    assert told(window) == ""
    assert job.text == "Cancelled. Return finds the corners."
    assert not job.findChild(QPushButton).isVisible()
    window.view.invert()
    assert window.view.view_state().inverted
    QTest.keySequence(window.view, "Return")
    assert job.findChild(QPushButton).isVisible()
    qtbot.waitUntil(lambda: has_points(window, "one"), timeout=PATIENCE_MS)
    assert not job.isVisible()


def test_a_case_removed_while_its_corners_are_found_stays_removed(
    open_window: Windows, film: Films, qtbot: QtBot
) -> None:
    window = open_window(seconds=0.5)
    window.commands.open_paths([film("one")])
    qtbot.waitUntil(lambda: window.asking.is_busy, timeout=PATIENCE_MS)
    window.session.remove(window.session.current.case.id)
    assert names(window) == []
    show_film(window, film("two"), qtbot)
    settle(window, qtbot)
    assert names(window) == ["two"]
    assert told(window) == ""


def test_a_second_window_reads_and_says_so(
    open_window: Windows,
    film: Films,
    qtbot: QtBot,
    rule: Manifest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Yes)
    first = open_window()
    show_film(first, film("one"), qtbot)
    settle(first, qtbot)
    library = Library.open(tmp_path / "library")
    assert library.read_only
    second = compose(library, weights=rule, command=rule_engine_command(seconds=0.0))
    try:
        assert "reading only" in told(second)
        assert second.status._saved.text() == "read only"
        second.show()
        show_again(second, "one", qtbot)
        assert np.array_equal(points(second), column())
        check_refusals(second)
        show_film(second, film("two"), qtbot)
    finally:
        second.close()
        second.shut_down()
        second.deleteLater()
    assert names(first) == ["one"]
    assert len(first.session.current.history.revisions) == 1


def check_refusals(window: MainWindow) -> None:
    """Every edit is refused in words, and nothing moves."""
    editing, session = window.editing, window.session
    before = session.decisions
    for edit in (
        lambda: drag(window, 20, by=(0, 60)),
        lambda: editing.nudge(0, 5),
        editing.pin,
        editing.accept,
        editing.give_back,
        editing.undo,
        editing.redo,
        lambda: editing.jump(session.current.history.head),
        lambda: window.commands.repairing.shift_names(1),
        lambda: window.worklist.remove([session.current.case.id]),
    ):
        window.dismiss_message()
        editing.select(20)
        edit()
        assert "Another Caliper has this library open" in told(window)
        assert session.decisions is before
        assert not editing.is_holding
        assert np.array_equal(layer_of(window).drawn, column())
