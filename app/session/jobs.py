"""Carries questions to the worker and brings its events to the window's thread as signals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from PySide6.QtCore import QObject, Qt, Signal, Slot

from inference.contracts import (
    EngineState,
    Event,
    Failure,
    Lane,
    PixelArray,
    Preview,
    Progress,
    Request,
    Response,
)


class WorkerPort(Protocol):
    """What the session needs of the background worker."""

    def start(self) -> None:
        """Start the engine."""

    def submit(
        self, case_id: str, request: Request, images: Mapping[str, PixelArray], lane: Lane
    ) -> None:
        """Queue a question."""

    def cancel(self, request_id: int) -> None:
        """Give a question up."""

    def warm(self, task: str, weights_id: str) -> None:
        """Load what the first question will need."""

    def restart(self) -> None:
        """Start the engine anew."""

    def close(self) -> None:
        """End the engine."""


class Jobs(QObject):
    """Questions down, events up; each question ends with one `answered` or `failed`."""

    answered = Signal(Response)
    failed = Signal(Failure)
    progressed = Signal(Progress)
    previewed = Signal(Preview)
    engine_changed = Signal(EngineState)
    _received = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker: WorkerPort | None = None
        self._received.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def employ(self, worker: WorkerPort) -> None:
        """Use this worker from now on; its events must go to `receive`."""
        self._worker = worker
        worker.start()

    def receive(self, event: Event) -> None:
        """Take an event from any thread."""
        self._received.emit(event)

    def ask(
        self, case_id: str, request: Request, *, pixels: Mapping[str, PixelArray], lane: Lane
    ) -> None:
        """Queue a question; the arrays it is about by the identities that it names."""
        if self._worker is not None:
            self._worker.submit(case_id, request, pixels, lane)

    def cancel(self, request_id: int) -> None:
        """Give a question up; it still ends with `failed`."""
        if self._worker is not None:
            self._worker.cancel(request_id)

    def warm(self, task: str, weights_id: str) -> None:
        """Load what the first question will need."""
        if self._worker is not None:
            self._worker.warm(task, weights_id)

    def restart(self) -> None:
        """Start the engine anew; what is asked is asked again."""
        if self._worker is not None:
            self._worker.restart()

    def close(self) -> None:
        """End the engine."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    @Slot(object)
    def _deliver(self, event: Event) -> None:
        if isinstance(event, Response):
            self.answered.emit(event)
        elif isinstance(event, Failure):
            self.failed.emit(event)
        elif isinstance(event, Progress):
            self.progressed.emit(event)
        elif isinstance(event, Preview):
            self.previewed.emit(event)
        else:
            self.engine_changed.emit(event)
