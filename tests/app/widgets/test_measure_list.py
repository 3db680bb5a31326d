"""The small list of measures."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListWidget, QToolButton

from app.widgets.measure_list import MeasureList, MeasureRow

ROWS = (MeasureRow("a", "Line", "84.2 px", "how"), MeasureRow("b", "hip", "42.1°"))


@pytest.fixture
def listed(qtbot) -> MeasureList:
    made = MeasureList()
    qtbot.addWidget(made)
    made.set_rows(ROWS, selected="b", grid="")
    made.show()
    qtbot.waitExposed(made)
    return made


def rows_of(listed: MeasureList) -> QListWidget:
    return listed.findChild(QListWidget)


def test_it_says_names_and_readings_and_shows_what_is_selected(listed: MeasureList) -> None:
    assert listed.texts == ("Line   84.2 px", "hip   42.1°")
    assert rows_of(listed).currentRow() == 1
    assert rows_of(listed).item(0).toolTip() == "how"


def test_it_is_hidden_while_there_is_nothing(listed: MeasureList) -> None:
    listed.set_rows((), selected=None, grid="")
    assert listed.isHidden()
    listed.set_rows((), selected=None, grid="Lengths by hand: user: 25 mm drawn")
    assert not listed.isHidden()


def test_showing_a_selection_is_no_choice_of_a_person(listed: MeasureList, qtbot) -> None:
    with qtbot.assertNotEmitted(listed.chosen):
        listed.set_rows(ROWS, selected="a", grid="")
        listed.set_rows(ROWS[:1], selected=None, grid="")


def test_a_click_chooses_keys_choose_remove_and_rename(listed: MeasureList, qtbot) -> None:
    rows = rows_of(listed)
    at = rows.visualItemRect(rows.item(0)).center()
    with qtbot.waitSignal(listed.chosen) as chosen:
        QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert chosen.args == ["a"]
    with qtbot.waitSignal(listed.chosen) as chosen:
        QTest.keyClick(rows, Qt.Key.Key_Down)
    assert chosen.args == ["b"]
    with qtbot.waitSignal(listed.remove_requested) as removed:
        QTest.keyClick(rows, Qt.Key.Key_Delete)
    assert removed.args == ["b"]
    with qtbot.waitSignal(listed.rename_requested) as renamed:
        QTest.keyClick(rows, Qt.Key.Key_F2)
    assert renamed.args == ["b"]


def test_copy_is_asked_for(listed: MeasureList, qtbot) -> None:
    with qtbot.waitSignal(listed.copy_requested):
        listed.findChild(QToolButton).click()
