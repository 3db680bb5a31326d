"""A note about one case: plain text that saves itself when the hand rests."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QVBoxLayout, QWidget

REST_MS = 500
HEIGHT = 120


class NoteEditor(QWidget):
    """`typed` tells whether anything is typed that was not given to `written` yet."""

    typed = Signal(bool)
    written = Signal(str, str)  # case, note

    def __init__(self) -> None:
        super().__init__()
        self._case: str | None = None
        self._dirty = False
        self._text = _Field(placeholderText="Only here, in your library; never exported by itself.")
        self._text.setAccessibleName("Note")
        self._text.setTabChangesFocus(True)
        self._text.textChanged.connect(self._note_typing)
        self._text.left.connect(self.finish)
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self.finish)
        caption = QLabel("Note")
        caption.setObjectName("caption")
        box = QVBoxLayout(self)
        box.setContentsMargins(14, 8, 14, 10)
        box.setSpacing(6)
        box.addWidget(caption)
        box.addWidget(self._text)
        self.setFixedHeight(HEIGHT)
        self.setFocusProxy(self._text)

    @property
    def is_written_in(self) -> bool:
        """Whether the cursor is in it."""
        return self._text.hasFocus()

    def show_note(self, case_id: str | None, note: str, *, read_only: bool = False) -> None:
        """Write about another case; what was typed about the one before is kept first."""
        self.finish()
        self._case = None
        self._text.setPlainText(note)
        self._case = case_id
        self._text.setReadOnly(read_only or case_id is None)

    def finish(self) -> None:
        """Keep what was typed now."""
        self._rest.stop()
        if self._case is not None and self._dirty:
            self._set_dirty(False)
            self.written.emit(self._case, self._text.toPlainText().strip())

    def forget(self, case_id: str) -> None:
        """A case is gone, and what was typed about it with it."""
        if case_id == self._case:
            self._case = None
            self._set_dirty(False)

    def _note_typing(self) -> None:
        if self._case is None:  # it was shown, not typed
            return
        self._set_dirty(True)
        self._rest.start()

    def _set_dirty(self, dirty: bool) -> None:
        if dirty != self._dirty:
            self._dirty = dirty
            self.typed.emit(dirty)


class _Field(QPlainTextEdit):
    """Tells when the cursor leaves it."""

    left = Signal()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()
