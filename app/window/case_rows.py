"""What the rows of the list say: each case with what is being done with it and what failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from app.library.cases import Case
from app.widgets.case_filter import CaseItem


class CaseRows:
    """Makes rows of cases; one that nothing happened to is the same row as before."""

    def __init__(self) -> None:
        self._troubles: dict[str, str] = {}
        self._activities: dict[str, str] = {}
        self._made: dict[str, tuple[Case, CaseItem]] = {}

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

    def items(self, cases: Sequence[Case]) -> list[CaseItem]:
        """A row for each case, in their order."""
        films = Counter(case.person for case in cases if case.person)
        return [self._item(case, films=films[case.person] or 1) for case in cases]

    def _item(self, case: Case, *, films: int) -> CaseItem:
        activity, trouble = self._activities.get(case.id, ""), self._troubles.get(case.id, "")
        said = (films, activity, trouble)
        known, item = self._made.get(case.id, (None, None))
        if known is case and item and (item.films, item.activity, item.trouble) == said:
            return item
        item = CaseItem(
            id=case.id,
            name=case.name,
            status=case.status.value,
            note=case.note,
            films=films,
            activity=activity,
            trouble=trouble,
        )
        self._made[case.id] = (case, item)
        return item
