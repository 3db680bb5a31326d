"""Rows of the list: only what something happened to is made anew."""

from __future__ import annotations

from app.library.cases import CaseStatus, ListedCase
from app.window.case_rows import CaseRows


def a_case(number: int, *, person: str = "") -> ListedCase:
    name = f"film {number}"
    return ListedCase(str(number), name, CaseStatus.NEW, person, "", -float(number), "vertebrae")


def test_of_ten_thousand_cases_only_what_changed_is_made_anew() -> None:
    rows = CaseRows()
    cases = [a_case(number) for number in range(10_000)]
    before = rows.items(cases)
    cases[7] = cases[7]._replace(status=CaseStatus.REVIEWED, note="words")
    rows.note_activity("8", "waiting")
    rows.note_trouble("9", "It failed.")
    after = rows.items([a_case(10_000), *cases])[1:]
    fresh = [n for n, (old, new) in enumerate(zip(before, after, strict=True)) if old is not new]
    assert fresh == [7, 8, 9]
    assert [(one.status, one.note, one.words) for one in after[7:10]] == [
        ("reviewed", "words", "reviewed"),
        ("new", "", "waiting"),
        ("new", "", "It failed."),
    ]


def test_films_of_one_person_are_counted_and_a_film_of_nobody_is_alone() -> None:
    rows = CaseRows()
    cases = [a_case(0, person="p"), a_case(1, person="q"), a_case(2), a_case(3)]
    assert [item.films for item in rows.items(cases)] == [1, 1, 1, 1]
    cases[1] = a_case(1, person="p")
    assert [item.films for item in rows.items(cases)] == [2, 2, 1, 1]
    assert [item.films for item in rows.items(cases[1:])] == [1, 1, 1]


def test_what_is_known_of_a_case_goes_with_it() -> None:
    rows = CaseRows()
    rows.note_trouble("0", "It failed.")
    assert rows.items([a_case(0)])[0].trouble == "It failed."
    rows.forget("0")
    assert rows.items([a_case(0)])[0].trouble == ""
