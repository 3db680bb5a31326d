"""What the window says about saving, and the question before it closes on work that is not."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QMessageBox

from app.library.library import Library

if TYPE_CHECKING:
    from app.window.main_window import MainWindow

PATIENCE_S = 2.0
LOOK_S = 0.01
Button = QMessageBox.StandardButton


class Saving(QObject):
    """Calls nothing saved while a change waits, and lets no window close on one unasked."""

    _noticed = Signal(str)

    def __init__(self, window: MainWindow, library: Library) -> None:
        super().__init__(window)
        self._window, self._library, self._why = window, library, ""
        window.saved.connect(self._tell_saved, Qt.ConnectionType.QueuedConnection)
        window.save_trouble.connect(self._tell_trouble, Qt.ConnectionType.QueuedConnection)
        self._noticed.connect(self._tell_notice, Qt.ConnectionType.QueuedConnection)
        library.on_notice = self._noticed.emit
        library.on_saving = window.status.tell_saving
        library.on_saved = window.saved.emit
        library.on_trouble = window.save_trouble.emit

    def may_close(self) -> bool:
        """Whether everything is saved, or a person gives up what is not."""
        while not self._settled():
            answer = self._ask()
            if answer != Button.Retry:
                return answer == Button.Discard
        return True

    def _settled(self) -> bool:
        self._library.try_now()
        deadline = time.monotonic() + PATIENCE_S
        while self._library.pending:
            if time.monotonic() > deadline:
                return False
            time.sleep(LOOK_S)
        return True

    def _ask(self) -> Button:
        count = self._library.pending
        what = "1 change is" if count == 1 else f"{count} changes are"
        box = QMessageBox(
            QMessageBox.Icon.Warning,
            "Not everything is saved",
            f"{what} not saved yet. {self._why}".strip(),
            Button.Retry | Button.Discard | Button.Cancel,
            self._window,
        )
        box.setInformativeText("They stay in this window until they are saved, or it closes.")
        box.button(Button.Retry).setText("Try again")
        box.button(Button.Discard).setText("Close without them")
        box.button(Button.Cancel).setText("Stay")
        box.setDefaultButton(Button.Retry)
        return Button(box.exec())

    @Slot(float)
    def _tell_saved(self, when: float) -> None:
        """What was changed since that commit will be told by its own."""
        if self._library.pending == 0:
            self._why = ""
            self._window.status.tell_saved(when)

    @Slot(str)
    def _tell_trouble(self, why: str) -> None:
        self._why = why
        self._window.status.tell_save_trouble(why)

    @Slot(str)
    def _tell_notice(self, words: str) -> None:
        self._window.say(words)
