"""Reads films and asks the engine about them, one after another."""

from __future__ import annotations

import hashlib
import json
import queue
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from app.io.decoder import Decoder
from app.library.places import weights_folder
from app.places import engine_command
from app.spec import TaskSpec
from domain.annotation import Annotations, Hint
from domain.errors import CaliperError, NotForThisTask
from domain.image import Image, Study
from domain.provenance import Mode
from domain.vertebrae import corner_name
from inference.contracts import EngineState, EngineStatus, Event, Failure, Lane, Progress, Response
from inference.manifest import WeightsEntry
from inference.worker import Worker


@dataclass(frozen=True)
class Question:
    """What is asked about every film of a run.

    Args:
        hints: in the order they were given; each is a round of its own.
    """

    task: TaskSpec
    weights: WeightsEntry
    mode: Mode
    hints: tuple[Hint, ...] = ()
    seed: int = 0

    def about(self, image: Image) -> str:
        """A digest that is the same where the answer must be the same."""
        told = {
            "task": self.task.id,
            "pixels": image.sha256,
            "spacing_mm": image.grid.spacing_mm,
            "inverted": image.presentation.inverted,
            "weights": [self.weights.id, self.weights.sha256],
            "mode": self.mode.value,
            "hints": [[hint.index, hint.row, hint.column] for hint in self.hints],
            "seed": self.seed,
        }
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


class Analyst:
    """Owns a decoder and an engine; both are started when they are first needed."""

    def __init__(self, question: Question, *, device: str, tell: Callable[[str], None]) -> None:
        self._question, self._device, self._tell = question, device, tell
        self._events: queue.Queue[Event] = queue.Queue()
        self._decoder = Decoder()
        self._worker: Worker | None = None

    def read(self, path: Path) -> Study:
        """The film of a file.

        Raises:
            UnreadableFile: with what, why and what to do.
        """
        return self._decoder.read(path)

    def ask(self, image: Image) -> Annotations:
        """What the network says of a film.

        Raises:
            NotForThisTask: the film or a hint does not fit the task.
            EngineLost, PipelineFailed, OutOfMemory: no answer came; the next film may be asked.
        """
        for hint in self._question.hints:
            _require_inside(hint, image)
        decisions = Annotations(image.sha256, rounds=tuple((h,) for h in self._question.hints))
        task = self._question.task
        request = task.build_request(image, decisions, self._question.weights.id)
        request = replace(request, seed=self._question.seed, mode=self._question.mode)
        self._employed().submit("analyse", request, task.pixels(image), Lane.FINAL)
        return task.read_response(self._answer_to(request.id), decisions)

    def close(self) -> None:
        """End the engine and the decoder."""
        self._decoder.close()
        if self._worker is not None:
            self._worker.close()

    def _employed(self) -> Worker:
        if self._worker is None:
            command = engine_command(weights=weights_folder(), device=self._device)
            self._worker = Worker(command=command, on_event=self._events.put)
            self._worker.start()
        return self._worker

    def _answer_to(self, request_id: int) -> Response:
        while True:
            event = self._events.get()
            if isinstance(event, Response) and event.request_id == request_id:
                return event
            if isinstance(event, Failure) and event.request_id == request_id:
                raise event.error
            if isinstance(event, Progress):
                self._tell(f"    {event.stage}")
            if isinstance(event, EngineState) and event.status is EngineStatus.UNAVAILABLE:
                raise CaliperError("The engine does not start.", why=event.why)


def _require_inside(hint: Hint, image: Image) -> None:
    rows, columns = image.shape
    if not (-0.5 <= hint.row <= rows - 0.5 and -0.5 <= hint.column <= columns - 0.5):
        told = f"{corner_name(hint.index)}={hint.row:g},{hint.column:g}"
        raise NotForThisTask(
            f"The hint {told} lies outside the film.",
            why=f"The film has {rows} rows and {columns} columns.",
            remedy="Give rows and columns in original pixels, row first.",
        )
