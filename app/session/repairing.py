"""Puts a miscounted column right, one gesture each; the network is asked where it found it."""

from __future__ import annotations

from collections.abc import Callable

from app.session.editing import Editing
from app.session.session import Session
from domain import repair
from domain.annotation import Annotations
from domain.errors import WrongUse
from domain.numbering import allowed
from domain.vertebrae import CORNERS, names_of


class Repairing:
    """Inserts, deletes, slides and names vertebrae of the case on screen."""

    def __init__(self, session: Session, editing: Editing) -> None:
        self._session, self._editing = session, editing

    @property
    def selected(self) -> int | None:
        """The place of the selected vertebra in the column, from 0 at the top."""
        corner = self._editing.selected
        return None if corner is None else corner // len(CORNERS)

    @property
    def names(self) -> tuple[str, ...]:
        """The vertebrae of the case on screen; none before there is a column."""
        decisions = self._session.decisions
        return () if decisions is None or decisions.points is None else names_of(decisions)

    @property
    def choices(self) -> tuple[str, ...]:
        """What the selected vertebra can be called."""
        return () if self.selected is None else allowed(self.names, self.selected)

    def require_selected(self) -> int | None:
        """The place of the selected vertebra; where there is none a person is told so."""
        if self.selected is None and self.names:
            self._session.trouble.emit(
                WrongUse(
                    "No vertebra is selected.",
                    remedy="Click one of its corners first, or press Ctrl+Tab.",
                )
            )
        return self.selected

    def insert(self, *, below: bool) -> None:
        """A new vertebra beside the selected one, which is then selected as a whole."""
        beside = self.require_selected()
        if beside is None:
            return
        at = beside + below
        name, way = self.names[beside], "below" if below else "above"
        if self._change(
            lambda now: repair.insert(now, at), f"Inserted a vertebra {way} {name}", asks=True
        ):
            self._editing.select(at * len(CORNERS))
            self._editing.handle_whole(True)

    def delete(self) -> None:
        """Take the selected vertebra out of the column."""
        at = self.require_selected()
        if at is not None:
            self._change(lambda now: repair.delete(now, at), f"Deleted {self.names[at]}")

    def slide(self, levels: int) -> None:
        """Every vertebra takes the place of its neighbour below (+1) or above (-1)."""
        action = f"Slid the column one level {_way(levels)}"
        self._change(lambda now: repair.slide(now, levels), action, asks=True)

    def shift_names(self, levels: int) -> None:
        """Every vertebra takes the name of its neighbour below (+1) or above (-1)."""
        action = f"Labels one level {_way(levels)}"
        self._change(lambda now: repair.shift_names(now, levels), action)

    def rename(self, name: str) -> None:
        """Call the selected vertebra something else; those below count on from it."""
        at = self.require_selected()
        if at is not None:
            action = f"Called {self.names[at]} {name}"
            self._change(lambda now: repair.rename(now, at, name), action)

    def _change(
        self, make: Callable[[Annotations], Annotations], action: str, *, asks: bool = False
    ) -> bool:
        decisions = self._session.decisions
        found = decisions is not None and decisions.origin is not None
        return self._editing.change(make, action, asks=asks and found)


def _way(levels: int) -> str:
    return "down" if levels > 0 else "up"
