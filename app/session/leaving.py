"""Many cases on their way out: looked at and written on a thread of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal, SignalInstance, Slot

from app.io.exporters.implant_spec import ImplantExport
from app.io.exporters.look import Look
from app.io.exporters.many import Item, write_all
from app.io.exporters.spec import FormatSpec, VertebraeExport
from app.io.readers.spec import ReadPage
from app.library.cases import Case
from app.library.results import StoredResult
from app.session.kept import answer_kept, is_answer_kept
from app.session.session import Session
from domain.annotation import Annotations
from domain.curves import Reading
from domain.errors import CaliperError, ExportFailed, ImageMismatch
from domain.image import Image
from domain.implant import SIDE, ImplantFindings, ImplantOptions
from domain.implant_plan import StudyPlan

DAMAGED = "Its newest state in the library is damaged; open the case and accept what is left."
OTHER_TASK = "This format is for cases of another task."
IMPLANT = "implant"
_GREY, _REST = np.zeros((0, SIDE, SIDE), np.uint8), np.zeros((0, SIDE, SIDE), np.float16)
NO_FRAMES = ImplantFindings(
    ImplantOptions(), StudyPlan(0, 0, ()), noised=_GREY, healed=_GREY, left_over=_REST, spread=_REST
)
"""Stands for what was computed, until it is read."""
LookFor = Callable[[str | None, Image], Look]


@dataclass(frozen=True, eq=False)
class Candidate:
    """A case that may leave, as it stood when it was asked for.

    Args:
        decisions: None where nothing is decided.
        trouble: why nobody can tell what is decided, or "".
        image: its film, where that is at hand.
        look: how it is looked at, where it is on screen.
        is_answer_kept: whether what a network computed for it is probably at hand.
    """

    case: Case
    decisions: Annotations | None
    trouble: str = ""
    image: Image | None = None
    look: Look | None = None
    is_answer_kept: bool = False

    def export(self, image: Image, *, look: Look, reading: Reading) -> VertebraeExport:
        """The case with its film."""
        decisions, file = self._decided, Path(self.case.path).name
        return VertebraeExport(
            self.case.name, image, decisions, file=file, look=look, reading=reading
        )

    def implant_export(self, image: Image, answer: StoredResult | None) -> ImplantExport:
        """The study with its frames, and what was computed for it."""
        return ImplantExport(
            self.case.name,
            image,
            self._decided,
            findings=None if answer is None else answer.findings,
            file=Path(self.case.path).name,
            seed=0 if answer is None else answer.seed,
        )

    @property
    def unread(self) -> VertebraeExport | ImplantExport:
        """The case without its film, to ask formats about."""
        case = self.case
        pixels = np.broadcast_to(np.zeros((), np.uint8), (case.rows, case.columns))
        image = Image(pixels, synthetic=case.synthetic, sha256=case.image_sha256)
        if case.task == IMPLANT:
            findings = NO_FRAMES if self.is_answer_kept else None
            return replace(self.implant_export(image, None), findings=findings)
        return self.export(image, look=Look(), reading=Reading.CLINICAL)

    @property
    def _decided(self) -> Annotations:
        return self.decisions or Annotations(self.case.image_sha256)

    def why_not(self, spec: FormatSpec[Any]) -> str:
        """Why it cannot leave in a format; "" where it can."""
        if self.trouble:
            return self.trouble
        if spec.task != self.case.task:
            return OTHER_TASK
        try:
            spec.require(self.unread)
        except ExportFailed as error:
            return error.why
        return ""


@dataclass(frozen=True, eq=False)
class Plan:
    """What a person has agreed to.

    Args:
        place: the file or folder that was chosen.
        going: the cases, each with the file or folder it goes to.
        staying: names of cases that cannot go, each with why.
        replaces: files that may be replaced.
    """

    spec: FormatSpec[Any]
    place: Path
    going: tuple[tuple[Candidate, Path], ...]
    staying: tuple[tuple[str, str], ...]
    replaces: frozenset[Path]
    reading: Reading


class Leaving(QObject):
    """Does one thing at a time; a film that is not at hand is read by `read`.

    Args:
        read: (path, page=n) -> Study, may raise CaliperError.
        look_for: a case's stored view state and its film -> how it is looked at.
    """

    progressed = Signal(int, int)  # cases behind, of how many
    gathered = Signal(object)  # tuple of Candidate
    ended = Signal(object)  # Outcome
    _result = Signal(object)

    def __init__(
        self, session: Session, *, read: ReadPage, look_for: LookFor, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._read, self._look_for = session, read, look_for
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="exporter")
        self._cancelled = Event()
        self.is_busy = False
        self._result.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def gather(self, case_ids: Iterable[str], *, look: Look) -> None:
        """Look up what is decided on these cases.

        Args:
            look: how the film on screen is looked at.
        """
        current = self._session.current
        begun = []
        for case in self._session.listing.these(case_ids):
            opened = self._session.opened_or_none(case.id)
            history = None if opened is None else opened.history
            candidate = Candidate(
                case,
                None if history is None else history.current,
                image=self._session.image_of(case),
                look=look if opened is not None and opened is current else None,
            )
            begun.append((candidate, None if history is None else frozenset(history.revisions)))
        self._begin(partial(self._gather, begun))

    def write(self, plan: Plan) -> None:
        """Write every case that goes."""
        self._begin(partial(self._write, plan))

    @Slot()
    def cancel(self) -> None:
        """Begin no further case."""
        self._cancelled.set()

    def close(self) -> None:
        """Cancel, and wait for the case under way."""
        self.cancel()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _begin(self, work: Callable[[], None]) -> None:
        self._cancelled.clear()
        self.is_busy = True
        self._pool.submit(work)

    def _goes_on(self, behind: int, total: int) -> bool:
        self._result.emit((True, self.progressed, behind, total))
        return not self._cancelled.is_set()

    def _gather(self, begun: Sequence[tuple[Candidate, frozenset[str] | None]]) -> None:
        found: list[Candidate] = []
        for number, (candidate, known) in enumerate(begun):
            if not self._goes_on(number, len(begun)):
                found.clear()
                break
            found.append(self._looked_up(candidate, known))
        self._result.emit((False, self.gathered, tuple(found)))

    def _looked_up(self, candidate: Candidate, known: frozenset[str] | None) -> Candidate:
        """With what the library holds; `known` are revisions that this sitting holds."""
        library, decisions = self._session.library, candidate.decisions
        trouble = ""
        try:
            head = library.case(candidate.case.id).head
            if known is None:
                revisions = library.revisions(candidate.case.id)
                known = frozenset(revisions)
                decisions = revisions[head].annotations if head in known else None
            if head is not None and head not in known:
                trouble = DAMAGED
        except CaliperError as error:  # a case of this sitting may not be committed yet
            trouble = "" if known is not None else error.why
        looked_up = replace(candidate, decisions=decisions, trouble=trouble)
        if decisions is None or candidate.case.task != IMPLANT:
            return looked_up
        is_kept = is_answer_kept(library, candidate.case.id, decisions)
        return replace(looked_up, is_answer_kept=is_kept)

    def _write(self, plan: Plan) -> None:
        items = [
            Item(one.case.name, partial(self._export_of, one, plan), path)
            for one, path in plan.going
        ]

        def goes_on(behind: int) -> bool:
            return self._goes_on(behind, len(items))

        outcome = write_all(plan.spec, items, replaces=plan.replaces, goes_on=goes_on)
        outcome = replace(outcome, failed=(*plan.staying, *outcome.failed))
        self._result.emit((False, self.ended, outcome))

    def _export_of(self, candidate: Candidate, plan: Plan) -> VertebraeExport | ImplantExport:
        image, decisions = candidate.image or self._film_of(candidate.case), candidate.decisions
        if candidate.case.task == IMPLANT and decisions is not None:
            answer = answer_kept(self._session.library, candidate.case.id, decisions)
            return candidate.implant_export(image, answer)
        look = candidate.look or Look()
        if candidate.look is None and not plan.spec.is_one_file:  # a table shows no film
            look = self._look_for(self._session.library.view_state(candidate.case.id), image)
        return candidate.export(image, look=look, reading=plan.reading)

    def _film_of(self, case: Case) -> Image:
        image = self._read(Path(case.path), page=case.page).image
        if image.sha256 != case.image_sha256:
            raise ImageMismatch(
                f"{case.name} is not the film it was.",
                why="Its file holds other pixels than those the case was made on.",
            )
        return image

    @Slot(object)
    def _deliver(self, result: tuple[bool, SignalInstance, object]) -> None:
        """Results cross to this object's thread, and are told there."""
        self.is_busy, signal, *values = result
        signal.emit(*values)
