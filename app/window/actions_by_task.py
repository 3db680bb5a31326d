"""What the menus offer, and what keys mean, in the task on screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu

from app.window.actions import ACTIONS, keys_for

if TYPE_CHECKING:
    from app.window.main_window import MainWindow

BUSY = {"vertebrae": "Finding corners…", "implant": "Healing the study…"}
AGAIN = {"vertebrae": "Return finds the corners.", "implant": "Return localises."}
MENUS_OF = {"Spine": "vertebrae", "Implant": "implant", "View/Frames": "implant"}


class TaskActions(QObject):
    """Lets act what belongs to the task on screen, and nothing of another."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._session = window, window.session
        self._task = ""
        self.follow()
        for signal in (self._session.case_shown, self._session.task_changed):
            signal.connect(self.follow)

    @property
    def again(self) -> str:
        """How to ask once more."""
        return AGAIN[self._session.task]

    @Slot()
    def follow(self) -> None:
        """Another task may be on screen."""
        task = self._session.task
        self._window.status.busy_words = BUSY[task]
        if task == self._task:
            return
        self._task = task
        actions = self._window.actions_by_name
        for spec in ACTIONS:
            action = actions[f"{spec.menu}/{spec.text}"]
            action.setEnabled(spec.task in ("", task))
            keys = [key for key in keys_for(spec, task=task) if key != "O"]
            action.setShortcuts([QKeySequence(key) for key in keys])
            owner = MENUS_OF.get(spec.menu)
            if owner is not None:
                for menu in action.associatedObjects():
                    if isinstance(menu, QMenu):
                        menu.menuAction().setVisible(owner == task)
