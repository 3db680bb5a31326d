"""All that was said this sitting, to be read again."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtWidgets import QDialog, QPlainTextEdit, QVBoxLayout, QWidget

from app.widgets.pieces import close_row
from app.widgets.toast import Message

NOTHING = "Nothing was said yet."


class MessagesSheet(QDialog):
    """The messages, the newest first; nothing of them is kept beyond the sitting."""

    def __init__(self, messages: Sequence[Message], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Messages of this sitting")
        self.resize(720, 480)
        text = QPlainTextEdit(readOnly=True)
        text.setAccessibleName("Messages")
        text.setPlainText("\n\n".join(map(_words, reversed(messages))) or NOTHING)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 18, 20, 14)
        box.setSpacing(12)
        box.addWidget(text)
        box.addWidget(close_row(self))


def _words(message: Message) -> str:
    clock = time.strftime("%H:%M:%S", time.localtime(message.at))
    return "\n".join(part for part in (f"{clock}   {message.heading}", message.more) if part)
