"""The history strip by mouse, wheel and keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.widgets.history_strip import HistoryStrip, StripItem


def item(
    name: str, *, parent: str | None = None, lane: int = 0, current: bool = False
) -> StripItem:
    """A point of the history."""
    return StripItem(
        id=name,
        label=name,
        tooltip=name,
        current=current,
        lane=lane,
        kind="person",
        parent=parent,
    )


ITEMS = (
    item("found"),
    item("a", parent="found"),
    item("b", parent="a", current=True),
    item("c", parent="b"),
    item("other", parent="a", lane=1),
    item("further", parent="other", lane=1),
)


@pytest.fixture
def strip(qtbot) -> HistoryStrip:
    """A strip that shows a history with a branch."""
    made = HistoryStrip()
    qtbot.addWidget(made)
    made.set_items(ITEMS)
    made.resize(260, made.height())
    made.show()
    return made


@pytest.fixture
def chosen(strip: HistoryStrip) -> list[str]:
    """What was chosen, in order."""
    heard: list[str] = []
    strip.chosen.connect(heard.append)
    return heard


def drag(strip: HistoryStrip, at: QPointF) -> None:
    """Move with the left button down."""
    spot = QPointF(at.toPoint())
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QMouseEvent(
        QEvent.Type.MouseMove, spot, strip.mapToGlobal(spot), Qt.MouseButton.NoButton, left, none
    )
    QApplication.sendEvent(strip, event)


def press(strip: HistoryStrip, at: QPointF) -> None:
    """Press the left button."""
    none = Qt.KeyboardModifier.NoModifier
    QTest.mousePress(strip, Qt.MouseButton.LeftButton, none, at.toPoint())


def turn(strip: HistoryStrip, delta: int) -> None:
    """Turn the wheel."""
    event = QWheelEvent(
        QPointF(5, 5),
        strip.mapToGlobal(QPointF(5, 5)),
        QPoint(),
        QPoint(0, delta),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(strip, event)


def test_branches_lie_in_rows_and_time_runs_right(strip: HistoryStrip) -> None:
    places = {one.id: strip.position_of(one.id) for one in ITEMS}
    line = [places[name] for name in ("found", "a", "b", "c")]
    assert len({at.y() for at in line}) == 1
    assert sorted(at.x() for at in line) == [at.x() for at in line]
    assert places["other"].y() > places["a"].y()
    assert places["other"].x() == places["b"].x(), "both come right after a"
    assert all(strip.rect().contains(at.toPoint()) for at in places.values())


def test_a_click_chooses_and_a_click_beside_does_not(
    strip: HistoryStrip, chosen: list[str]
) -> None:
    press(strip, QPointF(250, 3))
    assert chosen == []
    press(strip, strip.position_of("other"))
    assert chosen == ["other"]


def test_dragging_scrubs_through_each_point_once(strip: HistoryStrip, chosen: list[str]) -> None:
    press(strip, strip.position_of("found"))
    for name in ("a", "a", "b", "c", "c", "b"):
        drag(strip, strip.position_of(name))
    assert chosen == ["found", "a", "b", "c", "b"]


def test_the_wheel_goes_back_and_forth_and_adds_up_small_turns(
    strip: HistoryStrip, chosen: list[str]
) -> None:
    turn(strip, 60)
    assert chosen == []
    turn(strip, 60)
    assert chosen == ["a"]
    turn(strip, -240)
    assert chosen == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ([Qt.Key.Key_Left], ["a"]),
        ([Qt.Key.Key_Right, Qt.Key.Key_Right], ["c"]),
        ([Qt.Key.Key_Home], ["found"]),
        ([Qt.Key.Key_End], ["c"]),
        ([Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Left], ["other", "further", "other"]),
        ([Qt.Key.Key_Up], []),
    ],
)
def test_keys_walk(
    strip: HistoryStrip, chosen: list[str], keys: list[Qt.Key], expected: list[str]
) -> None:
    for key in keys:
        QTest.keyClick(strip, key)
    assert chosen == expected


def test_items_without_parents_line_up_in_their_lane(strip: HistoryStrip) -> None:
    strip.set_items((item("1"), item("2", current=True), item("x", lane=1), item("3")))
    xs = [strip.position_of(name).x() for name in ("1", "2", "3")]
    assert xs == sorted(xs)


def test_a_long_history_keeps_the_current_point_in_sight(strip: HistoryStrip) -> None:
    for now in (0, 90, 199):
        strip.set_items([item(str(n), current=n == now) for n in range(200)])
        assert strip.rect().contains(strip.position_of(str(now)).toPoint())


def test_an_empty_history_can_be_pressed_and_walked(strip: HistoryStrip, chosen: list[str]) -> None:
    strip.set_items(())
    press(strip, QPointF(20, 14))
    QTest.keyClick(strip, Qt.Key.Key_Left)
    QTest.keyClick(strip, Qt.Key.Key_End)
    turn(strip, 240)
    strip.grab()
    assert chosen == []
    assert "empty" in strip.accessibleDescription()
