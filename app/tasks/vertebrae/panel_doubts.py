"""What speaks against the corners on screen, in a sentence or two."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLabel

from app.session.editing import Editing
from app.session.session import Session
from domain.doubting import sentences


class DoubtsView(QLabel):
    """Takes no room where nothing is doubted."""

    def __init__(self, session: Session, editing: Editing) -> None:
        super().__init__()
        self._editing = editing
        self.setObjectName("doubt")
        self.setAccessibleName("Doubts about the corners")
        self.setWordWrap(True)
        editing.shown_changed.connect(self.refresh)
        session.case_shown.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Read the decisions on screen again."""
        shown = self._editing.shown
        said = "\n".join(sentences(shown)) if shown is not None else ""
        if said != self.text():
            self.setText(said)
        self.setVisible(bool(said))
