"""Many cases out at once: asks how and where to, tells how far, and what became of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, Slot

from app.canvas.grey import Greys
from app.canvas.state import ViewState
from app.io.exporters.look import Look
from app.io.exporters.many import Outcome
from app.io.exporters.spec import FormatSpec
from app.io.names import file_stems
from app.io.readers.spec import ReadPage
from app.session.leaving import Candidate, Leaving, Plan
from app.widgets.export_dialog import ExportDialog, FormatChoice, listed
from app.widgets.export_outcome import ExportOutcome
from app.widgets.job_status import JobStatus
from app.window.look import look_of
from domain.image import Image

if TYPE_CHECKING:
    from app.window.main_window import MainWindow

NAMED = 40  # cases that are named in a sentence
TASK_WORDS = {"vertebrae": "Spine", "implant": "Dental"}
"""Before a format, where cases of several tasks are to leave."""


class ExportingMany(QObject):
    """One export at a time; the window stays free meanwhile.

    Args:
        read: reads a film, better not the decoder of what is on screen.
    """

    def __init__(self, window: MainWindow, *, read: ReadPage) -> None:
        super().__init__(window)
        self._window, self._session = window, window.session
        self._plan: Plan | None = None
        self.leaving = Leaving(window.session, read=read, look_for=stored_look, parent=self)
        self.job = JobStatus()
        window.status.addWidget(self.job, 1)
        self.job.cancelled.connect(self.leaving.cancel)
        self.leaving.progressed.connect(self._tell_progress)
        self.leaving.gathered.connect(self._choose)
        self.leaving.ended.connect(self._tell_end)
        window.ended.connect(self.leaving.close)

    def export(self, case_ids: Iterable[str]) -> None:
        """Ask how these cases are to leave, and write them."""
        if self.leaving.is_busy:
            self._window.say("An export is under way.", "Wait for it, or cancel it below.")
            return
        self._window.editing.finish()
        self._plan = None
        self.leaving.gather(case_ids, look=look_of(self._window.view))

    @Slot(int, int)
    def _tell_progress(self, behind: int, total: int) -> None:
        verb = "Looking at" if self._plan is None else "Exporting"
        self.job.show_progress(behind, total, f"{verb} case {behind + 1} of {total}")

    @Slot(object)
    def _choose(self, candidates: tuple[Candidate, ...]) -> None:
        self.job.clear()
        if not candidates:  # cancelled
            return
        tasks = {one.case.task for one in candidates}
        specs = formats_of(tasks, first=self._session.task)
        choices = [choice_of(spec, candidates) for spec in specs]
        if not any(choice.count for choice in choices):
            self._window.say("Nothing to export yet.", " ".join(choices[0].left_out))
            return
        settings = self._session.settings
        kept = Path(settings.export_folder)
        folder = kept if settings.export_folder and kept.is_dir() else None
        title = "Export 1 case" if len(candidates) == 1 else f"Export {len(candidates)} cases"
        dialog = ExportDialog(
            self._window,
            choices,
            start=_free_name(folder or Path(candidates[0].case.path).parent),
            chosen=settings.export_format,
            title=title,
        )
        if dialog.exec() == ExportDialog.DialogCode.Accepted:
            self._begin(dialog, candidates)

    def _begin(self, dialog: ExportDialog, candidates: Sequence[Candidate]) -> None:
        choice, path, library = dialog.choice, dialog.path, self._session.library
        if not library.read_only:
            settings = self._session.settings
            settings.export_format, settings.export_folder = choice.spec.name, str(path.parent)
        going = [one for one in candidates if not one.why_not(choice.spec)]
        places = [path / name for name in choice.names] or [path] * len(going)
        self._plan = Plan(
            choice.spec,
            path,
            going=tuple(zip(going, places, strict=True)),
            staying=tuple(
                (one.case.name, why) for one in candidates if (why := one.why_not(choice.spec))
            ),
            replaces=dialog.replaced,
            reading=self._window.commands.curves.reading,
        )
        self.leaving.write(self._plan)

    @Slot(object)
    def _tell_end(self, outcome: Outcome) -> None:
        self.job.clear()
        if self._plan is None:
            return
        what, lines = in_words(outcome)
        more = f"{self._plan.spec.title}, in {self._plan.place}." if outcome.gone else ""
        if lines:
            ExportOutcome(self._window, what, more=more, lines=lines).show()
        else:
            self._window.say(what, more)


def formats_of(tasks: Collection[str], *, first: str) -> list[FormatSpec[Any]]:
    """The formats that cases of these tasks leave in, those of one task first."""
    from app.io.exporters.implant_table import IMPLANT_EXPORTERS  # as in `Exporting`: not before
    from app.io.exporters.table import EXPORTERS  # it is wanted

    every: tuple[FormatSpec[Any], ...] = (*EXPORTERS, *IMPLANT_EXPORTERS)
    specs = [spec for spec in every if spec.task in tasks]
    if len(tasks) == 1:
        return specs
    specs.sort(key=lambda spec: spec.task != first)
    return [replace(spec, title=f"{TASK_WORDS[spec.task]}: {spec.title}") for spec in specs]


def choice_of(spec: FormatSpec[Any], candidates: Sequence[Candidate]) -> FormatChoice:
    """What a format would do with these cases."""
    reasons: dict[str, list[str]] = defaultdict(list)
    going = []
    for one in candidates:
        why = one.why_not(spec)
        if why:
            reasons[why].append(one.case.name)
        else:
            going.append(one)
    total = len(candidates)
    left_out = tuple(
        f"{len(names)} of {total} {'stays' if len(names) == 1 else 'stay'} behind: "
        f"{listed(names, most=NAMED)}. {why}"
        for why, names in reasons.items()
    )
    shared = spec.is_folder or spec.is_one_file
    stems = () if shared else file_stems(one.case.name for one in going)
    return FormatChoice(
        spec,
        spec.drops.among([one.unread for one in going]),
        names=tuple(f"{stem}{spec.ending}" for stem in stems),
        count=len(going),
        left_out=left_out,
    )


def in_words(outcome: Outcome) -> tuple[str, tuple[str, ...]]:
    """What became of it, in one line; and a line for each case that did not go."""
    total = len(outcome.gone) + len(outcome.failed) + len(outcome.left)
    gone = len(outcome.gone)
    count = f"{gone} of {total}" if gone < total else f"{gone}"
    what = f"Exported {count} {'case' if total == 1 else 'cases'}."
    if outcome.left:
        stands = f"{gone} of {total} cases are written" if gone else "no case is written"
        what = f"Export cancelled: {stands}."
    failed = tuple(f"{name}: {why}" for name, why in outcome.failed)
    return what, (*failed, *(f"{name}: cancelled before it began." for name in outcome.left))


def stored_look(stored: str | None, image: Image) -> Look:
    """How a case is looked at that is not on screen; may be asked on any thread."""
    state = ViewState()
    with suppress(ValueError):  # a damaged view state is worth no word: the film is shown plainly
        state = ViewState.from_json(stored or "")
    shown = np.take(Greys.of(image).table(state), image.pixels)  # lets the window's thread go on
    return Look(shown, state.flipped_h, state.flipped_v, state.quarter_turns)


def _free_name(folder: Path) -> Path:
    """A name of today that nothing in a folder has yet, whatever its ending."""
    first = f"Caliper {date.today().isoformat()}"
    name, number = first, 1
    while any(folder.glob(f"{name}*")):
        number += 1
        name = f"{first} {number}"
    return folder / name
