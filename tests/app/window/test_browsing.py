"""Folders of DICOM films in the real window: few open at once, among many a person chooses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QMenu
from pytestqt.qtbot import QtBot

from app.io.dicom_headers import Headers
from app.widgets.study_browser import StudyBrowser
from app.window import browsing as browsing_module
from app.window.browsing import FEW
from app.window.main_window import MainWindow
from domain.image import GreyWindow
from tests.app.io.dicom.makers import film as write_dicom
from tests.app.io.test_dicom_index import answer_with_mischief, write_directory
from tests.app.window.test_main_window import drop, names, told
from tests.e2e.hands import PATIENCE_MS, is_on_screen, settle

Windows = Callable[..., MainWindow]
Films = Callable[[str], Path]
NAME = "Geheim^Gerda"


def folder_of(place: Path, count: int, **tags: object) -> Path:
    """A folder with that many films, each with its own grain."""
    for number in range(count):
        grain = np.random.default_rng(number).integers(0, 4000, (90, 70)).astype(np.uint16)
        told = {"PatientName": NAME, "InstanceNumber": number, "SeriesInstanceUID": "1.2.3"}
        told |= {"StudyInstanceUID": "1.2", "PatientID": "77", **tags}
        write_dicom(place / f"film {number}", grain, **told)
    return place


def browser_of(window: MainWindow, qtbot: QtBot) -> StudyBrowser:
    """The browser, once it lists something."""
    found: list[StudyBrowser] = []

    def is_there() -> bool:
        found[:] = window.findChildren(StudyBrowser)
        return bool(found) and bool(found[0].keys)

    qtbot.waitUntil(is_there, timeout=PATIENCE_MS)
    return found[0]


def test_a_dropped_folder_with_few_films_opens_them_all(
    open_window: Windows, qtbot: QtBot, tmp_path: Path, film: Films
) -> None:
    window = open_window()
    folder = folder_of(tmp_path / "few", 3)
    film("plain").rename(folder / "plain.png")
    drop(window, folder)
    qtbot.waitUntil(lambda: len(names(window)) == 4, timeout=PATIENCE_MS)
    assert sorted(names(window)) == ["film 0", "film 1", "film 2", "plain"]
    assert window.findChildren(StudyBrowser) == []


def test_among_many_films_a_person_chooses(
    open_window: Windows, qtbot: QtBot, tmp_path: Path
) -> None:
    window = open_window()
    drop(window, folder_of(tmp_path / "many", FEW + 1))
    browser = browser_of(window, qtbot)
    assert len(browser.keys) == FEW + 1
    assert names(window) == []
    images = browser._images
    qtbot.waitUntil(
        lambda: any(icon is not images._blank for icon in images._icons.values()),
        timeout=PATIENCE_MS,
    )
    index = browser._wall.model().index(4, 0)
    browser._wall.setCurrentIndex(index)
    QTest.mouseClick(browser._open, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: is_on_screen(window, "film 4"), timeout=PATIENCE_MS)
    assert names(window) == ["film 4"]
    qtbot.waitUntil(lambda: window.findChildren(StudyBrowser) == [], timeout=PATIENCE_MS)


def test_names_of_patients_are_on_the_screen_and_nowhere_else(
    open_window: Windows, qtbot: QtBot, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    window = open_window()
    window.commands.open_paths([folder_of(tmp_path / "many", FEW + 1)])
    browser = browser_of(window, qtbot)
    assert browser._tree.model().index(0, 0).data() == "Geheim Gerda"
    browser._wall.setCurrentIndex(browser._wall.model().index(0, 0))
    browser._choose()
    qtbot.waitUntil(lambda: names(window) == ["film 0"], timeout=PATIENCE_MS)
    assert "Geheim" not in window.windowTitle() + "".join(names(window))
    settle(window, qtbot)
    stored = b"".join(file.read_bytes() for file in (tmp_path / "library").iterdir())
    assert b"Geheim" not in stored
    assert "Geheim" not in "".join(capfd.readouterr())


def test_the_menu_browses_a_folder_however_few_films_it_has(
    open_window: Windows, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window()
    folder = folder_of(tmp_path / "two", 2)
    (folder / "notes.txt").write_text("nothing")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    window.actions_by_name["File/Open DICOM folder or DICOMDIR…"].trigger()
    browser = browser_of(window, qtbot)
    qtbot.waitUntil(lambda: "1 other file" in browser._note.text(), timeout=PATIENCE_MS)
    assert len(browser.keys) == 2
    browser.reject()
    assert names(window) == []


def test_a_file_that_costs_its_reader_is_named_and_the_others_are_listed(
    open_window: Windows, qtbot: QtBot, tmp_path: Path
) -> None:
    window = open_window()
    folder = folder_of(tmp_path / "some", 2)
    write_dicom(folder / "crash", np.zeros((9, 9), np.uint16))
    window.commands.browsing._headers = Headers(answer=answer_with_mischief)
    window.commands.browsing.browse(folder)
    browser = window.findChild(StudyBrowser)
    qtbot.waitUntil(
        lambda: "“crash”: The reader crashed" in browser._note.text(), timeout=PATIENCE_MS
    )
    assert len(browser.keys) == 2
    assert not browser._job.isVisible()


def test_any_fault_ends_in_words_in_the_browser_and_in_the_log(
    open_window: Windows,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    window = open_window()

    def fail(*_: object, **__: object) -> None:
        msg = "Geheim Gerda"
        raise ZeroDivisionError(msg)

    monkeypatch.setattr(browsing_module, "read_index", fail)
    window.commands.browsing.browse(tmp_path)
    browser = window.findChild(StudyBrowser)
    qtbot.waitUntil(lambda: "ZeroDivisionError" in browser._note.text(), timeout=PATIENCE_MS)
    assert not browser._job.isVisible()
    browser.reject()
    window.commands.open_paths([tmp_path])
    qtbot.waitUntil(lambda: "fault of its own" in told(window), timeout=PATIENCE_MS)
    said = capfd.readouterr().err
    assert "ZeroDivisionError while browsing" in said
    assert "in fail" in said
    assert "Geheim" not in said


def test_a_file_that_is_no_dicomdir_is_refused_in_words(
    open_window: Windows, qtbot: QtBot, tmp_path: Path
) -> None:
    window = open_window()
    path = tmp_path / "DICOMDIR"
    path.write_bytes(b"nothing of the kind")
    window.commands.open_paths([path])
    qtbot.waitUntil(lambda: "DICOMDIR" in told(window), timeout=PATIENCE_MS)
    assert window.findChildren(StudyBrowser) == []


def test_a_dicomdir_with_few_films_opens_what_it_refers_to(
    open_window: Windows, qtbot: QtBot, tmp_path: Path
) -> None:
    window = open_window()
    folder_of(tmp_path / "images", 3)
    place = write_directory(tmp_path / "DICOMDIR", ["IMAGES", "film 0"], ["IMAGES", "film 2"])
    window.commands.open_paths([place])
    qtbot.waitUntil(lambda: len(names(window)) == 2, timeout=PATIENCE_MS)
    assert names(window) == ["film 0", "film 2"]
    assert window.findChildren(StudyBrowser) == []


def test_a_browser_closed_too_early_does_not_come_back(
    open_window: Windows, qtbot: QtBot, tmp_path: Path
) -> None:
    window = open_window()
    browsing = window.commands.browsing
    with qtbot.waitSignal(browsing.finished, timeout=PATIENCE_MS):
        browsing.browse(folder_of(tmp_path / "two", 2))
        window.findChild(StudyBrowser).reject()
    assert browsing._browser is None


def test_pages_are_walked_and_told(open_window: Windows, qtbot: QtBot, tmp_path: Path) -> None:
    window = open_window()
    pages = np.random.default_rng(1).integers(0, 4000, (3, 90, 70)).astype(np.uint16)
    window.commands.open_paths([write_dicom(tmp_path / "pages.dcm", pages)])
    qtbot.waitUntil(lambda: len(names(window)) == 3, timeout=PATIENCE_MS)
    reading = window.view._hud
    assert reading.reading.page == "page 1 / 3"
    for key, expected in (
        ("Ctrl+PgUp", "page 1 / 3"),
        ("Ctrl+PgDown", "page 2 / 3"),
        ("Ctrl+PgDown", "page 3 / 3"),
        ("Ctrl+PgDown", "page 3 / 3"),
        ("Ctrl+PgUp", "page 2 / 3"),
    ):
        QTest.keySequence(window, key)
        assert reading.reading.page == expected


def test_a_films_own_windows_stand_in_the_menu_and_have_keys(
    open_window: Windows, qtbot: QtBot, tmp_path: Path, film: Films
) -> None:
    window = open_window()
    own = [window.actions_by_name[f"View/Presets/Film's window {n}"] for n in (1, 2)]
    assert not any(action.isVisible() for action in own)
    pixels = np.random.default_rng(1).integers(0, 4000, (90, 70)).astype(np.uint16)
    asked = {"WindowCenter": [900, 1500, 2000], "WindowWidth": [400, 900, 100]}
    path = write_dicom(
        tmp_path / "own.dcm", pixels, WindowCenterWidthExplanation=["BONE", "SOFT", ""], **asked
    )
    window.commands.open_paths([path])
    qtbot.waitUntil(lambda: is_on_screen(window, "own"), timeout=PATIENCE_MS)
    assert window.view.window_level() == (400, 900)
    assert [action.text() for action in own] == ["Film: BONE", "Film: SOFT"]
    window.activateWindow()
    window.view.setFocus()
    qtbot.waitUntil(window.view.hasFocus)
    QTest.keySequence(window.view, "9")
    assert window.view.window_level() == (900, 1500)
    (menu,) = (found for found in own[0].associatedObjects() if isinstance(found, QMenu))
    third = menu.actions()[-1]
    assert third.text() == "Film: W 100 L 2000"
    third.trigger()
    assert window.view.window_level() == (100, 2000)
    assert window.session.image.presentation.windows[2] == GreyWindow(2000, 100)
    window.commands.open_paths([film("plain")])
    qtbot.waitUntil(lambda: is_on_screen(window, "plain"), timeout=PATIENCE_MS)
    assert not any(action.isVisible() for action in (*own, third))


def test_an_empty_folder_beside_a_film_is_named_and_the_film_opens(
    open_window: Windows, qtbot: QtBot, tmp_path: Path, film: Films
) -> None:
    window = open_window()
    (tmp_path / "nothing here").mkdir()
    drop(window, tmp_path / "nothing here", film("one"))
    qtbot.waitUntil(lambda: is_on_screen(window, "one"), timeout=PATIENCE_MS)
    assert "“nothing here” holds no film" in told(window)
    assert names(window) == ["one"]


def test_an_empty_folder_beside_one_to_choose_from_is_named(
    open_window: Windows, qtbot: QtBot, tmp_path: Path
) -> None:
    window = open_window()
    (tmp_path / "nothing here").mkdir()
    drop(window, tmp_path / "nothing here", folder_of(tmp_path / "many", FEW + 1))
    assert len(browser_of(window, qtbot).keys) == FEW + 1
    qtbot.waitUntil(lambda: "“nothing here” holds no film" in told(window), timeout=PATIENCE_MS)


def test_a_dicomdir_whose_films_are_gone_is_named(
    open_window: Windows, qtbot: QtBot, tmp_path: Path, film: Films
) -> None:
    (tmp_path / "disc").mkdir()
    directory = write_directory(tmp_path / "disc" / "DICOMDIR", ["GONE", "FILM"])
    window = open_window()
    drop(window, directory, film("one"))
    qtbot.waitUntil(lambda: is_on_screen(window, "one"), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: "“DICOMDIR” holds no film" in told(window), timeout=PATIENCE_MS)
