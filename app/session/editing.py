"""What the hand does to the case on screen, one gesture at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import uuid4

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.library.history import History
from app.session.asking import Asking
from app.session.following import Following
from app.session.recording import is_refused, record
from app.session.session import Session
from domain.annotation import Annotations, CurveEnds, Hint
from domain.errors import WrongUse
from domain.geometry import FloatArray, Points
from domain.measures import Place
from domain.revision import Revision
from domain.vertebrae import CORNERS

NUDGE_REST_MS = 400
TASK = "vertebrae"
"""Whose cases have landmarks to move; on those of other tasks the hand finds none."""


@dataclass
class Hold:
    """A gesture in the hand: the landmarks, where they are, and the newest preview of the rest."""

    gesture: str
    indices: tuple[int, ...]
    places: tuple[Place, ...]
    shown: Points
    latest_preview: int = 0


class Editing(QObject):
    """Turns gestures into revisions and questions; `shown` is what the canvas draws.

    Args:
        name_of: the words for some landmarks of one vertebra, for the history strip.

    `selected` is the landmark that keys act on; with `whole`, on all of its vertebra.
    """

    shown_changed = Signal()
    selection_changed = Signal()
    finishing = Signal()  # whoever else holds a run of arrow keys is to write it
    accepted = Signal()  # a person has just accepted the case on screen

    def __init__(
        self,
        session: Session,
        asking: Asking,
        *,
        name_of: Callable[[Annotations, tuple[int, ...]], str],
    ) -> None:
        super().__init__(session)
        self._session, self._asking, self._name_of = session, asking, name_of
        self._hold: Hold | None = None
        self.selected: int | None = None
        self.whole = False
        self.ghosts: FloatArray | None = None
        self._rest = QTimer(self, singleShot=True, interval=NUDGE_REST_MS)
        self._rest.timeout.connect(self.release)
        self.following = Following(self)
        self.following.figures_due.connect(self.shown_changed)
        asking.previewed.connect(self._take_preview)
        session.decisions_changed.connect(self._follow_decisions)
        session.leaving.connect(self.finish)
        session.task_changed.connect(self._forget)
        session.case_shown.connect(self._forget)

    @property
    def is_holding(self) -> bool:
        """Whether a gesture is in the hand."""
        return self._hold is not None

    @property
    def shown(self) -> Annotations | None:
        """The decisions as the hand sees them now, the gesture under way included."""
        decisions = self._session.decisions
        if decisions is not None and self._session.task != TASK:
            return replace(decisions, points=None)
        if self._hold is None or decisions is None or decisions.points is None:
            return decisions
        moved = self._hold.shown
        for index, place in zip(self._hold.indices, self._hold.places, strict=True):
            moved = moved.moved(index, to=place)
        return replace(decisions, points=moved)

    @property
    def targets(self) -> tuple[int, ...]:
        """The landmarks that keys act on."""
        if self.selected is None:
            return ()
        first = self.selected - self.selected % len(CORNERS)
        return tuple(range(first, first + len(CORNERS))) if self.whole else (self.selected,)

    def select(self, index: int | None) -> None:
        """Choose a landmark for the keys."""
        if index != self.selected:
            self.finish()
            self.selected, self.whole = index, self.whole and index is not None
            self.selection_changed.emit()

    def handle_whole(self, whole: bool) -> None:
        """Let keys and the hand act on the selected landmark's whole vertebra, or no more."""
        if whole != self.whole:
            self.finish()
            self.whole = whole
            self.selection_changed.emit()

    def grasp(self, *indices: int) -> bool:
        """Begin a gesture on landmarks; False where nothing can be moved."""
        decisions = self._ready()
        if decisions is None or decisions.points is None:
            return False
        if self.selected not in indices:
            self.select(indices[0])
        places = decisions.points.coordinates[list(indices)].tolist()
        held = tuple((row, column) for row, column in places)
        self._hold = Hold(uuid4().hex, indices, held, shown=decisions.points)
        self.ghosts = decisions.points.coordinates
        return True

    def move(self, *places: Place, is_drawn: bool = False) -> None:
        """The hand moved, one place for every landmark in it; the others follow in a while.

        Where who calls draws those in the hand himself, all that is shown may follow, too.
        """
        if self._hold is None or places == self._hold.places:
            return
        self._hold.places = places
        decisions = self._session.decisions
        if decisions is not None:
            self._asking.preview(self._with_hold(decisions), gesture=self._hold.gesture)
        if is_drawn:
            self.following.write_soon()
        else:
            self.following.stop()
            self.shown_changed.emit()

    @Slot()
    def release(self) -> None:
        """The hand let go: write the gesture at once, then ask what follows."""
        self._rest.stop()
        self.following.stop()
        hold, decisions = self._hold, self._session.decisions
        if hold is None or decisions is None:
            return
        decided, self._hold = self._with_hold(replace(decisions, points=hold.shown)), None
        name = self._name_of(decided, hold.indices)
        self._commit(decided, f"Moved {name}", gesture=hold.gesture, asks=True)

    def drop(self) -> None:
        """Cancel the gesture in the hand; nothing was written."""
        self._rest.stop()
        self.following.stop()
        self._hold = self.ghosts = None
        self.shown_changed.emit()

    @Slot()
    def finish(self) -> None:
        """Write a run of arrow keys that has not come to rest yet."""
        self.finishing.emit()
        if self._rest.isActive():
            self.release()

    def nudge(self, rows: float, columns: float) -> None:
        """Move what is selected by a step."""
        self.adjust(lambda places: tuple((r + rows, c + columns) for r, c in places))

    def adjust(self, make: Callable[[tuple[Place, ...]], tuple[Place, ...]]) -> None:
        """Move what is selected to where `make` says; a run of such steps is one gesture."""
        targets = self.targets
        if not targets or (self._hold is None and not self.grasp(*targets)):
            return
        if self._hold is not None:
            self.move(*make(self._hold.places))
            self._rest.start()

    def pin(self) -> None:
        """Pin or unpin what is selected."""
        decisions, targets = self._session.decisions, frozenset(self.targets)
        if decisions is None or not targets:
            return
        verb, pins = "Pinned", decisions.pins | targets
        if targets <= decisions.pins:
            verb, pins = "Unpinned", decisions.pins - targets
        action = f"{verb} {self._name_of(decisions, self.targets)}"
        self.change(lambda now: replace(now, pins=pins, accepted=False), action)

    def give_back(self) -> None:
        """Give what is selected back to the network."""
        decisions, targets = self._session.decisions, self.targets
        if decisions is not None and targets:
            name = self._name_of(decisions, targets)
            self.change(lambda now: now.without_hints(targets), f"Gave back {name}", asks=True)

    def place_column(self, corners: FloatArray) -> None:
        """Begin with a column that no network found; a corner is free until it is dragged."""
        self.finish()
        image = self._session.image
        if image is None or self._session.task != TASK or is_refused(self._session):
            return
        before = self._session.decisions or Annotations(image.sha256)
        names = before.column if len(corners) == len(CORNERS) * len(before.column) else ()
        placed = Annotations(image.sha256, points=Points(corners), column=names)
        self._commit(placed.measured_as(before), "Placed a column by hand", asks=False)

    def accept(self) -> None:
        """Accept all landmarks as they stand."""
        if self.change(lambda now: replace(now, accepted=True), "Accepted all"):
            self.accepted.emit()

    def change(
        self, make: Callable[[Annotations], Annotations], action: str, *, asks: bool = False
    ) -> bool:
        """One gesture that needs no hand; False where it changed nothing.

        Args:
            make: may refuse by a `WrongUse`, which a person is told.
            asks: the network is asked what follows.
        """
        decisions = self._ready()
        if decisions is None:
            return False
        try:
            changed = make(decisions)
        except WrongUse as error:
            self._session.trouble.emit(error)
            return False
        if changed == decisions:
            return False
        self.ghosts = None
        self._commit(changed, action, asks=asks)
        return True

    def replace_with(self, decisions: Annotations, action: str) -> bool:
        """Put other decisions in the place of all there are; False where nothing may be changed.

        Raises:
            ImageMismatch: they belong to another film than the one on screen.
        """
        self.finish()
        image = self._session.image
        if image is None or self._session.task != TASK or is_refused(self._session):
            return False
        decisions.require_image(image.sha256)
        self._commit(decisions, action, asks=False)
        return True

    def choose_ends(self, ends: tuple[CurveEnds, ...], *, action: str) -> None:
        """Measure curves between these vertebrae; () measures by rule. No landmark moves."""
        self.change(lambda now: replace(now, curve_ends=ends), action)

    def undo(self) -> None:
        """Take back the last gesture, the network's answer included."""
        self.finish()
        if self._hold is not None:
            self.drop()
        else:
            self._go(lambda history: history.undo())

    def redo(self) -> None:
        """Bring back the gesture that was taken back last."""
        self._go(lambda history: history.redo())

    def jump(self, revision_id: str) -> None:
        """Go to any revision of the history."""
        self._go(lambda history: history.jump(revision_id))

    def _go(self, move: Callable[[History], Revision | None]) -> None:
        self.finish()
        if self._session.current is not None and not is_refused(self._session):
            self._session.move_head(move(self._session.current.history))

    def _ready(self) -> Annotations | None:
        self.finish()
        decisions = self._session.decisions
        blocked = decisions is None or decisions.points is None or self._session.task != TASK
        return None if blocked or is_refused(self._session) else decisions

    def _with_hold(self, decisions: Annotations) -> Annotations:
        if self._hold is None:
            return decisions
        placed = zip(self._hold.indices, self._hold.places, strict=True)
        return decisions.with_hints(tuple(Hint(index, *place) for index, place in placed))

    def _commit(
        self, decisions: Annotations, action: str, *, gesture: str = "", asks: bool
    ) -> None:
        if not self._asking.is_busy:
            self.ghosts = None

        def ask(revision: Revision) -> None:
            if asks:
                self._asking.answer(
                    decisions, parent=revision.id, gesture=revision.gesture, action=action
                )

        record(self._session, decisions, action=action, gesture=gesture, made=ask)

    @Slot(str, int, object)
    def _take_preview(self, gesture: str, request_id: int, decisions: Annotations) -> None:
        hold, points = self._hold, decisions.points
        if hold is None or hold.gesture != gesture or points is None:
            return
        if request_id > hold.latest_preview:
            hold.latest_preview, hold.shown = request_id, points
            self.following.preview_came()

    @Slot()
    def _follow_decisions(self) -> None:
        decisions = self._session.decisions
        self._forget_what_is_gone(decisions)
        if self._hold is not None and decisions is not None and decisions.points is not None:
            if self._hold.latest_preview == 0:
                self._hold.shown = decisions.points
        elif not self._asking.is_busy:
            self.ghosts = None
        self.shown_changed.emit()

    def _forget_what_is_gone(self, decisions: Annotations | None) -> None:
        """The column may have fewer vertebrae than before."""
        count = 0 if decisions is None or decisions.points is None else len(decisions.points)
        if self.ghosts is not None and len(self.ghosts) != count:
            self.ghosts = None
        if self.selected is not None and self.selected >= count:
            self.selected, self.whole = None, False

    @Slot()
    def _forget(self) -> None:
        self.selected, self.whole = None, False
        self.drop()
