"""The cases of the library, as a list shows them or whole, each as it is in this sitting."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import TypeVar

from app.library.cases import Case, ListedCase
from app.library.library import Library

AnyCase = TypeVar("AnyCase", Case, ListedCase)


class Listing:
    """Reads whole cases when asked; what a list shows of ten thousand is read once.

    Args:
        opened: the cases of this sitting, which may be ahead of what is committed.
    """

    def __init__(self, library: Library, *, opened: Callable[[], Iterable[Case]]) -> None:
        self._library, self._opened = library, opened
        self._stored: dict[str, ListedCase] | None = None

    def shown(self) -> tuple[ListedCase, ...]:
        """Every case as a list shows it, newest first."""
        return _newest_first(self._by_id().values())

    def whole(self) -> tuple[Case, ...]:
        """Every case with all that is known of it, newest first."""
        return self.later()()

    def later(self) -> Callable[[], tuple[Case, ...]]:
        """Reads on any thread what `whole` would tell now: ten thousand take a while."""
        opened = tuple(self._opened())
        return lambda: _as_now(self._library.cases(), opened)

    def these(self, case_ids: Iterable[str]) -> tuple[Case, ...]:
        """Some cases with all that is known of them, as they are asked for; others are left out."""
        wanted = tuple(case_ids)
        cases = _by_id((*self._library.cases_by_id(wanted), *self._opened()))
        return tuple(cases[one] for one in wanted if one in cases)

    def of_file(self, path: str) -> tuple[Case, ...]:
        """The cases made from one file, newest first."""
        cases = _as_now(self._library.cases_of_file(path), self._opened())
        return tuple(case for case in cases if case.path == path)

    def __contains__(self, case_id: str) -> bool:
        return case_id in self._by_id()

    def settle(self, case: Case) -> None:
        """A case leaves the sitting as it is now."""
        if self._stored is not None:
            self._stored[case.id] = ListedCase.of(case)

    def forget(self, case_id: str) -> None:
        """A case left the library."""
        if self._stored is not None:
            self._stored.pop(case_id, None)

    def _by_id(self) -> dict[str, ListedCase]:
        if self._stored is None:  # only this sitting changes them
            self._stored = {case.id: case for case in self._library.listed()}
        self._stored.update({case.id: ListedCase.of(case) for case in self._opened()})
        return self._stored


def _as_now(stored: Iterable[Case], opened: Iterable[Case]) -> tuple[Case, ...]:
    return _newest_first(_by_id((*stored, *opened)).values())


def _by_id(cases: Iterable[Case]) -> dict[str, Case]:
    return {case.id: case for case in cases}


def _newest_first(cases: Iterable[AnyCase]) -> tuple[AnyCase, ...]:
    return tuple(sorted(cases, key=attrgetter("created"), reverse=True))
