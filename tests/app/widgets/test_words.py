"""Words that no line holds."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from app.widgets.words import BREAK, Words


def test_a_long_name_goes_on_in_the_next_line(qtbot: QtBot) -> None:
    label = Words()
    qtbot.addWidget(label)
    label.setWordWrap(True)
    label.setText("a_name_without_any_blank_" * 4)
    assert label.minimumSizeHint().width() < 300
    assert label.heightForWidth(300) > 2 * label.fontMetrics().height()
    assert label.text().replace(BREAK, "") == "a_name_without_any_blank_" * 4


def test_short_words_are_left_alone(qtbot: QtBot) -> None:
    label = Words()
    qtbot.addWidget(label)
    label.setText("Exported one.pdf.")
    assert label.text() == "Exported one.pdf."
