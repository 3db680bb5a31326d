"""Tells when a window has come on screen: what can wait is begun then."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

LATEST_MS = 1000
"""A window that nobody sees, because it starts minimised, waits no longer than this."""


class FirstPaint(QObject):
    """Watches a window until it is painted for the first time."""

    came = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._wait = QTimer(self, singleShot=True, interval=LATEST_MS)
        self._wait.timeout.connect(self.came)
        self._wait.start()
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Once it is done with painting."""
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            if self._wait.isActive():
                self._wait.start(0)
        return False
