"""What a person decides on the regions of a study, one gesture at a time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol
from uuid import uuid4

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.library.results import StoredResult
from app.session.editing import NUDGE_REST_MS
from app.session.healing import Healing
from app.session.recording import is_refused, record
from app.session.session import Session
from domain.annotation import Annotations
from domain.errors import WrongUse
from domain.implant import Implant, ImplantDecisions, ImplantFindings, Region, Scoring, Verdict
from domain.measures import Place

FRAME_MS = 15
Outline = tuple[Place, ...]


class Decide(Protocol):
    """Cuts regions out of what was found; what a person drew, judged or named is kept."""

    def __call__(
        self,
        findings: ImplantFindings,
        *,
        scoring: Scoring | None = None,
        threshold: float | None = None,
        keep: ImplantDecisions | None = None,
    ) -> ImplantDecisions:
        """The decisions that follow."""


class Judging(QObject):
    """Turns gestures into revisions; `shown` is what the screen says, a held slider included.

    `selected` is the number of the implant that keys act on, 0 for none.
    """

    changed = Signal()
    accepted = Signal()  # a person has just accepted the study on screen

    def __init__(self, session: Session, healing: Healing, *, decide: Decide) -> None:
        super().__init__(session)
        self._session, self._healing, self._decide = session, healing, decide
        self._held: ImplantDecisions | None = None
        self._wanted: tuple[Scoring | None, float | None] | None = None
        self.selected = 0
        self._soon = QTimer(self, singleShot=True, interval=FRAME_MS)
        self._soon.timeout.connect(self._cut_anew)
        self._action = ""
        self._rest = QTimer(self, singleShot=True, interval=NUDGE_REST_MS)
        self._rest.timeout.connect(lambda: self.commit(self._action))
        session.leaving.connect(self.finish)
        self._seen: tuple[ImplantDecisions | None, StoredResult | None] = (None, None)
        session.case_shown.connect(self._forget)
        session.task_changed.connect(self._forget)
        healing.changed.connect(self._follow)

    @property
    def shown(self) -> ImplantDecisions | None:
        """The decisions as the hand sees them now."""
        return self._held or self._healing.decided

    @property
    def chosen(self) -> Implant | None:
        """The selected implant."""
        shown = self.shown
        implants = shown.implants if shown else ()
        return next((one for one in implants if one.number == self.selected), None)

    def select(self, number: int) -> None:
        """Choose the implant that keys act on."""
        if number != self.selected:
            self.selected = number
            self.changed.emit()

    def walk(self, step: int) -> None:
        """Choose the next implant."""
        shown = self.shown
        numbers = [one.number for one in shown.implants] if shown else []
        if numbers:
            at = numbers.index(self.selected) + step if self.selected in numbers else min(step, 0)
            self.select(numbers[at % len(numbers)])

    # -- regions cut anew, without the network

    def hold(self, *, scoring: Scoring | None = None, threshold: float | None = None) -> None:
        """Cut the regions otherwise while a control is moved; nothing is written yet."""
        self._wanted = scoring, threshold
        self._soon.start()

    def commit_soon(self, action: str) -> None:
        """A key or the wheel moved the control: a run of them until they rest is one gesture."""
        self._action = action
        self._rest.start()

    @Slot()
    def finish(self) -> None:
        """Write a run of keys that has not come to rest yet."""
        if self._rest.isActive():
            self.commit(self._action)

    def commit(self, action: str) -> None:
        """The control was let go: what it made is one gesture."""
        self._rest.stop()
        if self._soon.isActive():
            self._soon.stop()
            self._cut_anew()
        held, shown, image = self._held, self._healing.shown, self._session.image
        self._held = None
        if held is None or shown is None or image is None:
            return
        decisions = self._session.decisions or Annotations(image.sha256)
        if held != decisions.implants:
            self._write(replace(decisions, implants=held, origin=shown.origin), action)
        else:
            self.changed.emit()

    @Slot()
    def _cut_anew(self) -> None:
        result = self._healing.shown
        if result is None or self._wanted is None:
            return
        scoring, threshold = self._wanted
        try:
            self._held = self._decide(
                result.findings, scoring=scoring, threshold=threshold, keep=self._healing.decided
            )
        except WrongUse as error:
            self._session.trouble.emit(error)
        self.changed.emit()

    # -- what a person says of them

    def judge(self, verdict: Verdict, number: int = 0) -> None:
        """Accept or reject an implant, the selected one by default; twice leaves it open."""
        number = number or self.selected
        decided = self._healing.decided
        found = _named(decided, number)
        if decided is None or found is None:
            return
        regions = [region for region in decided.regions if region.implant == number]
        if verdict is Verdict.REJECTED and all(region.drawn for region in regions):
            self._keep_without(decided, number)
            return
        said = Verdict.OPEN if found.verdict is verdict else verdict
        changed = _with_implant(decided, replace(found, verdict=said))
        self._change(changed, f"{said.value.capitalize()}: implant {number}")

    def name(self, number: int, site: str) -> None:
        """Say which tooth an implant stands for; "" for nobody knows."""
        decided = self._healing.decided
        found = _named(decided, number)
        if decided is not None and found is not None and site != found.site:
            named = replace(found, site=site, site_is_given=bool(site))
            words = f"site {site}" if site else "site unknown"
            self._change(_with_implant(decided, named), f"Implant {number}: {words}")

    def redraw(self, picture: int, outlines: Sequence[Outline], *, whole: bool = False) -> None:
        """Outline the selected implant on a picture by hand, or a new one where none is selected.

        Args:
            whole: its outlines on all other pictures go.
        """
        decided = self._healing.decided or ImplantDecisions()
        number = self.selected or 1 + max((one.number for one in decided.implants), default=0)
        kept = tuple(
            region
            for region in decided.regions
            if region.implant != number or (region.frame != picture and not whole)
        )
        drawn = tuple(
            Region(uuid4().hex, picture, tuple(outline), math.nan, number, drawn=True)
            for outline in outlines
        )
        if not drawn and all(region.implant != number for region in kept):
            self._keep_without(decided, number)
            return
        implants = decided.implants
        if _named(decided, number) is None:
            implants = (*implants, Implant(number))
        changed = replace(decided, regions=(*kept, *drawn), implants=implants)
        if self._change(changed, f"Drew implant {number}"):
            self.select(number)

    def accept_all(self) -> None:
        """Accept the study as it stands: what is not rejected is an implant."""
        decided = self._healing.decided
        if decided is None:
            return
        said = tuple(
            replace(one, verdict=Verdict.ACCEPTED) if one.verdict is Verdict.OPEN else one
            for one in decided.implants
        )
        if self._change(replace(decided, implants=said), "Accepted the study", accepted=True):
            self.accepted.emit()

    def _keep_without(self, decided: ImplantDecisions, number: int) -> None:
        regions = tuple(region for region in decided.regions if region.implant != number)
        implants = tuple(one for one in decided.implants if one.number != number)
        changed = replace(decided, regions=regions, implants=implants)
        self._change(changed, f"Removed implant {number}")

    def _change(self, implants: ImplantDecisions, action: str, *, accepted: bool = False) -> bool:
        image = self._session.image
        if image is None or not self._healing.is_on:
            return False
        decisions = self._session.decisions or Annotations(image.sha256)
        return self._write(replace(decisions, implants=implants), action, accepted=accepted)

    def _write(self, decisions: Annotations, action: str, *, accepted: bool = False) -> bool:
        if is_refused(self._session):
            self.changed.emit()
            return False
        self._held = None
        record(self._session, replace(decisions, accepted=accepted), action=action)
        return True

    @Slot()
    def _follow(self) -> None:
        """Something else is decided or looked at: of another level the regions that it gives."""
        seen = self._healing.decided, self._healing.shown
        if all(one is other for one, other in zip(seen, self._seen, strict=True)):
            self.changed.emit()
            return
        self._seen, self._held = seen, None
        self._soon.stop()
        if self.selected and self.chosen is None:
            self.selected = 0
        if self._healing.shown is not None and self._healing.shown is not self._healing.result:
            self._wanted = None, None
            self._cut_anew()
        else:
            self.changed.emit()

    @Slot()
    def _forget(self) -> None:
        self._soon.stop()
        self._rest.stop()
        self._held, self._wanted, self.selected = None, None, 0
        self.changed.emit()


def _named(decided: ImplantDecisions | None, number: int) -> Implant | None:
    implants = decided.implants if decided else ()
    return next((one for one in implants if one.number == number), None)


def _with_implant(decided: ImplantDecisions, changed: Implant) -> ImplantDecisions:
    implants = tuple(changed if one.number == changed.number else one for one in decided.implants)
    return replace(decided, implants=implants)
