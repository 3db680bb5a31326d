"""The line at the bottom: the engine, the queue, what is saved, the job under way."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QStatusBar, QToolButton

from app.widgets.job_status import JobStatus
from inference.contracts import EngineState, EngineStatus, Progress

LEAST_PX = 16
RESEARCH_USE = "RESEARCH USE ONLY, not for diagnosis"


class StatusLine(QStatusBar):
    """Says what is true now; `saved` only after a commit."""

    cancelled = Signal()
    queue_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setSizeGripEnabled(False)
        self._engine, self._saved = QLabel("○ engine starting"), QLabel("")
        self._queue = QToolButton()
        self._queue.setText("queue 0")
        self._queue.setToolTip("Show what is being analysed")
        self._queue.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._queue.clicked.connect(self.queue_asked)
        self._is_typing = self._is_in_trouble = self._waits = False
        self.busy_words = ""  # what the case on screen waits for
        self._job = JobStatus()
        self._job.cancelled.connect(self.cancelled)
        research = QLabel(RESEARCH_USE)
        research.setObjectName("research")
        for label in (self._engine, self._saved):
            label.setMinimumWidth(LEAST_PX)  # on a small screen the job under way needs the room
        for widget in (self._engine, self._queue, self._saved):
            self.addWidget(widget)
        self.addWidget(self._job, 1)
        self.addPermanentWidget(research)

    @Slot(object)
    def tell_engine(self, state: EngineState) -> None:
        """What the engine is doing."""
        dot = "●" if state.status in (EngineStatus.READY, EngineStatus.BUSY) else "○"
        self._engine.setText(f"{dot} {state.device or 'engine'} · {state.status}")
        self._engine.setToolTip(state.why)

    def tell_queue(self, words: str) -> None:
        """How many films are being analysed."""
        self._queue.setText(words)

    @Slot(bool)
    def tell_typing(self, is_typing: bool) -> None:
        """Something is typed that the library was not given yet: nothing is called saved."""
        self._is_typing = is_typing
        if is_typing:
            self._saved.setText("saving…")

    def tell_saving(self) -> None:
        """A change waits: nothing is called saved; a trouble stays until something lands."""
        if not self._is_in_trouble:
            self._saved.setText("saving…")

    @Slot(float)
    def tell_saved(self, seconds: float) -> None:
        """Everything is committed."""
        self._is_in_trouble = False
        if self._is_typing:
            return
        self._saved.setText(f"saved {time.strftime('%H:%M:%S', time.localtime(seconds))}")

    def tell_read_only(self, why: str) -> None:
        """Nothing will be saved in this window."""
        self._saved.setText("read only")
        self._saved.setToolTip(why)

    @Slot(str)
    def tell_save_trouble(self, why: str) -> None:
        """A change has not landed yet, or never will."""
        self._is_in_trouble = True
        self._saved.setText(f"NOT SAVED: {why}")
        self._saved.setToolTip(why)

    @Slot(object)
    def tell_progress(self, progress: Progress) -> None:
        """How far the case on screen is."""
        self._job.show_progress(progress.done, progress.total, progress.stage)

    @Slot(bool)
    def tell_busy(self, busy: bool) -> None:
        """Whether the case on screen waits for an answer."""
        self._waits = busy
        self._tell_job(self.busy_words if busy else "")

    def tell_cancelled(self, more: str) -> None:
        """What the case on screen waited for was given up."""
        self._job.show_end(f"Cancelled. {more}".strip())

    @Slot(int, int)
    def tell_reading(self, done: int, total: int) -> None:
        """How many files were read; a single one is not worth a word."""
        if total > 1:
            self._job.show_progress(done, total, f"Reading file {done + 1} of {total}")

    @Slot(int)
    def tell_frames(self, done: int) -> None:
        """How many frames of a long film were read; nobody knows of how many."""
        self._job.show_progress(done, 0, f"Reading frame {done}")

    @Slot()
    def tell_reading_finished(self) -> None:
        """All files are read; the film that came with them may wait for its corners."""
        self.tell_busy(self._waits)

    def _tell_job(self, stage: str) -> None:
        if stage:
            self._job.show_busy(stage)
        else:
            self._job.clear()
