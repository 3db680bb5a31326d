"""What a list shows of the library, whole cases, and what this sitting did to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.library.cases import Case, CaseStatus, ListedCase
from app.library.library import Library
from app.session.listing import Listing
from tests.app.library.makers import WAIT_S, a_case

OLD = a_case("old", created=1.0, person="p", note="words")
NEW = a_case("new", created=2.0, path="/films/old.png", page=1)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    made = Library.open(tmp_path)
    made.add_case(OLD, None)
    made.add_case(NEW, None).result(WAIT_S)
    yield made
    made.close()


@pytest.fixture
def opened() -> list[Case]:
    return []


@pytest.fixture
def listing(library: Library, opened: list[Case]) -> Listing:
    return Listing(library, opened=lambda: opened)


def test_cases_are_listed_newest_first(listing: Listing) -> None:
    assert listing.shown() == (ListedCase.of(NEW), ListedCase.of(OLD))
    assert listing.whole() == (NEW, OLD)


def test_an_open_case_is_told_as_it_is_now(listing: Listing, opened: list[Case]) -> None:
    assert listing.shown()
    now = replace(OLD, status=CaseStatus.REVIEWED, path="/elsewhere.png")
    opened.extend([now, a_case("unsaved", created=3.0)])
    assert [case.id for case in listing.shown()] == ["unsaved", "new", "old"]
    assert listing.shown()[2].status is CaseStatus.REVIEWED
    assert listing.whole()[2] == now
    assert listing.of_file("/films/old.png") == (NEW,)
    assert listing.of_file("/elsewhere.png") == (now,)


def test_some_cases_are_told_as_they_are_now_in_the_order_asked_for(
    listing: Listing, opened: list[Case]
) -> None:
    opened.append(replace(OLD, status=CaseStatus.REVIEWED))
    assert listing.these(["old", "nowhere", "new"]) == (opened[0], NEW)
    assert listing.these([]) == ()


def test_what_is_read_later_tells_the_sitting_as_it_was_when_asked(
    listing: Listing, opened: list[Case]
) -> None:
    opened.append(replace(OLD, status=CaseStatus.IN_WORK))
    later = listing.later()
    opened.clear()
    assert [case.status for case in later()] == [CaseStatus.NEW, CaseStatus.IN_WORK]


def test_a_case_that_leaves_the_sitting_stays_as_it_was(
    listing: Listing, opened: list[Case]
) -> None:
    opened.append(replace(OLD, status=CaseStatus.IN_WORK))
    assert listing.shown()
    listing.settle(replace(OLD, status=CaseStatus.REVIEWED))
    opened.clear()
    assert listing.shown()[1].status is CaseStatus.REVIEWED


def test_a_case_that_was_removed_is_not_listed(listing: Listing, library: Library) -> None:
    assert "old" in listing
    library.remove_case("old").result(WAIT_S)
    listing.forget("old")
    assert "old" not in listing
    assert listing.whole() == (NEW,)
