"""Which cases a list shows, and in what order: plain values, up to ten thousand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.widgets.case_filter import (
    CaseItem,
    Order,
    Show,
    counts,
    found,
    let_through,
    neighbour,
    next_unreviewed,
    ordered,
)

STATUSES = ("new", "in_work", "reviewed")


def many(number: int) -> list[CaseItem]:
    """Cases newest first; every third has a status, every tenth a note, every hundredth failed."""
    return [
        CaseItem(
            str(n),
            f"film {n}",
            STATUSES[n % 3],
            note="Metall ü" if n % 10 == 0 else "",
            trouble="It failed." if n % 100 == 0 else "",
        )
        for n in range(number)
    ]


def ids(items) -> list[str]:
    return [item.id for item in items]


def test_ten_thousand_cases_are_counted_searched_and_filtered() -> None:
    items = many(10_000)
    assert counts(items) == {
        Show.ALL: 10_000,
        Show.NEW: 3334,
        Show.IN_WORK: 3333,
        Show.REVIEWED: 3333,
        Show.FAILED: 100,
    }
    hits = found(items, "metall FILM")
    assert ids(hits) == [str(n) for n in range(0, 10_000, 10)]
    assert counts(hits)[Show.FAILED] == 100
    assert ids(let_through(hits, Show.NEW)) == [str(n) for n in range(0, 10_000, 30)]
    assert ids(found(items, "film 9999")) == ["9999"]


@pytest.mark.parametrize(
    ("search", "left"),
    [
        ("", ("a", "b")),
        ("u\u0308BER schraube", ("a",)),
        ("rücken", ("b",)),
        ("über rücken", ()),
        (".*", ()),
        ("implant", ("b",)),
        ("rücken implant", ("b",)),
        ("impl", ()),
    ],
)
def test_a_search_looks_for_every_word_in_name_and_note_and_for_a_task(
    search: str, left: tuple[str, ...]
) -> None:
    items = [
        CaseItem("a", "Über 1", "new", note="Schraube in L4"),
        CaseItem("b", "Rücken", "new", task="implant"),
    ]
    assert tuple(ids(found(items, search))) == left


def test_sorted_by_name_numbers_count_and_by_status_the_newest_stay_first() -> None:
    items = [
        CaseItem("1", "film 10", "reviewed"),
        CaseItem("2", "Film 2", "new"),
        CaseItem("3", "film 1", "in_work"),
        CaseItem("4", "film 3", "new"),
    ]
    assert ids(ordered(items, Order.NEWEST)) == ["1", "2", "3", "4"]
    assert ids(ordered(items, Order.NAME)) == ["3", "2", "4", "1"]
    assert ids(ordered(items, Order.STATUS)) == ["2", "4", "3", "1"]


def test_neighbours_are_those_that_are_shown_also_of_a_case_just_hidden() -> None:
    items = many(9)
    shown = [item for item in items if item.status == "new"]  # 0, 3, 6
    assert neighbour(items, "3", among=shown, step=1) == "6"
    assert neighbour(items, "4", among=shown, step=1) == "6"
    assert neighbour(items, "4", among=shown, step=-1) == "3"
    assert neighbour(items, "6", among=shown, step=1) is None
    assert neighbour(items, None, among=shown, step=1) == "0"
    assert neighbour(items, "3", among=[], step=1) is None


def test_the_next_unreviewed_case_goes_around_the_end_and_never_to_itself() -> None:
    items = many(6)  # 2 and 5 are reviewed
    assert next_unreviewed(items, "1", among=items) == "3"
    assert next_unreviewed(items, "4", among=items) == "0"
    assert next_unreviewed(items, "0", among=items[:1]) is None
    assert next_unreviewed(items, "2", among=[items[2], items[5]]) is None


@given(st.lists(st.sampled_from(STATUSES), max_size=12), st.integers(0, 11))
def test_walking_by_unreviewed_reaches_each_of_them_once(statuses: list[str], start: int) -> None:
    items = [CaseItem(str(n), f"film {n}", status) for n, status in enumerate(statuses)]
    wanted = {item.id for item in items if item.status != "reviewed"}
    at: str | None = str(start) if start < len(items) else None
    seen = {at} & wanted
    for _ in range(len(wanted)):
        at = next_unreviewed(items, at, among=items) or at
        seen |= {at}
    assert seen - {None, str(start)} == wanted - {str(start)}
