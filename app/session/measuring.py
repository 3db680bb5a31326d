"""What the hand measures on the case on screen, one gesture at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import uuid4

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.session.editing import NUDGE_REST_MS, Editing
from app.session.recording import is_refused, record
from app.session.session import Session
from domain.annotation import Annotations
from domain.calibration import calibrated, grid_of
from domain.errors import CaliperError
from domain.grid import Grid
from domain.measures import TITLES, Measure, MeasureKind, Place, Reading, reading


@dataclass
class _Hold:
    """A gesture in the hand: the measure as it was, and as the hand has it."""

    before: Measure
    now: Measure


class Measuring(QObject):
    """Turns gestures into revisions; no network is ever asked about a measure.

    Keys act on `point`, a handle of the `selected` measure, or where it is None on the whole.
    """

    changed = Signal()  # what is measured, or what it reads
    selection_changed = Signal()

    def __init__(self, session: Session, editing: Editing) -> None:
        super().__init__(session)
        self._session, self._editing = session, editing
        self._hold: _Hold | None = None
        self._read: dict[tuple[Measure, Grid], Reading] = {}
        self.selected: str | None = None
        self.point: int | None = None
        self._rest = QTimer(self, singleShot=True, interval=NUDGE_REST_MS)
        self._rest.timeout.connect(self.release)
        session.decisions_changed.connect(self._follow_decisions)
        session.case_shown.connect(self._forget)
        session.frame_changed.connect(self._read_anew)
        editing.selection_changed.connect(self._yield_selection)
        editing.finishing.connect(self.finish)

    @property
    def is_holding(self) -> bool:
        """Whether a gesture is in the hand."""
        return self._hold is not None

    @property
    def measures(self) -> tuple[Measure, ...]:
        """What is measured, as the hand has it now."""
        decisions, hold = self._session.decisions, self._hold
        measures = decisions.measures if decisions else ()
        if hold is None:
            return measures
        return tuple(hold.now if measure.id == hold.now.id else measure for measure in measures)

    @property
    def grid(self) -> Grid:
        """The grid that lengths are read by."""
        image = self._session.image
        return grid_of(image, self._session.decisions) if image is not None else Grid()

    @property
    def readings(self) -> tuple[tuple[Measure, Reading], ...]:
        """What is measured with what it reads."""
        keys = [(measure, self.grid) for measure in self.measures]
        self._read = {key: self._read.get(key) or self.read(key[0]) for key in keys}
        return tuple((measure, self._read[measure, grid]) for measure, grid in keys)

    def read(self, measure: Measure) -> Reading:
        """What a measure would read on the film on screen."""
        image, frame = self._session.image, self._session.frame
        pixels = None if image is None else image.frame(frame).pixels
        return reading(measure, grid=self.grid, pixels=pixels)

    def select(self, measure_id: str | None, *, point: int | None = None) -> None:
        """Choose a measure, or one of its handles, for the keys; a chosen corner is let go."""
        if measure_id is not None:
            self._editing.select(None)
        if (measure_id, point) != (self.selected, self.point):
            self.finish()
            self.selected, self.point = measure_id, point
            self.selection_changed.emit()

    def walk(self, step: int) -> bool:
        """Choose the next point by one step, the next measure by a longer one.

        After the last point of a measure comes the first one of the next; False where no measure
        is chosen.
        """
        chosen, measures = self.chosen, self.measures
        if chosen is None:
            return False
        if abs(step) > 1:
            place = measures.index(chosen) + (1 if step > 0 else -1)
            self.select(measures[place % len(measures)].id)
            return True
        stops = [(measure.id, n) for measure in measures for n in range(len(measure.handles))]
        first = stops.index((chosen.id, 0))
        if self.point is None:
            place = first if step > 0 else first + len(chosen.handles) - 1
        else:
            place = (first + self.point + step) % len(stops)
        measure_id, point = stops[place]
        self.select(measure_id, point=point)
        return True

    def add(self, kind: MeasureKind, points: tuple[Place, ...]) -> None:
        """Measure something."""
        decisions = self._ready()
        if decisions is None:
            return
        measure = Measure(uuid4().hex, kind, points)
        words = f"Measured {TITLES[kind]} {self.read(measure).text}".rstrip()
        self._commit(decisions, (*decisions.measures, measure), words)
        self.select(measure.id, point=len(points) - 1)

    def grasp(self, measure_id: str) -> bool:
        """Begin a gesture on a measure; False where nothing can be moved."""
        self.finish()
        before = self._named(measure_id)
        if before is None or self._ready() is None:
            return False
        self.select(measure_id, point=self.point if measure_id == self.selected else None)
        self._hold = _Hold(before, before)
        return True

    def move(self, measure: Measure) -> None:
        """The hand has it like this now."""
        if self._hold is not None:
            self._hold.now = measure
            self.changed.emit()

    def nudge(self, rows: float, columns: float) -> None:
        """Move what the keys act on; a run of nudges is one gesture."""
        if self.selected is None or (self._hold is None and not self.grasp(self.selected)):
            return
        if self._hold is not None:
            now, point = self._hold.now, self.point
            if point is None:
                self.move(now.moved(rows, columns))
            else:
                row, column = now.handles[point]
                self.move(now.with_handle(point, to=(row + rows, column + columns)))
            self._rest.start()

    @Slot()
    def finish(self) -> None:
        """Write a run of arrow keys that has not come to rest yet."""
        if self._rest.isActive():
            self.release()

    @Slot()
    def release(self) -> None:
        """The hand let go: write the gesture."""
        self._rest.stop()
        hold, decisions = self._hold, self._session.decisions
        if hold is None or decisions is None:
            return
        measures = self.measures
        self._hold = None
        if measures != decisions.measures:
            self._commit(decisions, measures, f"Moved {TITLES[hold.now.kind]}")

    def drop(self) -> None:
        """Cancel the gesture in the hand; nothing was written."""
        self._rest.stop()
        self._hold = None
        self.changed.emit()

    def remove(self, measure_id: str) -> None:
        """Measure it no more."""
        gone, decisions = self._named(measure_id), self._ready()
        if gone is not None and decisions is not None:
            kept = tuple(measure for measure in decisions.measures if measure.id != measure_id)
            self._commit(decisions, kept, f"Removed {TITLES[gone.kind]}")

    def rename(self, measure_id: str, label: str) -> None:
        """Give it a name, or none."""
        old, decisions = self._named(measure_id), self._ready()
        if old is not None and decisions is not None and label != old.label:
            named = replace(old, label=label)
            kept = tuple(named if m.id == measure_id else m for m in decisions.measures)
            self._commit(decisions, kept, f"Renamed {TITLES[old.kind]}")

    def calibrate(self, line: tuple[Place, Place], *, length_mm: float) -> None:
        """A drawn line has this length: lengths are in millimetres from now on."""
        image, decisions = self._session.image, self._ready()
        if image is None or decisions is None:
            return
        try:
            grid = calibrated(image.grid, line, length_mm=length_mm)
        except CaliperError as error:
            self._session.trouble.emit(error)
            return
        changed = replace(decisions, calibration=grid)
        record(self._session, changed, action=f"Calibrated: {length_mm:g} mm")

    def forget_calibration(self) -> None:
        """Lengths are read by the film's own grid again."""
        decisions = self._ready()
        if decisions is not None and decisions.calibration is not None:
            changed = replace(decisions, calibration=None)
            record(self._session, changed, action="Removed the calibration")

    @property
    def chosen(self) -> Measure | None:
        """The selected measure, as the hand has it now."""
        return None if self.selected is None else self._named(self.selected)

    def _named(self, measure_id: str) -> Measure | None:
        return next((m for m in self.measures if m.id == measure_id), None)

    def _ready(self) -> Annotations | None:
        """The decisions to go on from, those of an untouched film included."""
        self._editing.finish()
        image = self._session.image
        if image is None or is_refused(self._session):
            return None
        return self._session.decisions or Annotations(image.sha256)

    def _commit(self, decisions: Annotations, measures: tuple[Measure, ...], action: str) -> None:
        record(self._session, replace(decisions, measures=measures), action=action)

    @Slot()
    def _follow_decisions(self) -> None:
        decisions = self._session.decisions
        there = {measure.id for measure in decisions.measures} if decisions else set()
        if self._hold is not None and self._hold.now.id not in there:
            self._hold = None
        if self.selected not in there:
            self.select(None)
        self.changed.emit()

    @Slot()
    def _read_anew(self) -> None:
        """Grey values differ from frame to frame."""
        self._read.clear()
        if self.measures:
            self.changed.emit()

    @Slot()
    def _forget(self) -> None:
        self._rest.stop()
        self._hold = None
        self._read.clear()
        self.select(None)
        self.changed.emit()

    @Slot()
    def _yield_selection(self) -> None:
        if self._editing.selected is not None:
            self.select(None)
