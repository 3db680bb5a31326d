"""Places a whole column without a network: two clicks for a template, or corner after corner."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.canvas.tools.measuring import MeasuringTool, Series
from app.session.editing import Editing
from app.session.session import Session
from domain.errors import CaliperError
from domain.measures import MeasureKind, Place
from domain.template import column_between
from domain.vertebrae import corner_name, names_of

COLUMN_PROMPTS = (
    "Column: middle of T1's upper end-plate",
    "Column: middle of L5's lower end-plate",
)


class Placing(QObject):
    """Arms series of clicks that make corners; what they place is dragged like any other."""

    def __init__(self, tool: MeasuringTool, session: Session, editing: Editing) -> None:
        super().__init__(tool)
        self._tool, self._session, self._editing = tool, session, editing
        self._placed = 0

    def place_column(self) -> None:
        """Two clicks: a straight column between them."""
        self._tool.arm(Series(COLUMN_PROMPTS, MeasureKind.LINE, self._take_ends))

    def place_corners(self) -> None:
        """One click a corner, beginning with the selected one; without a column first its ends."""
        self._placed = 0
        decisions = self._session.decisions
        if decisions is None or decisions.points is None:
            self._tool.arm(Series(COLUMN_PROMPTS, MeasureKind.LINE, self._take_ends_then_corners))
        else:
            self._ask_for(self._editing.selected or 0)

    def _take_ends(self, ends: tuple[Place, ...]) -> None:
        try:
            self._editing.place_column(column_between(*ends))
        except CaliperError as error:
            self._session.trouble.emit(error)

    def _take_ends_then_corners(self, ends: tuple[Place, ...]) -> None:
        self._take_ends(ends)
        decisions = self._session.decisions
        if decisions is not None and decisions.points is not None:
            self._ask_for(0)

    def _ask_for(self, index: int) -> None:
        decisions = self._session.decisions
        if decisions is None or decisions.points is None:
            return
        name, count = corner_name(index, names_of(decisions)), len(decisions.points)
        prompt = f"{name}   {index + 1} of {count}"

        def put(places: tuple[Place, ...]) -> None:
            self._put(index, places[0], count=count)

        def back() -> None:
            self._step_back(index)

        self._tool.arm(Series((prompt,), None, put, back=back))
        self._editing.select(index)

    def _put(self, index: int, place: Place, *, count: int) -> None:
        if self._editing.grasp(index):
            self._editing.move(place)
            self._editing.release()
            self._placed += 1
            if index + 1 < count:
                self._ask_for(index + 1)

    def _step_back(self, index: int) -> None:
        """Backspace: the corner before, whose place is taken back."""
        if self._placed:
            self._placed -= 1
            self._editing.undo()
            self._ask_for(index - 1)
