"""What the rows of the list say: each case with what is being done with it and what failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from app.library.cases import ListedCase
from app.widgets.case_filter import CaseItem


class CaseRows:
    """Makes rows of cases; one that nothing happened to is the same row as before."""

    def __init__(self) -> None:
        self._troubles: dict[str, str] = {}
        self._activities: dict[str, str] = {}
        self._made: dict[str, tuple[ListedCase, CaseItem]] = {}

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
        return [self._item(case, films.get(case.person, 1) if case.person else 1) for case in cases]

    def _item(self, case: ListedCase, films: int) -> CaseItem:
        case_id = case.id
        activity, trouble = self._activities.get(case_id, ""), self._troubles.get(case_id, "")
        made = self._made.get(case_id)
        if made is not None and made[0] == case:
            item = made[1]
            if (item.films, item.activity, item.trouble) == (films, activity, trouble):
                return item
        item = CaseItem(
            case_id, case.name, case.status, case.note, films, activity, trouble, task=case.task
        )
        self._made[case_id] = case, item
        return item
