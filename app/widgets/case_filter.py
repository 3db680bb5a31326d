"""Which cases the list shows, and in what order; plain values, no Qt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

from app.io.names import natural_key
from app.library.search import folded, words_of


class Show(StrEnum):
    """Which cases are shown."""

    ALL = "all"
    NEW = "new"
    IN_WORK = "in_work"
    REVIEWED = "reviewed"
    FAILED = "failed"


class Order(StrEnum):
    """How cases are sorted."""

    NEWEST = "newest"
    NAME = "name"
    STATUS = "status"


SHOW_TITLES = {
    Show.ALL: "All",
    Show.NEW: "New",
    Show.IN_WORK: "In work",
    Show.REVIEWED: "Reviewed",
    Show.FAILED: "Failed",
}
ORDER_TITLES = {
    Order.NEWEST: "Newest first",
    Order.NAME: "By name",
    Order.STATUS: "By status",
}
_PLACES = {Show.NEW.value: 0, Show.IN_WORK.value: 1, Show.REVIEWED.value: 2}


class _Fields(NamedTuple):
    """What `CaseItem` tells: a tuple, for ten thousand are made at once."""

    id: str
    name: str
    status: str
    note: str = ""
    films: int = 1
    activity: str = ""
    trouble: str = ""
    task: str = ""


class CaseItem(_Fields):
    """One case as the list shows it.

    Args:
        status: "new", "in_work" or "reviewed".
        note: what a person wrote about it.
        films: how many films of this person there are, itself included; 1 where nobody knows.
        activity: what is being done with it now, "" for nothing.
        trouble: why its last question failed, "" where it did not.
        task: the word of its task; a search for the whole word finds it.
    """

    @cached_property
    def text(self) -> str:
        """Where a search looks."""
        return folded(f"{self.name}\n{self.note}")

    @cached_property
    def name_key(self) -> str:
        """Sorts "film 2" before "film 10"."""
        return natural_key(self.name)

    @property
    def words(self) -> str:
        """How far it is, in words."""
        return self.activity or self.trouble or self.status.replace("_", " ")


def let_through(items: Sequence[CaseItem], show: Show) -> Sequence[CaseItem]:
    """The cases that a filter leaves."""
    if show is Show.ALL:
        return items
    if show is Show.FAILED:
        return [item for item in items if item.trouble]
    return [item for item in items if item.status == show]


def found(items: Sequence[CaseItem], search: str) -> Sequence[CaseItem]:
    """The cases whose name and note hold every word of a search, or whose task it is."""
    for word in words_of(search):
        items = [item for item in items if word in item.text or word == item.task]
    return items


def counts(items: Sequence[CaseItem]) -> dict[Show, int]:
    """How many cases each filter would show."""
    by_status = Counter([item.status for item in items])
    known = {Show.ALL: len(items), Show.FAILED: sum([item.trouble != "" for item in items])}
    return {show: known.get(show, by_status[show]) for show in Show}


def ordered(items: Sequence[CaseItem], order: Order) -> Sequence[CaseItem]:
    """The cases sorted, given the newest first; equal ones keep that order."""
    if order is Order.NAME:
        return sorted(items, key=attrgetter("name_key"))
    if order is Order.STATUS:
        return sorted(items, key=lambda item: _PLACES[item.status])
    return items


def neighbour(
    items: Sequence[CaseItem], case_id: str | None, *, among: Sequence[CaseItem], step: int
) -> str | None:
    """The next case (step 1) or the one before (-1) of those `among`; None at the end.

    Args:
        items: all cases in order, so that one that the filter has just hidden has neighbours too.
    """
    wanted = {item.id for item in among}
    ids = [item.id for item in items]
    if case_id not in ids:
        return next((one for one in ids if one in wanted), None)
    place = ids.index(case_id)
    way = ids[place + 1 :] if step > 0 else ids[:place][::-1]
    return next((one for one in way if one in wanted), None)


def next_unreviewed(
    items: Sequence[CaseItem], case_id: str | None, *, among: Sequence[CaseItem]
) -> str | None:
    """The next case that is not reviewed, from the top again after the last; None if all are."""
    left = [item for item in among if item.status != Show.REVIEWED and item.id != case_id]
    return neighbour(items, case_id, among=left, step=1) or next((one.id for one in left), None)
