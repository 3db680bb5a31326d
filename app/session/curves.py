"""By which rule angles are shown, and the hand on the end vertebrae of curves."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot

from app.session.editing import Editing
from app.session.session import Session
from domain.annotation import Annotations, CurveEnds
from domain.curves import Curve, Reading, curves_of, with_end
from domain.vertebrae import column_of, names_of


class CurveReading(QObject):
    """The curves on screen, a drag of one of their ends included.

    `reading` is the rule in use. An end is a number: twice the curve's place from the top, plus 1
    for its lower end.
    """

    changed = Signal()

    def __init__(self, session: Session, editing: Editing) -> None:
        super().__init__(session)
        self._session, self._editing = session, editing
        self._trial: tuple[CurveEnds, ...] | None = None
        self._before: tuple[CurveEnds, ...] = ()  # what was decided when the drag began
        self._held = 0
        self._selected: int | None = None
        stored = session.settings.angle_reading
        self.reading = Reading.AASCE if stored == Reading.AASCE else Reading.CLINICAL
        session.decisions_changed.connect(self._follow)
        session.case_shown.connect(self._forget)

    def use(self, reading: Reading) -> None:
        """Show angles by this rule from now on."""
        self.reading = reading
        self._session.settings.angle_reading = reading
        self._forget()

    @property
    def shown(self) -> Annotations | None:
        """The decisions as the hand sees them now, an end in the hand included."""
        shown = self._editing.shown
        if shown is None or self._trial is None:
            return shown
        return replace(shown, curve_ends=self._trial)

    @property
    def curves(self) -> tuple[Curve, ...]:
        """The clinical curves of the case on screen."""
        shown, image = self.shown, self._session.image
        if shown is None or image is None:
            return ()
        return curves_of(shown, aspect=image.grid.aspect)

    @property
    def is_holding(self) -> bool:
        """Whether an end is in the hand."""
        return self._trial is not None

    @property
    def selected(self) -> int | None:
        """The end that keys act on, while there is such an end."""
        chosen = self._selected
        return chosen if chosen is not None and chosen < 2 * len(self._taken()) else None

    def select(self, end: int | None) -> None:
        """Choose an end for the keys."""
        if end != self._selected:
            self._selected = end
            self.changed.emit()

    def walk(self) -> None:
        """Select the next end, from top to bottom and around."""
        total = 2 * len(self._taken())
        if total:
            self.select(0 if self.selected is None else (self.selected + 1) % total)

    def grasp(self, end: int) -> None:
        """Begin a drag of an end."""
        self._editing.finish()
        decisions = self._session.decisions
        if decisions is not None:
            self._before, self._trial, self._held = decisions.curve_ends, self._taken(), end
            self.select(end)

    def move(self, vertebra: int) -> None:
        """The hand is at another vertebra: the angle follows, nothing is written."""
        if self._trial is not None:
            self._trial = with_end(self._trial, self._held, at=vertebra, count=self._count)
            self.changed.emit()

    def release(self) -> None:
        """The hand let go: one gesture, one revision, unless the end is where it was."""
        trial, self._trial = self._trial, None
        if trial is not None:
            self._choose(trial, end=self._held)
            self.changed.emit()

    @Slot()
    def drop(self) -> None:
        """Cancel the drag; nothing was written."""
        self._trial = None
        self.changed.emit()

    def step(self, levels: int) -> None:
        """Move the selected end by some levels: one gesture."""
        selected, taken = self.selected, self._taken()
        if selected is not None and not self.is_holding:
            place, is_lower = divmod(selected, 2)
            at = taken[place].lower if is_lower else taken[place].upper
            ends = with_end(taken, selected, at=at + levels, count=self._count)
            self._choose(ends, end=selected)

    def measure_by_rule(self) -> None:
        """Forget the ends that a person chose."""
        self.drop()
        self._editing.choose_ends((), action="Ends measured automatically")

    @property
    def _count(self) -> int:
        """How many vertebrae there are."""
        decisions = self._session.decisions
        return 0 if decisions is None else len(column_of(decisions))

    def _taken(self) -> tuple[CurveEnds, ...]:
        """Between which vertebrae the curves on screen run; () where ends cannot be moved."""
        if self.reading is not Reading.CLINICAL:
            return ()
        return tuple(curve.ends for curve in self.curves)

    def _choose(self, ends: tuple[CurveEnds, ...], *, end: int) -> None:
        shown, before = self._editing.shown, self.curves
        if shown is None or ends == self._taken():
            return
        place, is_lower = divmod(end, 2)
        name = names_of(shown)[ends[place].lower if is_lower else ends[place].upper]
        action = f"End of {before[place].name.lower()} curve moved to {name}"
        self._editing.choose_ends(ends, action=action)

    @Slot()
    def _follow(self) -> None:
        """A drag outlives an answer of the network, but not the undo of what it began from.

        Whoever shows curves follows what is decided by `Editing.shown_changed`.
        """
        decisions = self._session.decisions
        if self._trial is not None and (decisions is None or decisions.curve_ends != self._before):
            self.drop()

    @Slot()
    def _forget(self) -> None:
        self._selected = None
        self.drop()
