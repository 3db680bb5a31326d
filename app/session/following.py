"""What of the screen follows a hand that drags at once, and what a moment later."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

FIGURES_MS = 100
"""How long figures wait: the hand is not to."""


class Following(QObject):
    """Tells when landmarks that the network moved are to be drawn, and when what is written."""

    landmarks_due = Signal()
    figures_due = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._figures = QTimer(self, singleShot=True, interval=FIGURES_MS)
        self._figures.timeout.connect(self.figures_due)

    def write_soon(self) -> None:
        """The hand moved: what it holds is drawn by itself, figures follow."""
        if not self._figures.isActive():
            self._figures.start()

    def preview_came(self) -> None:
        """The network moved the others."""
        self.landmarks_due.emit()
        self.write_soon()

    def stop(self) -> None:
        """Nothing is due: all was shown at once."""
        self._figures.stop()
