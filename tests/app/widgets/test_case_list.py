"""The list of cases: choosing, searching, dropping, removing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QBuffer, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QListView, QToolButton

from app.widgets.case_filter import Order, Show
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


def select(panel: CaseList, *rows: int) -> None:
    """Click on the first row, with Ctrl on the others."""
    view = panel.findChild(QListView)
    for number, row in enumerate(rows):
        keys = Qt.KeyboardModifier.ControlModifier if number else Qt.KeyboardModifier.NoModifier
        at = view.visualRect(view.model().index(row, 0)).center()
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, keys, at)


def chip(panel: CaseList, title: str) -> QToolButton:
    """The button of a filter."""
    (found,) = [b for b in panel.findChildren(QToolButton, "chip") if b.text().startswith(title)]
    return found


def test_choosing_several_opens_none_and_delete_asks_for_all(panel: CaseList) -> None:
    opened: list[str] = []
    removed: list[list[str]] = []
    panel.case_chosen.connect(opened.append)
    panel.remove_requested.connect(removed.append)
    select(panel, 2, 0)
    assert opened == ["3"]
    assert panel.selected == ["1", "3"]
    QTest.keyClick(panel.findChild(QListView), Qt.Key.Key_Delete)
    assert removed == [["1", "3"]]


def test_what_is_chosen_stays_chosen_when_a_status_changes(panel: CaseList) -> None:
    select(panel, 0, 2)
    changed = cases()
    changed[1] = changed[1]._replace(status="reviewed")
    panel.set_cases(changed)
    assert panel.selected == ["1", "3"]
    panel.set_cases([CaseItem("0", "new one", "new"), *changed])
    assert panel.selected == ["1", "3"]


def test_filters_count_what_the_search_leaves_and_both_narrow(panel: CaseList) -> None:
    assert chip(panel, "All").text() == "All 3"
    assert not any(b.text().startswith("Failed") and b.isVisible() for b in chips(panel))
    chip(panel, "Reviewed").click()
    assert panel.visible_cases == ("1",)
    panel.findChild(QLineEdit).setText("0214")
    assert panel.visible_cases == ()
    assert chip(panel, "In work").text() == "In work 1"
    assert chip(panel, "Reviewed").text() == "Reviewed 0"
    chip(panel, "In work").click()
    assert panel.visible_cases == ("2",)


def chips(panel: CaseList) -> list[QToolButton]:
    return panel.findChildren(QToolButton, "chip")


def test_what_failed_has_a_filter_and_says_why(panel: CaseList) -> None:
    failed = cases()[2]._replace(trouble="The engine had too little memory.")
    panel.set_cases([*cases()[:2], failed])
    chip(panel, "Failed").click()
    assert panel.visible_cases == ("3",)
    index = panel.findChild(QListView).model().index(0, 0)
    assert "too little memory" in index.data(Qt.ItemDataRole.ToolTipRole)
    assert not panel.grab().isNull()


def test_a_note_is_in_the_tip_and_found_by_search(panel: CaseList) -> None:
    panel.set_cases([cases()[0]._replace(note="Ask for the earlier film."), *cases()[1:]])
    panel.findChild(QLineEdit).setText("earlier")
    assert panel.visible_cases == ("1",)
    index = panel.findChild(QListView).model().index(0, 0)
    assert "Ask for the earlier film." in index.data(Qt.ItemDataRole.ToolTipRole)


def test_the_case_on_screen_is_marked_again_when_the_filter_lets_it_through(
    panel: CaseList,
) -> None:
    panel.set_current("2")
    chip(panel, "Reviewed").click()
    assert panel.selected == []
    assert panel.neighbour(-1) == "1"
    chip(panel, "All").click()
    assert panel.selected == ["2"]


def test_only_rows_that_are_seen_have_their_picture_read_and_once(qtbot) -> None:
    asked: list[str] = []
    panel = CaseList(lambda case_id: asked.append(case_id) or png())
    qtbot.addWidget(panel)
    many = [CaseItem(str(n), f"film {n}", "new") for n in range(1000)]
    panel.set_cases(many)
    panel.resize(230, 500)
    panel.show()
    panel.grab()
    assert 0 < len(asked) < 30
    seen = list(asked)
    panel.set_cases([item._replace(status="reviewed") for item in many])
    panel.grab()
    assert asked == seen
    panel.set_current("900")
    panel.grab()
    assert "900" in asked
    assert len(asked) == len(set(asked)) < 60


def test_the_menu_offers_what_fits_the_cases(panel: CaseList) -> None:
    heard: list[list[str]] = []
    panel.group_requested.connect(heard.append)
    panel.set_current("1")
    one = {action.text(): action for action in panel.menu_for(["1"]).actions()}
    assert "Same patient as the film on screen" not in one
    other = {action.text(): action for action in panel.menu_for(["2"]).actions()}
    other["Same patient as the film on screen"].trigger()
    two = {action.text(): action for action in panel.menu_for(["1", "2"]).actions()}
    assert "Open" not in two
    assert "Not of one patient" not in two
    two["Films of one patient"].trigger()
    assert heard == [["2"], ["1", "2"]]
    panel.set_cases([item._replace(films=3) for item in cases()])
    assert "Not of one patient" in {a.text() for a in panel.menu_for(["1"]).actions()}


def test_any_cases_can_be_exported_and_all_that_the_filter_leaves(panel: CaseList) -> None:
    heard: list[list[str]] = []
    panel.export_requested.connect(heard.append)
    view = panel.findChild(QListView)
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert panel.selected == ["1", "2", "3"]
    every = {action.text(): action for action in panel.menu_for(panel.selected).actions()}
    assert not [text for text in every if "shown" in text]  # they are all chosen already
    every["Export…"].trigger()
    panel.findChild(QLineEdit).setText("021")
    shown = list(panel.visible_cases)
    assert len(shown) > 1
    one = {action.text(): action for action in panel.menu_for(shown[:1]).actions()}
    one[f"Export all {len(shown)} shown…"].trigger()
    assert heard == [["1", "2", "3"], shown]


def shown_words(panel: CaseList) -> str:
    """What stands where cases would be."""
    (label,) = panel.findChild(QListView).viewport().findChildren(QLabel)
    return label.text()


def test_an_empty_search_says_so_and_escape_shows_all_again(panel: CaseList) -> None:
    assert shown_words(panel) == ""
    field = panel.findChild(QLineEdit)
    QTest.keyClicks(field, "nothing like it")
    assert "No case has these words" in shown_words(panel)
    QTest.keyClick(field, Qt.Key.Key_Return)  # opens nothing, breaks nothing
    QTest.keyClick(field, Qt.Key.Key_Down)
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert (field.text(), shown_words(panel), len(panel.visible_cases)) == ("", "", 3)
    panel.show_only(Show.FAILED)
    assert shown_words(panel) == "None."
    panel.set_cases([])
    assert shown_words(panel) == ""


def test_enter_in_the_search_opens_the_first_and_down_goes_to_the_list(
    panel: CaseList, qtbot
) -> None:
    heard: list[str] = []
    panel.case_chosen.connect(heard.append)
    field = panel.findChild(QLineEdit)
    panel.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    QTest.keyClicks(field, "0214")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert heard == ["2"]
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert panel.findChild(QListView).hasFocus()
    QTest.keyClick(panel.findChild(QListView), Qt.Key.Key_Return)
    assert heard == ["2", "2"]


def many(number: int = 10_000) -> list[CaseItem]:
    """Cases newest first; every third has a status."""
    statuses = ("new", "in_work", "reviewed")
    return [CaseItem(str(n), f"film {n}", statuses[n % 3]) for n in range(number)]


@pytest.fixture
def long(qtbot) -> CaseList:
    """A list of ten thousand cases on the screen."""
    made = CaseList()
    qtbot.addWidget(made)
    made.resize(230, 500)
    made.show()
    made.set_cases(many())
    return made


def rows_seen(panel: CaseList) -> list[str]:
    """The names in the viewport, from top to bottom."""
    view = panel.findChild(QListView)
    tops = range(2, view.viewport().height(), 60)
    return [view.indexAt(QPoint(20, y)).data() for y in tops if view.indexAt(QPoint(20, y))]


def test_home_and_end_reach_both_ends_of_ten_thousand_cases(long: CaseList) -> None:
    view = long.findChild(QListView)
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_End)
    assert (long.current, rows_seen(long)[-1]) == ("9999", "film 9999")
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert (long.current, rows_seen(long)[0]) == ("0", "film 0")
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
    assert rows_seen(long)[-1] == "film 9999"


class Asked(CaseItem):
    """A case that notes how often the list asked what it says."""

    times = 0

    @property
    def words(self) -> str:
        """What stands in its row."""
        Asked.times += 1
        return super().words


def test_typed_names_are_found_without_asking_each_row_what_it_says(long: CaseList) -> None:
    long.set_cases([Asked(*item) for item in many()])
    view = long.findChild(QListView)
    long.grab()
    seen, Asked.times = Asked.times, 0
    QTest.keyClicks(view, "FILM 99")
    assert long.current == "99"
    QTest.keyClicks(view, "98")
    assert long.current == "9998"
    assert 0 < seen < 100
    assert Asked.times < 100
    QTest.keyClicks(view, "zz")
    assert long.current == "9998"


@pytest.fixture
def each_key_begins_a_word() -> Iterator[None]:
    before = QApplication.keyboardInputInterval()
    QApplication.setKeyboardInputInterval(0)
    yield
    QApplication.setKeyboardInputInterval(before)


@pytest.mark.usefixtures("each_key_begins_a_word")
def test_keys_that_are_typed_go_round_the_end(panel: CaseList) -> None:
    panel.set_current("3")
    for after in ("1", "2", "1"):
        QTest.keyClick(panel.findChild(QListView), Qt.Key.Key_S)
        assert panel.current == after
        QTest.qWait(3)


def test_ten_thousand_chosen_cases_are_told_from_top_to_bottom_and_kept(long: CaseList) -> None:
    view = long.findChild(QListView)
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert long.selected == [str(n) for n in range(10_000)]
    assert "Not of one patient" not in {a.text() for a in long.menu_for(long.selected).actions()}
    long.set_cases([CaseItem("first", "a new one", "new"), *many()])
    assert long.selected == [str(n) for n in range(10_000)]


def test_what_a_filter_hid_is_not_chosen_with_all_that_it_showed(long: CaseList) -> None:
    chip(long, "Reviewed").click()
    view = long.findChild(QListView)
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    reviewed = [str(n) for n in range(2, 10_000, 3)]
    assert long.selected == reviewed
    for title in ("All", "Reviewed", "All"):
        chip(long, title).click()
        assert long.selected == reviewed
    chip(long, "New").click()
    assert long.selected == []


def test_what_is_chosen_stays_chosen_while_ten_thousand_rows_move(long: CaseList) -> None:
    select(long, 1, 3, 4)
    chosen = ["1", "3", "4"]
    changed = many()
    changed[3] = changed[3]._replace(status="reviewed")
    long.set_cases(changed)
    long.set_cases([CaseItem("first", "a new one", "new"), *changed])
    assert long.selected == chosen
    long.sort_by(Order.STATUS)
    assert sorted(long.selected) == chosen
    chip(long, "Reviewed").click()
    assert long.selected == ["3"]  # the others are not shown
    long.set_cases([*changed[:3], *changed[4:]])
    assert long.selected == []
    assert len(long.visible_cases) == 3333


def test_a_case_that_the_filter_no_longer_lets_through_leaves_and_the_choice_stays(
    long: CaseList,
) -> None:
    chip(long, "New").click()
    select(long, 2)
    changed = many()
    changed[0] = changed[0]._replace(status="reviewed")
    long.set_cases(changed)
    assert long.visible_cases[:2] == ("3", "6")
    assert long.selected == ["6"]
    assert rows_seen(long)[:2] == ["film 3", "film 6"]


def test_rows_are_chosen_and_never_edited(panel: CaseList) -> None:
    model = panel.findChild(QListView).model()
    flags = model.flags(model.index(0, 0))
    assert flags & Qt.ItemFlag.ItemIsSelectable
    assert not flags & Qt.ItemFlag.ItemIsEditable


def test_a_changed_case_is_the_only_row_drawn_again(long: CaseList, qtbot) -> None:
    told: list[int] = []
    model = long.findChild(QListView).model()
    model.dataChanged.connect(lambda first, last: told.extend((first.row(), last.row())))
    changed = many()
    changed[7] = changed[7]._replace(status="reviewed")
    with qtbot.assertNotEmitted(model.layoutChanged):
        long.set_cases(changed)
    assert told == [7, 7]
