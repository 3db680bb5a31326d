"""A job in the status line: what it does, how far, how long to go, and Cancel."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

LEAST_SHARE_FOR_ETA = 0.03
LEAST_SECONDS_FOR_ETA = 1.0
BAR_PX = 130
LEAST_PX = 16


def time_left(seconds: float, *, share: float) -> float | None:
    """Seconds to go, when `share` of the work took `seconds`; None while nobody can know."""
    if share < LEAST_SHARE_FOR_ETA or seconds < LEAST_SECONDS_FOR_ETA:
        return None
    return seconds * (1.0 - share) / share


def in_words(seconds: float) -> str:
    """A rounded time to go."""
    if seconds < 1.5:
        return "a moment left"
    if seconds < 90:
        return f"{seconds:.0f} s left"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min left"
    return f"{seconds / 3600:.1f} h left"


class JobStatus(QWidget):
    """Shows one job at a time; hidden while there is none."""

    cancelled = Signal()

    def __init__(
        self, parent: QWidget | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        self._began: float | None = None
        self._stage = QLabel()
        self._left = QLabel()
        self._bar = QProgressBar(textVisible=False)
        self._bar.setMaximumWidth(BAR_PX)
        for part in (self._stage, self._bar, self._left):  # a job must not widen the window
            part.setMinimumWidth(LEAST_PX)
        self._cancel = QPushButton("Cancel")
        self._cancel.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._cancel.setStyleSheet("padding: 2px 10px;")
        self._cancel.clicked.connect(self._ask_cancel)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(8)
        for widget in (self._stage, self._bar, self._left, self._cancel):
            row.addWidget(widget)
        row.addStretch(1)
        self.hide()

    @property
    def text(self) -> str:
        """What is said, in one line."""
        return "  ".join(part for part in (self._stage.text(), self._left.text()) if part)

    def show_progress(self, done: int, total: int, stage: str) -> None:
        """How far the job is; a total of 0 is not known."""
        if self._began is None or done == 0:
            self._began = self._clock()
        self._bar.setRange(0, max(total, 0))
        self._bar.setValue(done)
        share = done / total if total > 0 else 0.0
        left = time_left(self._clock() - self._began, share=share)
        self._left.setText("" if left is None else in_words(left))
        self._show(stage)

    def show_busy(self, stage: str) -> None:
        """Something is being done and nobody knows how long."""
        self._began = None
        self._bar.setRange(0, 0)
        self._left.setText("")
        self._show(stage)

    def show_end(self, words: str) -> None:
        """How the job ended; until another begins or `clear`."""
        self.clear()
        self._show(words)
        self._left.setText("")
        self._bar.hide()
        self._cancel.hide()

    def clear(self) -> None:
        """There is no job."""
        self._began = None
        self._cancel.setEnabled(True)
        self._cancel.setText("Cancel")
        self.hide()

    def _show(self, stage: str) -> None:
        if self.isHidden():
            self._cancel.setEnabled(True)
            self._cancel.setText("Cancel")
        self._stage.setText(stage)
        self.setAccessibleName(f"Job: {stage}")
        for part in (self._bar, self._cancel):
            part.show()
        self.show()

    def _ask_cancel(self) -> None:
        self._cancel.setEnabled(False)
        self._cancel.setText("Cancelling…")
        self.cancelled.emit()
