"""A message over a page: what happened, why, what to do; goes by itself or by a click."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QEnterEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from app.widgets.words import Words

WIDEST, NARROWEST = 300, 200
FROM_BOTTOM, FROM_LEFT = 60, 16
MIDDLE = 80
"""So much beside the middle of the page stays free: there stands the column."""
LEAST_MS = 4000
MS_PER_LETTER = 55


class Toast(QFrame):
    """Lies in a lower corner of its parent, where a film has no column to cover.

    Never takes the focus: Esc is the window's.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("toast")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._what, self._more = _label("heading"), _label("secondary")
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
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self._clock = QTimer(self, singleShot=True)
        self._clock.timeout.connect(self.hide)
        parent.installEventFilter(self)
        self.hide()

    def show_message(self, what: str, why: str = "", remedy: str = "") -> None:
        """Say something, long enough to be read; a newer message takes the place of an older."""
        more = " ".join(part for part in (why, remedy) if part)
        self._what.setText(what)
        self._more.setText(more)
        self._more.setVisible(bool(more))
        self.setAccessibleName(f"{what} {more}".strip())
        self._settle()
        self.show()
        self.raise_()
        self._clock.start(LEAST_MS + MS_PER_LETTER * len(what + more))

    @property
    def text(self) -> str:
        """All that is said."""
        return self.accessibleName()

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
        """Take the width there is, the height the words need, and a place in the corner."""
        room = self._ground.width()
        beside = min(WIDEST, max(room // 2 - MIDDLE - FROM_LEFT, NARROWEST))
        width = min(beside, max(room - 2 * FROM_LEFT, 160))
        self.setFixedWidth(width)
        height = self._row.heightForWidth(width)
        self.resize(width, height if height > 0 else self.sizeHint().height())
        top = self._ground.height() - self.height() - FROM_BOTTOM
        self.move(FROM_LEFT, top)


def _label(name: str) -> QLabel:
    label = Words()
    label.setObjectName(name)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
