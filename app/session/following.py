"""When the screen follows a hand that drags: between its frames, never before them."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

REST_MS, AFTER_MOVE_MS, FIGURES_MS = 20, 8, 100
"""How long a preview waits to be shown while the hand rests, and once it moves: until its own frame
is painted; and how long figures wait.
"""


class Following(QObject):
    """Tells when landmarks that the network moved are to be drawn, and when what is written."""

    landmarks_due = Signal()
    figures_due = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._landmarks = QTimer(self, singleShot=True)
        self._landmarks.timeout.connect(self.landmarks_due)
        self._figures = QTimer(self, singleShot=True, interval=FIGURES_MS)
        self._figures.timeout.connect(self.figures_due)

    def hand_moved(self) -> None:
        """The hand's own frame is about to be painted."""
        if self._landmarks.isActive():
            self._landmarks.start(AFTER_MOVE_MS)
        self._write_soon()

    def preview_came(self) -> None:
        """The network moved the others."""
        if not self._landmarks.isActive():
            self._landmarks.start(REST_MS)
        self._write_soon()

    def stop(self) -> None:
        """Nothing is due: all was shown at once."""
        self._landmarks.stop()
        self._figures.stop()

    def _write_soon(self) -> None:
        if not self._figures.isActive():
            self._figures.start()
