"""A sitting with studies of the implant task; a rule answers, when a test says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from pytestqt.qtbot import QtBot

from app.library.library import Library
from app.session.asking import Asking
from app.session.editing import Editing
from app.session.healing import Healing
from app.session.jobs import Jobs
from app.session.judging import Judging
from app.session.ladder import Ladder
from app.session.opening import Opening
from app.session.session import Session
from app.tasks.implant.findings import decide
from app.tasks.implant.spec import SPEC as IMPLANT
from app.tasks.vertebrae.spec import SPEC as VERTEBRAE
from domain.errors import Cancelled
from domain.image import Cine, Image, Study
from domain.provenance import Mode, ModelOrigin
from domain.vertebrae import landmarks_name
from inference.contracts import Failure, Lane, PixelArray, Preview, Progress, Request, Response
from tests import rule
from tests.app.session.sitting import read_by_name, tuple_of
from tests.implant_rule import findings_by_rule, unfinished

ROWS, COLUMNS, FRAMES = 120, 160, 24


def a_cine(*, frames: int = FRAMES, times: bool = True, seed: int = 1) -> Image:
    """Dim noise with one bright spot, like a screw, that wanders from left to right."""
    rng = np.random.default_rng(seed)
    stack = rng.integers(60, 80, (frames, ROWS, COLUMNS), dtype=np.uint8)
    for number in range(frames):
        left = 40 + number * 2
        stack[number, 50:66, left : left + 8] = 240
    when = tuple(number / 20 for number in range(frames)) if times else ()
    return Image(stack[0], cine=Cine(stack, times_s=when))


def a_panoramic(*, seed: int = 1) -> Image:
    """A still picture with two bright spots."""
    pixels = np.random.default_rng(seed).integers(60, 80, (300, 530), dtype=np.uint8)
    pixels[120:150, 100:116] = 240
    pixels[160:190, 400:416] = 240
    return Image(pixels)


@dataclass
class ImplantWorker:
    """Holds questions until a test lets them be answered."""

    jobs: Jobs
    calibrated: bool = True
    seconds: float = 0.0
    waiting: list[tuple[Request, Mapping[str, PixelArray], Lane]] = field(default_factory=list)

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
        self.waiting.append((request, images, lane))

    def cancel(self, request_id: int) -> None:
        """End it at once."""
        self.waiting = [one for one in self.waiting if one[0].id != request_id]
        self.jobs.receive(Failure(request_id, Cancelled("Cancelled.")))

    def tell(self, done: int, total: int) -> None:
        """How far all are, and what is there of them."""
        for request, images, _ in self.waiting:
            self.jobs.receive(Progress(request.id, done, total, "healing"))
            self.jobs.receive(Preview(request.id, unfinished(request, images)))

    def answer(self) -> None:
        """Answer all that waits; no two answers take the same time."""
        asked, self.waiting = self.waiting, []
        for request, images, _ in asked:
            self.seconds += 1.0
            if request.task == "vertebrae":
                findings: object = rule.findings_by_rule(request)
            else:
                findings = findings_by_rule(request, images, calibrated=self.calibrated)
            self.jobs.receive(Response(request.id, findings, origin(request, self.seconds)))


def origin(request: Request, seconds: float) -> ModelOrigin:
    return ModelOrigin(
        request.weights_id, "0" * 64, Mode.CORRECTED, "cpu", "float32", seconds, "test"
    )


class ImplantSitting:
    """All that the window puts together, without a window."""

    def __init__(self, folder: Path) -> None:
        self.library = Library.open(folder)
        opening = Opening(read=read_by_name, expand=tuple_of, thumbnail=lambda _: b"")
        self.session = Session(self.library, opening=opening, task=VERTEBRAE.id)
        self.session.moving_task = IMPLANT.id
        self.jobs = Jobs()
        self.asking = Asking(self.session, self.jobs, task=VERTEBRAE, others={IMPLANT.id: IMPLANT})
        self.asking.use_weights("rule", task=VERTEBRAE.id)
        self.asking.use_weights("tiny", task=IMPLANT.id)
        self.worker = ImplantWorker(self.jobs)
        self.jobs.employ(self.worker)
        self.editing = Editing(self.session, self.asking, name_of=landmarks_name)
        self.healing = Healing(self.session, self.asking)
        self.ladder = Ladder(self.session, self.asking, self.jobs, healing=self.healing)
        self.judging = Judging(self.session, self.healing, decide=decide)
        self.troubles: list[object] = []
        self.session.trouble.connect(self.troubles.append)

    def show(self, image: Image, name: str = "study") -> None:
        """Bring a study on screen, as if its file had just been read."""
        self.session._shows_first_of = -1
        self.session._take_study(Study(name, f"/films/{name}.dcm", image), b"", -1)

    def localise(self, qtbot: QtBot) -> None:
        """Ask, and have it answered."""
        self.healing.localise()
        self.settle(qtbot)

    def settle(self, qtbot: QtBot) -> None:
        """Answer what waits and let it arrive."""
        self.worker.answer()
        qtbot.wait(1)

    def settle_ladder(self, qtbot: QtBot) -> list[int]:
        """Answer rung after rung; the levels in their order."""
        levels = []
        while self.worker.waiting:
            levels += [request.options.level for request, _, _ in self.worker.waiting]
            self.settle(qtbot)
        return levels

    @property
    def actions(self) -> list[str]:
        """What the history says, oldest first."""
        assert self.session.current is not None
        return [item.action for item in self.session.current.history.strip()]

    def close(self) -> None:
        """End the sitting as the window does."""
        self.editing.finish()
        self.session.close()
