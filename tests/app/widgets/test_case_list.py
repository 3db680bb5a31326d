"""The list of cases: choosing, searching, dropping, removing."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QBuffer, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QListView

from app.widgets.case_list import CaseItem, CaseList


def png() -> bytes:
    """A small picture."""
    picture, store = QPixmap(8, 12), QBuffer()
    picture.fill(Qt.GlobalColor.darkGray)
    store.open(QBuffer.OpenModeFlag.WriteOnly)
    picture.save(store, "PNG")
    return bytes(store.data().data())


def cases() -> list[CaseItem]:
    """Three cases, one of each status."""
    return [
        CaseItem("1", "spine 0213", "reviewed"),
        CaseItem("2", "spine 0214", "in_work"),
        CaseItem("3", "Wirbelsäule ü", "new"),
    ]


@pytest.fixture
def panel(qtbot) -> CaseList:
    """A list with three cases."""
    made = CaseList({"1": png(), "2": b"no picture"}.get)
    qtbot.addWidget(made)
    made.set_cases(cases())
    made.resize(230, 500)
    made.show()
    return made


def click(panel: CaseList, row: int) -> None:
    """Click on a row."""
    view = panel.findChild(QListView)
    at = view.visualRect(view.model().index(row, 0)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)


def test_a_click_chooses_once(panel: CaseList) -> None:
    heard: list[str] = []
    panel.case_chosen.connect(heard.append)
    click(panel, 1)
    assert heard == ["2"]
    assert panel.current == "2"


def test_marking_the_case_on_screen_tells_nobody(panel: CaseList) -> None:
    heard: list[str] = []
    panel.case_chosen.connect(heard.append)
    panel.set_current("3")
    panel.set_current("nobody")
    assert panel.current == "3"
    assert heard == []


def test_the_chosen_case_stays_chosen_when_the_list_changes(panel: CaseList) -> None:
    panel.set_current("2")
    changed = cases()
    changed[1] = CaseItem("2", "spine 0214", "reviewed")
    panel.set_cases(changed)
    assert panel.current == "2"
    panel.set_cases(list(reversed(changed)))
    assert panel.current == "2"
    panel.set_cases(changed[:1])
    assert panel.current != "2"


@pytest.mark.parametrize(
    ("words", "left"),
    [("", ("1", "2", "3")), ("0214", ("2",)), ("SPINE", ("1", "2")), ("Ü", ("3",)), ("zz", ())],
)
def test_search_narrows_the_list(panel: CaseList, words: str, left: tuple[str, ...]) -> None:
    QTest.keyClicks(panel.findChild(QLineEdit), "spine")
    panel.findChild(QLineEdit).setText(words)
    assert panel.visible_cases == left


def test_a_pattern_is_searched_as_it_stands(panel: CaseList) -> None:
    panel.findChild(QLineEdit).setText(".*")
    assert panel.visible_cases == ()


def drop(panel: CaseList, urls: list[QUrl]) -> QDropEvent:
    """Let go of files over the list."""
    mime = QMimeData()
    mime.setUrls(urls)
    event = QDropEvent(
        QPointF(20, 20),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    panel.dropEvent(event)  # Qt delivers one only at the end of a real drag
    return event


def test_dropped_files_are_told_and_addresses_are_not(panel: CaseList, tmp_path) -> None:
    heard: list[list[str]] = []
    panel.files_dropped.connect(heard.append)
    path = tmp_path / "größe film.png"
    assert not drop(panel, [QUrl("https://example.org/a.png")]).isAccepted()
    assert heard == []
    drop(panel, [QUrl.fromLocalFile(str(path)), QUrl("https://example.org/a.png")])
    assert heard == [[str(path)]]


def test_delete_asks_for_the_chosen_case_only(panel: CaseList) -> None:
    heard: list[list[str]] = []
    panel.remove_requested.connect(heard.append)
    view = panel.findChild(QListView)
    click(panel, 0)
    QTest.keyClick(view, Qt.Key.Key_Delete)
    assert heard == [["1"]]


def test_damaged_and_missing_thumbnails_are_drawn_as_empty_frames(panel: CaseList) -> None:
    assert not panel.grab().isNull()
