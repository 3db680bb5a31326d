"""Reads films and asks the engine about them, one after another."""

from __future__ import annotations

import hashlib
import json
import queue
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from app.cli.desk import Answer, Asked, Desk
from app.io.decoder import Decoder
from app.library.places import weights_folder
from app.places import engine_command
from domain.errors import CaliperError
from domain.image import Image, Study
from domain.provenance import Mode
from inference.contracts import EngineState, EngineStatus, Event, Failure, Lane, Progress, Response
from inference.manifest import WeightsEntry
from inference.worker import Worker

NEWS_S = 5.0


@dataclass(frozen=True)
class Question:
    """What is asked about every file of a run."""

    desk: Desk
    asked: Asked
    weights: WeightsEntry
    mode: Mode
    seed: int = 0

    def about(self, image: Image) -> str:
        """A digest that is the same where the answer must be the same."""
        told = {
            "task": self.desk.spec.id,
            "pixels": image.sha256,
            "spacing_mm": image.grid.spacing_mm,
            "inverted": image.presentation.inverted,
            "weights": [self.weights.id, self.weights.sha256],
            "mode": self.mode.value,
            "seed": self.seed,
            **self.asked.told,
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

    def ask(self, image: Image) -> Answer:
        """What the network says of a film or study.

        Raises:
            NotForThisTask: the film or what was said of it does not fit the task.
            WrongUse: it cannot be asked so.
            EngineLost, PipelineFailed, OutOfMemory: no answer came; the next film may be asked.
        """
        task, asked = self._question.desk.spec, self._question.asked
        decisions = asked.decisions(image)
        request = task.build_request(image, decisions, self._question.weights.id)
        request = replace(request, seed=self._question.seed, mode=self._question.mode)
        self._employed().submit("analyse", request, task.pixels(image), Lane.FINAL)
        response = self._answer_to(request.id)
        return Answer(asked.answered(response, decisions), response)

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
        news = _News(self._tell)
        while True:
            event = self._events.get()
            if isinstance(event, Response) and event.request_id == request_id:
                return event
            if isinstance(event, Failure) and event.request_id == request_id:
                raise event.error
            if isinstance(event, Progress):
                news.take(event)
            if isinstance(event, EngineState) and event.status is EngineStatus.UNAVAILABLE:
                raise CaliperError("The engine does not start.", why=event.why)


class _News:
    """Tells each stage of a job, and of a long one now and then how far it is."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell, self._stage = tell, ""
        self._told_at = self._began = time.monotonic()

    def take(self, progress: Progress) -> None:
        """Tell it where that is due."""
        now = time.monotonic()
        if progress.stage != self._stage:
            self._stage, self._told_at, self._began = progress.stage, now, now
            self._tell(f"    {progress.stage}")
        elif now - self._told_at > NEWS_S and progress.done:
            self._told_at = now
            left = (now - self._began) * (progress.total - progress.done) / progress.done
            self._tell(
                f"    {progress.stage}, {progress.done} of {progress.total}, {left:.0f} s to go"
            )
