"""Joins the measures on the canvas with the hand: series of clicks in, measures out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QPointF, Qt, Signal, Slot

from app.canvas.layers.measures import MeasuresLayer
from app.canvas.layers.measures_data import Draft, MeasureItem, MeasuresData
from app.canvas.view import ImageView
from app.session.measuring import Measuring
from app.session.session import Session
from domain.measures import POINTS, Measure, MeasureKind, Place

PROMPTS: dict[MeasureKind, tuple[str, ...]] = {
    MeasureKind.LINE: ("Line: one end", "Line: the other end"),
    MeasureKind.ANGLE: ("Angle: end of one arm", "Angle: vertex", "Angle: end of the other arm"),
    MeasureKind.COBB: (
        "Cobb: first end-plate, left end",
        "Cobb: first end-plate, right end",
        "Cobb: second end-plate, left end",
        "Cobb: second end-plate, right end",
    ),
    MeasureKind.RATIO: (
        "Ratio: first line, one end",
        "Ratio: first line, other end",
        "Ratio: second line, one end",
        "Ratio: second line, other end",
    ),
    MeasureKind.RECTANGLE: ("Rectangle: one corner", "Rectangle: opposite corner"),
    MeasureKind.ELLIPSE: ("Ellipse: one corner of its box", "Ellipse: opposite corner"),
    MeasureKind.PLUMB: ("Plumb line: where it hangs",),
    MeasureKind.BALANCE: ("Balance: middle of C7 (or T1)", "Balance: middle of the sacrum"),
}
KEYS_HINT = "Esc cancels, Backspace takes back"


@dataclass(frozen=True)
class Series:
    """Clicks that together mean something.

    Args:
        prompts: what each click means, in order.
        kind: how the points so far are joined; None where they are not.
        done: takes all points after the last click.
        back: what Backspace does before the first click.
        reads: whether the lines say their reading while they are drawn.
    """

    prompts: tuple[str, ...]
    kind: MeasureKind | None
    done: Callable[[tuple[Place, ...]], None]
    back: Callable[[], None] = lambda: None
    reads: bool = False


class MeasuringTool(QObject):
    """Draws what `Measuring` says and turns clicks and drags into its gestures."""

    rename_wanted = Signal(str)

    def __init__(self, view: ImageView, session: Session, measuring: Measuring) -> None:
        super().__init__(view)
        self._view, self._session, self._measuring = view, session, measuring
        self._series: Series | None = None
        self._points: tuple[Place, ...] = ()
        self._mouse: Place | None = None
        self.layer = MeasuresLayer(others_take=self._others_take)
        view.add_layer(self.layer)
        self.layer.selected.connect(self._select)
        self.layer.drag_started.connect(self._take)
        self.layer.dragged.connect(self._move)
        self.layer.drag_finished.connect(self._let_go)
        self.layer.drag_cancelled.connect(measuring.drop)
        self.layer.rename_wanted.connect(self._ask_name)
        self.layer.placed.connect(self._place)
        self.layer.pointed.connect(self._point)
        self.layer.settled.connect(self._settle)
        measuring.changed.connect(self.refresh)
        measuring.selection_changed.connect(self.refresh)
        session.leaving.connect(self.disarm)
        session.case_shown.connect(self.refresh)

    @property
    def armed(self) -> bool:
        """Whether clicks on the canvas are points of a series."""
        return self._series is not None

    @property
    def hint(self) -> str:
        """What the next click means, empty where it means nothing."""
        if self._series is None:
            return ""
        step = len(self._points) - self._is_full
        return f"{self._series.prompts[step]}   ·   {KEYS_HINT}"

    def measure(self, kind: MeasureKind) -> None:
        """Let the next clicks be the points of such a measure."""
        done = lambda points: self._measuring.add(kind, points)  # noqa: E731
        self.arm(Series(PROMPTS[kind], kind, done, reads=True))

    def arm(self, series: Series) -> None:
        """Let the next clicks be this series; nothing where no film is on screen."""
        if self._view.image is None:
            return
        self.layer.end_placing()
        self._series, self._points, self._mouse = series, (), None
        self._measuring.select(None)
        self._view.show_cursor(Qt.CursorShape.CrossCursor)
        self.refresh()

    @Slot()
    def disarm(self) -> bool:
        """Give up the series under way; False where there is none."""
        was_armed = self.armed
        self._series, self._points, self._mouse = None, (), None
        if was_armed:
            self._view.show_cursor(Qt.CursorShape.ArrowCursor)
            self.layer.end_placing()
            self.refresh()
        return was_armed

    def take_back(self) -> bool:
        """Give up the last point; False where no series is under way."""
        if self._series is None:
            return False
        if not self._points:
            self._series.back()
        self._points = self._points[:-1]
        self.refresh()
        return True

    @Slot()
    def refresh(self) -> None:
        """Draw what is measured on the film on screen, once it is on the canvas."""
        image, film = self._session.image, self._view.image
        if film is None or image is None or image.sha256 != film.sha256:
            self.layer.set_data(None)
            return
        items = tuple(
            MeasureItem(measure, f"{measure.label}   {reading.text}".strip())
            for measure, reading in self._measuring.readings
        )
        self._view.use_grid(self._measuring.grid)
        data = MeasuresData(
            film.sha256,
            film.shape[0],
            items,
            selected=self._measuring.selected,
            point=self._measuring.point,
            draft=self._draft(),
        )
        self.layer.set_data(data)

    def _draft(self) -> Draft | None:
        series = self._series
        if series is None:
            return None
        points = self._points if self._mouse is None else (*self._points, self._mouse)
        text = ""
        if series.reads and series.kind and self._points and len(points) == POINTS[series.kind]:
            text = self._measuring.read(Measure("draft", series.kind, points)).text
        return Draft(series.kind, points, text, self.hint)

    @property
    def _is_full(self) -> bool:
        """Whether all points are there; the last one still follows the hand that placed it."""
        return self._series is not None and len(self._points) == len(self._series.prompts)

    @Slot(float, float)
    def _place(self, row: float, column: float) -> None:
        if self._series is None:
            return
        kept = self._points[:-1] if self._is_full else self._points
        self._points, self._mouse = (*kept, (row, column)), None
        self.refresh()

    @Slot(float, float)
    def _point(self, row: float, column: float) -> None:
        if self._is_full:
            self._place(row, column)
        else:
            self._mouse = (row, column)
            self.refresh()

    @Slot()
    def _settle(self) -> None:
        """The button is up, so that whatever `done` opens can have the mouse."""
        series, points = self._series, self._points
        if series is not None and self._is_full:
            self.disarm()
            series.done(points)

    @Slot(str, object)
    def _select(self, measure_id: str, point: int | None) -> None:
        self._measuring.select(measure_id or None, point=point)

    @Slot(str)
    def _take(self, measure_id: str) -> None:
        if not self._measuring.grasp(measure_id):
            self._view.cancel_gesture()

    @Slot(Measure)
    def _move(self, measure: Measure) -> None:
        if self._measuring.is_holding:
            self._measuring.move(measure)
        else:  # taken out of the hand, by an undo for one
            self._view.cancel_gesture()

    @Slot(Measure)
    def _let_go(self, measure: Measure) -> None:
        if self._measuring.is_holding:
            self._measuring.move(measure)
            self._measuring.release()

    @Slot(str)
    def _ask_name(self, measure_id: str) -> None:
        self._view.cancel_gesture()
        self.rename_wanted.emit(measure_id)

    def _others_take(self, at: QPointF) -> bool:
        return any(other.takes(at) for other in self._view.layers if other is not self.layer)
