"""A message over a page: what happened, why, what to do; goes by itself or by a click."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QEnterEvent, QMouseEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.widgets.pieces import quiet_label

WIDEST = 560
FROM_BOTTOM = 44
LEAST_MS = 4000
MS_PER_LETTER = 55


@dataclass(frozen=True)
class Offer:
    """Something that a message offers to do."""

    words: str
    run: Callable[[], object]


class Toast(QFrame):
    """Lies at the bottom of its parent; never takes the focus: Esc is the window's."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("toast")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._what, self._more = quiet_label(), quiet_label()
        self._what.setObjectName("heading")
        for label in (self._what, self._more):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._offer: Offer | None = None
        self._button = QPushButton(self)
        self._button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._button.clicked.connect(self._take_offer)
        close = QToolButton(self)
        close.setText("✕")
        close.setAccessibleName("Close message")
        close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        close.clicked.connect(self.hide)
        words = QVBoxLayout()
        words.setSpacing(3)
        words.addWidget(self._what)
        words.addWidget(self._more)
        self._ground = parent
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(16, 11, 8, 12)
        row.addLayout(words, 1)
        row.addWidget(self._button, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self._clock = QTimer(self, singleShot=True)
        self._clock.timeout.connect(self.hide)
        parent.installEventFilter(self)
        self.hide()

    def show_message(
        self, what: str, why: str = "", remedy: str = "", *, offer: Offer | None = None
    ) -> None:
        """Say something, long enough to be read; a newer message takes the place of an older."""
        more = " ".join(part for part in (why, remedy) if part)
        self._what.setText(what)
        self._more.setText(more)
        self._more.setVisible(bool(more))
        self._offer = offer
        self._button.setText(offer.words if offer else "")
        self._button.setVisible(offer is not None)
        self.setAccessibleName(f"{what} {more}".strip())
        self._settle()
        self.show()
        self.raise_()
        self._clock.start(LEAST_MS + MS_PER_LETTER * len(what + more))

    @property
    def text(self) -> str:
        """All that is said."""
        return self.accessibleName()

    def _take_offer(self) -> None:
        self.hide()
        if self._offer is not None:
            self._offer.run()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.hide()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Whoever points at a message still reads it."""
        self._clock.stop()

    def leaveEvent(self, event: QEvent) -> None:
        if self.isVisible():
            self._clock.start(LEAST_MS)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._settle()
        return super().eventFilter(watched, event)

    def _settle(self) -> None:
        """Take the width there is, the height the words need, and a place at the bottom."""
        width = min(WIDEST, max(self._ground.width() - 32, 160))
        self.setFixedWidth(width)
        height = self._row.heightForWidth(width)
        self.resize(width, height if height > 0 else self.sizeHint().height())
        top = self._ground.height() - self.height() - FROM_BOTTOM
        self.move((self._ground.width() - width) // 2, top)
