"""A sitting without an engine: answers are computed by a rule, and come when the test says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from pytestqt.qtbot import QtBot

from app.io.readers.spec import ReadPage
from app.library.library import Library
from app.session.asking import Asking
from app.session.editing import Editing
from app.session.fetching import Fetching
from app.session.jobs import Jobs
from app.session.opening import Opening
from app.session.queue import Queue
from app.session.repairing import Repairing
from app.session.session import Session
from app.tasks.vertebrae.spec import SPEC
from domain.errors import UnreadableFile
from domain.image import Image, Study
from domain.provenance import Mode, ModelOrigin
from domain.vertebrae import landmarks_name
from inference.contracts import Failure, Lane, PixelArray, Request, Response
from tests.rule import column, findings_by_rule

__all__ = [
    "RuleWorker",
    "Sitting",
    "column",
    "open_film",
    "read_by_name",
    "settle",
    "tuple_of",
]

ORIGIN = ModelOrigin("rule", "0" * 64, Mode.CORRECTED, "cpu", "float32", 0.0, "test")


@dataclass
class RuleWorker:
    """Holds questions until the test lets them be answered."""

    jobs: Jobs
    waiting: list[tuple[str, Request, Lane]] = field(default_factory=list)

    def start(self) -> None:
        """Nothing to start."""

    def warm(self, task: str, weights_id: str) -> None:
        """Nothing to load."""

    def restart(self) -> None:
        """Nothing to start again."""

    def close(self) -> None:
        """Nothing to end."""

    def submit(
        self, case_id: str, request: Request, images: Mapping[str, PixelArray], lane: Lane
    ) -> None:
        """Keep the question."""
        assert set(images) == set(request.images)
        self.waiting.append((case_id, request, lane))

    def cancel(self, request_id: int) -> None:
        """End it at once."""
        from domain.errors import Cancelled

        self.waiting = [entry for entry in self.waiting if entry[1].id != request_id]
        self.jobs.receive(Failure(request_id, Cancelled("Cancelled.")))

    def answer(self, lane: Lane | None = None) -> None:
        """Answer what waits, of one lane or of all."""
        chosen = [entry for entry in self.waiting if lane in (None, entry[2])]
        self.waiting = [entry for entry in self.waiting if entry not in chosen]
        for _, request, _ in chosen:
            findings = findings_by_rule(request)
            self.jobs.receive(Response(request.id, findings, ORIGIN))


class Sitting:
    """Session, asking and editing over a library in a folder."""

    def __init__(self, folder: Path, *, read: ReadPage | None = None) -> None:
        self.library = Library.open(folder)
        opening = Opening(read=read or read_by_name, expand=tuple_of, thumbnail=lambda _: b"")
        self.session = Session(self.library, opening=opening, task=SPEC.id)
        self.jobs = Jobs()
        self.asking = Asking(self.session, self.jobs, task=SPEC)
        self.asking.use_weights("rule")
        films = Fetching(read=read or read_by_name, expand=tuple_of, thumbnail=lambda _: b"")
        self.queue = Queue(self.session, self.asking, films=films)
        self.worker = RuleWorker(self.jobs)
        self.jobs.employ(self.worker)
        self.editing = Editing(self.session, self.asking, name_of=landmarks_name)
        self.repairing = Repairing(self.session, self.editing)

    @property
    def points(self) -> np.ndarray[Any, Any]:
        """What the canvas would draw."""
        shown = self.editing.shown
        assert shown is not None
        assert shown.points is not None
        return shown.points.coordinates

    def drag(self, index: int, *, by: tuple[float, float]) -> None:
        """Take a corner, move it, let go; nothing is answered yet."""
        row, column_ = self.points[index]
        assert self.editing.grasp(index)
        self.editing.move((row + by[0], column_ + by[1]))
        self.editing.release()

    def close(self) -> None:
        """End the sitting as the window does."""
        self.editing.finish()
        self.queue.close()
        self.session.close()


def read_by_name(path: Path, *, page: int = 0) -> Study:
    """A film whose pixels depend on its file name; names with "bad" cannot be read."""
    if "bad" in path.name:
        raise UnreadableFile(f"{path.name} cannot be read.")
    seed = sum(path.stem.encode())
    pixels = np.random.default_rng(seed).integers(0, 255, (700, 240), dtype=np.uint8)
    return Study(path.stem, str(path), Image(pixels))


def tuple_of(paths: Iterable[Path]) -> tuple[Path, ...]:
    """No folders here."""
    return tuple(paths)


def open_film(sitting: Sitting, qtbot: QtBot, *names: str) -> None:
    with qtbot.waitSignal(sitting.session.reading_finished):
        sitting.session.open_paths([Path(f"/films/{name}.png") for name in names])


def settle(sitting: Sitting, qtbot: QtBot, lane: Lane | None = None) -> None:
    sitting.worker.answer(lane)
    qtbot.wait(1)
