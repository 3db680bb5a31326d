"""Says in a line that the engine was lost and what is done about it; starts it again when asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from app.session.jobs import Jobs
from app.widgets.toast import Offer
from inference.contracts import EngineState, EngineStatus

if TYPE_CHECKING:
    from app.window.main_window import MainWindow

KEPT = "What you decided is kept."


class EngineNews(QObject):
    """Between the engine's state and the messages of the window; each loss is one message."""

    def __init__(self, window: MainWindow, jobs: Jobs) -> None:
        super().__init__(window)
        self._window, self._jobs = window, jobs
        self._status = EngineStatus.STARTING
        jobs.engine_changed.connect(window.status.tell_engine)
        jobs.engine_changed.connect(self._tell)

    def start_again(self) -> None:
        """End the engine, if there is one, and start another; what it was asked is asked again."""
        self._jobs.restart()

    @Slot(object)
    def _tell(self, state: EngineState) -> None:
        before, self._status = self._status, state.status
        if state.status is before:
            return
        if state.status is EngineStatus.RESTARTING:
            self._window.say("The engine stopped and is started again.", f"{state.why} {KEPT}")
        elif state.status is EngineStatus.UNAVAILABLE:
            offer = Offer("Start it again", self.start_again)
            self._window.say("There is no engine.", f"{state.why} {KEPT}", offer=offer)
