"""Nothing that is said is lost because something else was said after it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QPushButton, QToolButton, QWidget

from app.widgets.messages import NOTHING, MessagesSheet
from app.widgets.toast import MOST_VISIBLE, Offer, Toast, _Card

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def ground(qtbot) -> QWidget:
    """A page for messages."""
    page = QWidget()
    qtbot.addWidget(page)
    page.resize(700, 700)
    page.show()
    return page


def cards(toast: Toast) -> list[_Card]:
    """What is in sight, from top to bottom."""
    toast.layout().activate()
    seen = [card for card in toast.findChildren(_Card) if card.isVisible()]
    return sorted(seen, key=lambda card: card.y())


def headings(toast: Toast) -> list[str]:
    return [card.message.heading for card in cards(toast)]


def test_a_message_says_all_and_lies_within_its_page(ground: QWidget) -> None:
    toast = Toast(ground)
    assert not toast.isVisible()
    toast.show_message("This film cannot be read.", "It ends early. Open another.")
    assert toast.isVisible()
    assert toast.text == "This film cannot be read. It ends early. Open another."
    assert ground.rect().contains(toast.geometry())
    ground.resize(300, 400)
    QTest.qWait(1)
    assert ground.rect().contains(toast.geometry())


def test_two_refusals_at_once_are_both_read(ground: QWidget) -> None:
    toast = Toast(ground)
    toast.show_message("“a.png” cannot be read.", "It ends early.")
    toast.show_message("“b.png” cannot be read.", "It is no film.")
    assert headings(toast) == ["“a.png” cannot be read.", "“b.png” cannot be read."]
    first, second = cards(toast)
    assert first.geometry().bottom() < second.geometry().top()
    assert ground.rect().contains(toast.geometry())
    assert "It ends early." in toast.text
    assert "It is no film." in toast.text


def test_equal_messages_are_counted(ground: QWidget) -> None:
    toast = Toast(ground)
    for _ in range(3):
        toast.show_message("The disk is full.")
        toast.show_message("Angles copied.")
    assert headings(toast) == ["The disk is full.  ×3", "Angles copied.  ×3"]
    toast.show_message("The disk is full.")
    assert headings(toast) == ["Angles copied.  ×3", "The disk is full.  ×4"]
    toast.show_message("The disk is full.", "Another reason.")
    assert headings(toast)[-1] == "The disk is full."


def test_more_wait_until_one_has_gone(ground: QWidget) -> None:
    toast = Toast(ground)
    for number in range(MOST_VISIBLE + 2):
        toast.show_message(f"Message {number}.")
    toast.show_message("Message 4.")
    assert headings(toast) == ["Message 0.", "Message 1.", "Message 2."]
    cards(toast)[0].clock.timeout.emit()
    assert headings(toast) == ["Message 1.", "Message 2.", "Message 3."]
    assert all(card.clock.isActive() for card in cards(toast))
    cards(toast)[1].clock.timeout.emit()
    assert headings(toast) == ["Message 1.", "Message 3.", "Message 4.  ×2"]


def test_what_answers_a_person_is_never_late(ground: QWidget) -> None:
    toast = Toast(ground)
    toast.show_message("A refusal.")
    for number in range(4):
        toast.show_message(f"Exported {number}.", is_passing=True)
    assert headings(toast) == ["A refusal.", "Exported 2.", "Exported 3."]
    toast.show_message("Another refusal.")
    toast.dismiss()
    for number in range(MOST_VISIBLE):
        toast.show_message(f"Refusal {number}.")
    toast.show_message("Exported.", is_passing=True)
    assert headings(toast)[-1] == "Exported."
    assert "Exported 0." in [message.what for message in toast.said]


def test_nobody_reads_for_minutes(ground: QWidget) -> None:
    toast = Toast(ground)
    for number in range(50):
        toast.show_message(f"“{number}.png” cannot be read.")
    cards(toast)[0].clock.timeout.emit()
    assert headings(toast)[-1] == "47 more messages."
    assert toast.dismiss()
    assert not toast.isVisible()
    assert [message.what for message in toast.said] == [
        f"“{number}.png” cannot be read." for number in range(50)
    ]


def test_esc_closes_what_is_in_sight_and_the_next_ones_come(ground: QWidget) -> None:
    toast = Toast(ground)
    assert not toast.dismiss()
    for number in range(4):
        toast.show_message(f"Message {number}.")
    assert toast.dismiss()
    assert headings(toast) == ["Message 3."]
    assert toast.dismiss()
    assert not toast.isVisible()
    assert not toast.dismiss()


def test_a_low_page_shows_one_long_message_after_the_other(ground: QWidget) -> None:
    ground.resize(400, 220)
    toast = Toast(ground)
    for number in range(3):
        toast.show_message(f"Message {number}.", "Many words. " * 20)
    assert headings(toast) == ["Message 0."]
    cards(toast)[0].clock.timeout.emit()
    assert headings(toast) == ["Message 1."]


@pytest.mark.parametrize("by_button", [True, False])
def test_a_message_goes_by_a_click_and_others_stay(ground: QWidget, by_button: bool) -> None:
    toast = Toast(ground)
    toast.show_message("Gone soon.")
    toast.show_message("Stays.")
    first = cards(toast)[0]
    target = first.findChild(QToolButton) if by_button else first
    QTest.mouseClick(target, LEFT, Qt.KeyboardModifier.NoModifier, QPoint(5, 5))
    assert headings(toast) == ["Stays."]


def test_a_message_goes_by_itself_and_a_longer_one_stays_longer(ground: QWidget) -> None:
    toast = Toast(ground)
    toast.show_message("Short.")
    toast.show_message("Much longer than that.", "Because there is more to read in it. Read.")
    short, long = cards(toast)
    assert long.clock.interval() > short.clock.interval()
    assert long.clock.isActive()
    for card in (short, long):
        card.clock.timeout.emit()
    assert not toast.isVisible()


def test_whoever_points_at_messages_still_reads(ground: QWidget) -> None:
    toast = Toast(ground)
    toast.show_message("One.")
    toast.show_message("Two.")
    at = QPointF(5, 5)
    QApplication.sendEvent(toast, QEnterEvent(at, at, at))
    assert not any(card.clock.isActive() for card in cards(toast))
    QApplication.sendEvent(toast, QEvent(QEvent.Type.Leave))
    assert all(card.clock.isActive() for card in cards(toast))


def test_all_that_was_said_can_be_read_again_newest_first(ground: QWidget, qtbot) -> None:
    toast = Toast(ground)
    for what in ("First.", "Second.", "Second.", "First."):
        toast.show_message(what, f"Why {what.lower()}")
    sheet = MessagesSheet(toast.said)
    qtbot.addWidget(sheet)
    lines = sheet.findChild(QPlainTextEdit).toPlainText().splitlines()
    assert [line[11:] for line in lines[::3]] == ["First.", "Second.  ×2", "First."]
    assert lines[1::3] == ["Why first.", "Why second.", "Why first."]


def test_a_silent_sitting_has_a_word_too(qtbot) -> None:
    sheet = MessagesSheet(())
    qtbot.addWidget(sheet)
    assert sheet.findChild(QPlainTextEdit).toPlainText() == NOTHING


def test_a_message_can_offer_a_deed_which_goes_with_it(ground: QWidget) -> None:
    toast, done = Toast(ground), []
    toast.show_message("Corners came in.", offer=Offer("Pin all", lambda: done.append("pinned")))
    (button,) = (one for one in toast.findChildren(QPushButton) if one.isVisible())
    assert button.text() == "Pin all"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert done == ["pinned"]
    assert not toast.isVisible()
    toast.show_message("Something else.")
    assert not any(one.isVisible() for one in toast.findChildren(QPushButton))
