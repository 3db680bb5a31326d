"""What the rows of the list say: each case with what is being done with it and what failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

from app.library.cases import ListedCase
from app.widgets.case_filter import CaseItem

_item_of: Callable[[tuple[object, ...]], CaseItem] = partial(tuple.__new__, CaseItem)
"""Without the detour of a named tuple's own constructor, which is Python."""


class CaseRows:
    """Makes rows of cases; one that nothing happened to is the same row as before."""

    def __init__(self) -> None:
        self._troubles: dict[str, str] = {}
        self._activities: dict[str, str] = {}
        self._made: dict[str, CaseItem] = {}

    def note_activity(self, case_id: str, words: str) -> None:
        """Something is being done with a case; "" for no more."""
        self._activities[case_id] = words

    def note_trouble(self, case_id: str, words: str) -> None:
        """A question about a case failed; "" for it was answered."""
        self._troubles[case_id] = words

    def forget(self, case_id: str) -> None:
        """A case is gone."""
        self._made.pop(case_id, None)
        self._activities.pop(case_id, None)
        self._troubles.pop(case_id, None)

    def items(self, cases: Sequence[ListedCase]) -> list[CaseItem]:
        """A row for each case, in their order."""
        films = Counter([case.person for case in cases if case.person])
        films[""] = 1  # nobody knows whose
        rows, made = list[CaseItem](), self._made
        activities, troubles = self._activities, self._troubles
        for one, name, status, person, note, _, task in cases:
            doing, failed = activities.get(one, ""), troubles.get(one, "")
            told: tuple[object, ...] = one, name, status, note, films[person], doing, failed, task
            row = made.get(one)
            if row is None or row != told:
                row = made[one] = _item_of(told)
            rows.append(row)
        return rows
