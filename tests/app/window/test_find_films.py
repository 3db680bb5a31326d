"""From the menu to moved films and back to a message."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from app.session.missing import Search
from app.window.find_films import words_of
from app.window.main_window import MainWindow
from tests.e2e.hands import PATIENCE_MS, show_film

Windows = Callable[..., MainWindow]
Films = Callable[[str], Path]


def told(window: MainWindow) -> str:
    """What was said last."""
    return window.messages[-1].what if window.messages else ""


def choose(folder: Path | str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))


def test_a_moved_film_is_found_in_a_folder_and_opens(
    open_window: Windows,
    film: Films,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = open_window()
    paths = [film("one"), film("two")]
    for path in paths:
        show_film(window, path, qtbot)
    archive = tmp_path / "archive"
    archive.mkdir()
    moved = Path(shutil.move(paths[0], archive / "renamed.png"))
    window = open_window()
    choose(archive, monkeypatch)
    find = window.actions_by_name["File/Find missing films…"]
    find.trigger()
    qtbot.waitUntil(lambda: "1 of 1 missing film found" in told(window), timeout=PATIENCE_MS)
    case = next(case for case in window.session.cases if case.name == "one")
    assert Path(case.path) == moved
    with qtbot.waitSignal(window.session.case_shown, timeout=PATIENCE_MS):
        window.session.show(case.id)
    choose("", monkeypatch)  # the person thinks better of it
    find.trigger()
    choose(archive, monkeypatch)
    find.trigger()
    qtbot.waitUntil(lambda: "No film is missing" in told(window), timeout=PATIENCE_MS)


def test_the_message_of_a_moved_film_looks_for_it(
    open_window: Windows,
    film: Films,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = open_window()
    path = film("one")
    show_film(window, path, qtbot)
    (tmp_path / "archive").mkdir()
    moved = Path(shutil.move(path, tmp_path / "archive" / "renamed.png"))
    window = open_window()
    (case,) = window.session.cases
    window.session.show(case.id)
    qtbot.waitUntil(lambda: "cannot be read" in told(window), timeout=PATIENCE_MS)
    choose(moved.parent, monkeypatch)
    buttons = window.findChildren(QPushButton)
    button = next(b for b in buttons if b.text() == "Look for it…" and b.isVisible())
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "1 of 1 missing film found" in told(window), timeout=PATIENCE_MS)
    assert Path(window.session.case(case.id).path) == moved


def test_a_file_that_is_no_film_is_not_looked_for(
    open_window: Windows, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window()
    (tmp_path / "notes.png").write_text("no picture")
    window.commands.open_paths([tmp_path / "notes.png"])
    qtbot.waitUntil(lambda: bool(window.messages), timeout=PATIENCE_MS)
    assert window.messages[-1].offer is None


def test_the_search_begins_where_the_film_on_screen_was(
    open_window: Windows,
    film: Films,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(
        QFileDialog, "getExistingDirectory", lambda _window, _title, place: asked.append(place)
    )
    window = open_window()
    find = window.actions_by_name["File/Find missing films…"]
    find.trigger()
    place = tmp_path / "films" / "2020" / "may"
    place.mkdir(parents=True)
    show_film(window, Path(shutil.move(film("one"), place / "one.png")), qtbot)
    find.trigger()
    shutil.rmtree(place.parent)
    find.trigger()
    assert asked == ["", str(place), str(tmp_path / "films")]


@pytest.mark.parametrize(
    ("search", "words"),
    [
        ((0, (), 0, 0, False), ("No film is missing.",)),
        ((3, (), 5, 0, False), ("3 of 3 missing films found in “archive”.", "")),
        ((3, ("a", "b"), 7, 2, False), ("1 of 3", "(7 files read)", "2 files could not be read")),
        ((3, ("a", "b"), 1, 1, True), ("1 of 3", "after 1 file.", "Still missing: “a”, “b”.")),
        ((9, tuple("abcdefg"), 1, 0, False), ("2 of 9", "missing: “a”", "“e” and 2 more.")),
    ],
)
def test_the_words_say_what_was_found(
    search: tuple[int, tuple[str, ...], int, int, bool], words: tuple[str, ...]
) -> None:
    said = " ".join(words_of(Search(Path("/films/archive"), *search)))
    assert all(part in said for part in words)
