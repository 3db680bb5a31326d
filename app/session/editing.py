"""What the hand does to the case on screen, one gesture at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import uuid4

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.session.asking import Asking
from app.session.recording import is_refused, record
from app.session.session import Session
from domain.annotation import Annotations, CurveEnds, Hint
from domain.geometry import FloatArray, Points

NUDGE_REST_MS = 400


@dataclass
class Hold:
    """A gesture in the hand: the landmark, where it is, and the newest preview of the rest."""

    gesture: str
    index: int
    position: tuple[float, float]
    shown: Points
    latest_preview: int = 0


class Editing(QObject):
    """Turns gestures into revisions and questions; `shown` is what the canvas draws.

    Args:
        name_of: the words for landmark i under a label shift, for the history strip.
    """

    shown_changed = Signal()
    selection_changed = Signal()
    finishing = Signal()  # whoever else holds a run of arrow keys is to write it
    accepted = Signal()  # a person has just accepted the case on screen

    def __init__(
        self, session: Session, asking: Asking, *, name_of: Callable[[int, int], str]
    ) -> None:
        super().__init__(session)
        self._session, self._asking, self._name_of = session, asking, name_of
        self._hold: Hold | None = None
        self.selected: int | None = None
        self.ghosts: FloatArray | None = None
        self._rest = QTimer(self, singleShot=True, interval=NUDGE_REST_MS)
        self._rest.timeout.connect(self.release)
        asking.previewed.connect(self._take_preview)
        session.decisions_changed.connect(self._follow_decisions)
        session.leaving.connect(self.finish)
        session.case_shown.connect(self._forget)

    @property
    def is_holding(self) -> bool:
        """Whether a gesture is in the hand."""
        return self._hold is not None

    @property
    def shown(self) -> Annotations | None:
        """The decisions as the hand sees them now, the gesture under way included."""
        decisions = self._session.decisions
        if self._hold is None or decisions is None or decisions.points is None:
            return decisions
        moved = self._hold.shown.moved(self._hold.index, to=self._hold.position)
        return replace(decisions, points=moved)

    def select(self, index: int | None) -> None:
        """Choose a landmark for the keys."""
        if index != self.selected:
            self.finish()
            self.selected = index
            self.selection_changed.emit()

    def grasp(self, index: int) -> bool:
        """Begin a gesture on a landmark; False where nothing can be moved."""
        self.finish()
        decisions = self._session.decisions
        if decisions is None or decisions.points is None or self._is_refused():
            return False
        self.select(index)
        row, column = decisions.points.coordinates[index]
        position = (float(row), float(column))
        self._hold = Hold(uuid4().hex, index, position, shown=decisions.points)
        self.ghosts = decisions.points.coordinates
        return True

    def move(self, row: float, column: float) -> None:
        """The hand moved; the others follow when the engine answers."""
        if self._hold is None:
            return
        self._hold.position = (row, column)
        decisions = self._session.decisions
        if decisions is not None:
            self._asking.preview(self._with_hold(decisions), gesture=self._hold.gesture)
        self.shown_changed.emit()

    @Slot()
    def release(self) -> None:
        """The hand let go: write the gesture at once, then ask what follows."""
        self._rest.stop()
        hold, decisions = self._hold, self._session.decisions
        if hold is None or decisions is None:
            return
        decided = self._with_hold(replace(decisions, points=hold.shown))
        self._hold = None
        self._commit(decided, f"Moved {self._name(hold.index)}", gesture=hold.gesture, asks=True)

    def drop(self) -> None:
        """Cancel the gesture in the hand; nothing was written."""
        self._rest.stop()
        self._hold, self.ghosts = None, None
        self.shown_changed.emit()

    @Slot()
    def finish(self) -> None:
        """Write a run of arrow keys that has not come to rest yet."""
        self.finishing.emit()
        if self._rest.isActive():
            self.release()

    def nudge(self, rows: float, columns: float) -> None:
        """Move the selected landmark; a run of nudges is one gesture."""
        if self.selected is None:
            return
        if self._hold is None and not self.grasp(self.selected):
            return
        if self._hold is not None:
            row, column = self._hold.position
            self.move(row + rows, column + columns)
            self._rest.start()

    def pin(self) -> None:
        """Pin or unpin the selected landmark."""
        decisions = self._ready()
        if decisions is None or self.selected is None:
            return
        pinned = self.selected in decisions.pins
        changed = replace(decisions, pins=decisions.pins ^ {self.selected}, accepted=False)
        verb = "Unpinned" if pinned else "Pinned"
        self._commit(changed, f"{verb} {self._name(self.selected)}", asks=False)

    def give_back(self) -> None:
        """Give the selected landmark back to the network."""
        decisions = self._ready()
        if decisions is None or self.selected is None or self.selected not in decisions.held:
            return
        changed = decisions.without_hint(self.selected)
        self._commit(changed, f"Gave back {self._name(self.selected)}", asks=True)

    def place_column(self, corners: FloatArray) -> None:
        """Begin with a column that no network found; a corner is free until it is dragged."""
        self.finish()
        image = self._session.image
        if image is None or self._is_refused():
            return
        before = self._session.decisions or Annotations(image.sha256)
        placed = Annotations(image.sha256, points=Points(corners), label_shift=before.label_shift)
        self._commit(placed.measured_as(before), "Placed a column by hand", asks=False)

    def accept(self) -> None:
        """Accept all landmarks as they stand."""
        decisions = self._ready()
        if decisions is not None and not decisions.accepted:
            self._commit(replace(decisions, accepted=True), "Accepted all", asks=False)
            self.accepted.emit()

    def shift_labels(self, levels: int, *, limit: int) -> None:
        """Rename the column by some levels; no landmark moves."""
        decisions = self._ready()
        if decisions is None or abs(decisions.label_shift + levels) > limit:
            return
        shifted = replace(decisions, label_shift=decisions.label_shift + levels, accepted=False)
        way = "down" if levels > 0 else "up"
        self._commit(shifted, f"Labels one level {way}", asks=False)

    def replace_with(self, decisions: Annotations, action: str) -> bool:
        """Put other decisions in the place of all there are; False where nothing may be changed.

        Raises:
            ImageMismatch: they belong to another film than the one on screen.
        """
        self.finish()
        image = self._session.image
        if image is None or self._is_refused():
            return False
        decisions.require_image(image.sha256)
        self._commit(decisions, action, asks=False)
        return True

    def choose_ends(self, ends: tuple[CurveEnds, ...], *, action: str) -> None:
        """Measure curves between these vertebrae; () measures by rule. No landmark moves."""
        decisions = self._ready()
        if decisions is not None and decisions.curve_ends != ends:
            self._commit(replace(decisions, curve_ends=ends), action, asks=False)

    def undo(self) -> None:
        """Take back the last gesture, the network's answer included."""
        self.finish()
        if self._hold is not None:
            self.drop()
        elif self._session.current is not None and not self._is_refused():
            self._session.move_head(self._session.current.history.undo())

    def redo(self) -> None:
        """Bring back the gesture that was taken back last."""
        self.finish()
        if self._session.current is not None and not self._is_refused():
            self._session.move_head(self._session.current.history.redo())

    def jump(self, revision_id: str) -> None:
        """Go to any revision of the history."""
        self.finish()
        if self._session.current is not None and not self._is_refused():
            self._session.move_head(self._session.current.history.jump(revision_id))

    def _ready(self) -> Annotations | None:
        self.finish()
        decisions = self._session.decisions
        blocked = decisions is None or decisions.points is None or self._is_refused()
        return None if blocked else decisions

    def _is_refused(self) -> bool:
        return is_refused(self._session)

    def _name(self, index: int) -> str:
        decisions = self._session.decisions
        return self._name_of(index, decisions.label_shift if decisions else 0)

    def _with_hold(self, decisions: Annotations) -> Annotations:
        if self._hold is None:
            return decisions
        return decisions.with_hints((Hint(self._hold.index, *self._hold.position),))

    def _commit(
        self, decisions: Annotations, action: str, *, gesture: str = "", asks: bool
    ) -> None:
        revision = record(self._session, decisions, action=action, gesture=gesture)
        if revision is not None and asks:
            self._asking.answer(
                decisions, parent=revision.id, gesture=revision.gesture, action=action
            )

    @Slot(str, int, object)
    def _take_preview(self, gesture: str, request_id: int, decisions: Annotations) -> None:
        hold = self._hold
        newer = hold is not None and request_id > hold.latest_preview
        if hold is None or hold.gesture != gesture or not newer or decisions.points is None:
            return
        hold.latest_preview = request_id
        hold.shown = decisions.points
        self.shown_changed.emit()

    @Slot()
    def _follow_decisions(self) -> None:
        decisions = self._session.decisions
        if self._hold is not None and decisions is not None and decisions.points is not None:
            if self._hold.latest_preview == 0:
                self._hold.shown = decisions.points
        elif not self._asking.is_busy:
            self.ghosts = None
        self.shown_changed.emit()

    @Slot()
    def _forget(self) -> None:
        self._hold, self.ghosts, self.selected = None, None, None
        self._rest.stop()
        self.shown_changed.emit()
