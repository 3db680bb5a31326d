"""What of the screen follows a hand that drags at once, and what a moment later."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer, Signal

FIGURES_MS = 100
"""How long figures wait: the hand is not to."""
FRAME_MS, PAINTED_MS = 34, 9
"""Time between two moves of a hand at most, and until the first of them is painted."""


class Following(QObject):
    """Tells when landmarks that the network moved are to be drawn, and when what is written."""

    landmarks_due = Signal()
    figures_due = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._figures = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._figures.timeout.connect(self.figures_due)

    def write_soon(self) -> None:
        """The hand moved: what it holds is drawn by itself, figures follow.

        They are written between two of its frames, not in the midst of one.
        """
        left = self._figures.remainingTime()  # -1: nothing is due
        if left < 0:
            self._figures.start(FIGURES_MS)
        elif left < FRAME_MS and self._figures.interval() == FIGURES_MS:
            self._figures.start(PAINTED_MS)

    def preview_came(self) -> None:
        """The network moved the others."""
        self.landmarks_due.emit()
        if not self._figures.isActive():
            self._figures.start(FIGURES_MS)

    def stop(self) -> None:
        """Nothing is due: all was shown at once."""
        self._figures.stop()
