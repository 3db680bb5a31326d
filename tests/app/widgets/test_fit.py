"""What is larger than its room scrolls; dialogs stay on their screen."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget
from pytestqt.qtbot import QtBot

from app.widgets.fit import Scrolled, resize_on_screen


@pytest.mark.parametrize("keeps", [None, *Qt.Orientation])
def test_a_large_widget_scrolls_but_in_the_direction_it_keeps(
    qtbot: QtBot, keeps: Qt.Orientation | None
) -> None:
    inner = QWidget()
    inner.setMinimumSize(400, 300)
    area = Scrolled(inner, keeps=keeps)
    qtbot.addWidget(area)
    least = area.minimumSizeHint()
    assert (least.width() >= 400) == (keeps is Qt.Orientation.Horizontal)
    assert (least.height() >= 300) == (keeps is Qt.Orientation.Vertical)
    area.resize(least)
    area.show()
    qtbot.waitExposed(area)
    assert inner.width() >= 400
    assert inner.height() >= 300
    assert (area.horizontalScrollBar().maximum() > 0) == (keeps is not Qt.Orientation.Horizontal)
    assert (area.verticalScrollBar().maximum() > 0) == (keeps is not Qt.Orientation.Vertical)


def test_a_dialog_is_no_larger_than_its_screen(qtbot: QtBot) -> None:
    dialog = QDialog()
    qtbot.addWidget(dialog)
    resize_on_screen(dialog, 300, 200)
    assert dialog.size().toTuple() == (300, 200)
    resize_on_screen(dialog, 100_000, 200)
    assert dialog.width() < dialog.screen().availableGeometry().width()
    assert dialog.height() == 200
