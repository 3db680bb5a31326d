"""Messages over a page: what happened, why, what to do; each goes by itself or by a click."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QMouseEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.widgets.words import Words

WIDEST, NARROWEST = 300, 200
FROM_BOTTOM, FROM_LEFT = 60, 16
GAP = 8
MIDDLE = 80
"""So much beside the middle of the page stays free: there stands the column."""
LEAST_MS = 4000
MS_PER_LETTER = 55
MOST_VISIBLE = 3
MOST_KEPT = 500
WHERE_ALL_ARE = "Help › Messages lists all of this sitting."


@dataclass(frozen=True)
class Offer:
    """Something that a message offers to do."""

    words: str
    run: Callable[[], object]


@dataclass(frozen=True)
class Message:
    """Something that was said.

    Args:
        more: why, and what to do.
        times: how often it was said in a row.
        at: when it was said last, in seconds since the epoch.
        is_passing: answers what a person just did: shown at once, and may make room for the next.
        offer: what a button in it does; the message goes with it.
    """

    what: str
    more: str = ""
    times: int = 1
    at: float = 0.0
    is_passing: bool = False
    offer: Offer | None = None

    @property
    def heading(self) -> str:
        """What, and how often."""
        return self.what if self.times == 1 else f"{self.what}  ×{self.times}"

    @property
    def text(self) -> str:
        """All of it."""
        return f"{self.heading} {self.more}".strip()

    def is_like(self, other: Message) -> bool:
        """Whether it says the same."""
        return (self.what, self.more) == (other.what, other.more)

    def again(self, later: Message) -> Message:
        """Said once more."""
        return replace(self, times=self.times + later.times, at=later.at, offer=later.offer)


class Toast(QWidget):
    """Lies in a lower corner of its parent, where a film has no column to cover.

    Never takes the focus: Esc is the window's.

    A few messages are in sight, the newest lowest; more wait until one has gone. Where many wait,
    one message says how many: nobody reads for minutes.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._ground = parent
        self._cards: list[_Card] = []
        self._waiting: list[Message] = []
        self._said: deque[Message] = deque(maxlen=MOST_KEPT)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GAP)
        parent.installEventFilter(self)
        self.hide()

    def show_message(
        self,
        what: str,
        more: str = "",
        *,
        is_passing: bool = False,
        offer: Offer | None = None,
    ) -> None:
        """Say something, long enough to be read, or count it where it is there already."""
        message = Message(what, more, at=time.time(), is_passing=is_passing, offer=offer)
        if self._said and self._said[-1].is_like(message):
            self._said[-1] = self._said[-1].again(message)
        else:
            self._said.append(message)
        self._count_in(message)
        self._admit()

    @property
    def text(self) -> str:
        """All that is in sight."""
        return " ".join(card.message.text for card in self._cards)

    @property
    def said(self) -> tuple[Message, ...]:
        """All that was said, the oldest first."""
        return tuple(self._said)

    def dismiss(self) -> bool:
        """Close what is in sight; False where there is nothing."""
        was_there = bool(self._cards)
        for card in tuple(self._cards):
            self._drop(card)
        self._admit()
        return was_there

    def enterEvent(self, event: QEnterEvent) -> None:
        """Whoever points at a message still reads."""
        for card in self._cards:
            card.clock.stop()

    def leaveEvent(self, event: QEvent) -> None:
        for card in self._cards:
            card.clock.start(LEAST_MS)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._settle()
        return super().eventFilter(watched, event)

    def _count_in(self, message: Message) -> None:
        for card in self._cards:
            if card.message.is_like(message):
                card.say(card.message.again(message))
                self._lay_lowest(card)
                return
        for place, waiting in enumerate(self._waiting):
            if waiting.is_like(message):
                self._waiting[place] = waiting.again(message)
                return
        if message.is_passing:
            self._make_room()
            self._show(message)
        else:
            self._waiting.append(message)

    def _make_room(self) -> None:
        """The oldest passing message goes early."""
        passing = [card for card in self._cards if card.message.is_passing]
        if passing and not self._has_room:
            self._drop(passing[0])

    @property
    def _has_room(self) -> bool:
        is_low = self.height() + GAP <= self._ground.height() // 2
        return not self._cards or (len(self._cards) < MOST_VISIBLE and is_low)

    def _admit(self) -> None:
        """Show what waits, as far as there is room."""
        while self._waiting and self._has_room:
            if len(self._waiting) > MOST_VISIBLE:
                count = sum(message.times for message in self._waiting)
                self._waiting = [Message(f"{count} more messages.", WHERE_ALL_ARE)]
            self._show(self._waiting.pop(0))

    def _show(self, message: Message) -> None:
        card = _Card(self, message)
        card.closed.connect(self._close)
        card.show()
        self._lay_lowest(card)

    def _lay_lowest(self, card: _Card) -> None:
        """Where the newest is looked for."""
        self._cards = [*(other for other in self._cards if other is not card), card]
        self._column.removeWidget(card)
        self._column.addWidget(card)
        self._settle()

    def _close(self, card: _Card) -> None:
        self._drop(card)
        self._admit()

    def _drop(self, card: _Card) -> None:
        if card in self._cards:
            self._cards.remove(card)
            self._column.removeWidget(card)
            card.clock.stop()
            card.hide()
            card.deleteLater()
        self._settle()

    def _settle(self) -> None:
        """Take the width there is, the height the words need, and a place in the corner."""
        self.setVisible(bool(self._cards))
        room = self._ground.width()
        beside = min(WIDEST, max(room // 2 - MIDDLE - FROM_LEFT, NARROWEST))
        width = min(beside, max(room - 2 * FROM_LEFT, 160))
        heights = [card.take_width(width) for card in self._cards]
        self.setFixedSize(width, sum(heights) + GAP * max(len(heights) - 1, 0))
        top = self._ground.height() - self.height() - FROM_BOTTOM
        self.move(FROM_LEFT, top)
        self.raise_()


class _Card(QFrame):
    """One message; closes by itself, by a click or by its button."""

    closed = Signal(object)  # itself

    def __init__(self, parent: QWidget, message: Message) -> None:
        super().__init__(parent)
        self.setObjectName("toast")
        self._what, self._more = _label("heading"), _label("secondary")
        self._button = QPushButton(self)
        self._button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._button.clicked.connect(self._take_offer)
        close = QToolButton(self)
        close.setText("✕")
        close.setAccessibleName("Close message")
        close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        close.clicked.connect(self._end)
        words = QVBoxLayout()
        words.setSpacing(3)
        words.addWidget(self._what)
        words.addWidget(self._more)
        words.addWidget(self._button, 0, Qt.AlignmentFlag.AlignLeft)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(16, 11, 8, 12)
        row.addLayout(words, 1)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self.clock = QTimer(self, singleShot=True)
        self.clock.timeout.connect(self._end)
        self.say(message)

    def say(self, message: Message) -> None:
        """Show a message, from now on long enough to be read."""
        self.message = message
        self._what.setText(message.heading)
        self._more.setText(message.more)
        self._more.setVisible(bool(message.more))
        self._button.setText(message.offer.words if message.offer else "")
        self._button.setVisible(message.offer is not None)
        self.setAccessibleName(message.text)
        self.clock.start(LEAST_MS + MS_PER_LETTER * len(message.text))

    def take_width(self, width: int) -> int:
        """Be so wide, and as high as the words need then; that height."""
        height = self._row.heightForWidth(width)
        self.setFixedSize(width, height if height > 0 else self.sizeHint().height())
        return self.height()

    def _take_offer(self) -> None:
        offer = self.message.offer
        self._end()
        if offer is not None:
            offer.run()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._end()

    def _end(self) -> None:
        self.closed.emit(self)


def _label(name: str) -> QLabel:
    label = Words()
    label.setWordWrap(True)
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
