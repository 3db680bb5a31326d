"""Hints that cannot all be right are found, and doubts are said in a case's own names."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.annotation import Annotations, Hint
from domain.doubting import doubts_of_hints, sentences
from domain.doubts import Doubt, DoubtKind
from domain.vertebrae import column_named, corner_index, shifted_column
from tests.app.session.sitting import column

CASE = Annotations("a" * 64)


def hint(name: str, row: float, column: float) -> Hint:
    return Hint(corner_index(name), row, column)


def kinds(*hints: Hint) -> set[DoubtKind]:
    return {doubt.kind for doubt in doubts_of_hints(hints)}


def said(*doubts: Doubt, case: Annotations = CASE) -> tuple[str, ...]:
    return sentences(replace(case, doubts=doubts))


def test_all_corners_of_a_sound_column_are_no_contradiction():
    every = [Hint(index, *map(float, place)) for index, place in enumerate(column())]
    assert doubts_of_hints(every) == ()


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        (hint("T1.TL", 900, 50), hint("L5.TL", 100, 50), DoubtKind.ORDER),
        (hint("T4.BL", 400, 50), hint("T5.BL", 380, 50), DoubtKind.ORDER),
        (hint("T4.TL", 400, 50), hint("T4.BL", 380, 50), DoubtKind.ORDER),
        (hint("T4.TL", 400, 50), hint("T4.TR", 400, 20), DoubtKind.SIDES),
        (hint("T4.BL", 400, 50), hint("T4.BR", 400, 20), DoubtKind.SIDES),
        (hint("T4.BR", 400.2, 50), hint("T5.TR", 400.4, 50.1), DoubtKind.SAME_PLACE),
    ],
)
def test_what_cannot_both_be_right_is_told_in_whatever_order_it_came(one, other, kind):
    assert kinds(one, other) == kinds(other, one) == {kind}


def test_a_vertebra_that_leans_may_have_its_left_below_the_right_of_the_next():
    assert not kinds(hint("T8.BL", 500, 100), hint("T9.TR", 460, 140))
    assert kinds(hint("T8.BL", 500, 100), hint("L5.TR", 460, 140)) == {DoubtKind.ORDER}


@given(st.permutations(range(17)))
def test_tops_are_in_order_just_where_nothing_is_said(rows):
    hints = [Hint(4 * level, 40.0 * row, 100.0) for level, row in enumerate(rows)]
    wrong = sum(above > below for n, above in enumerate(rows) for below in rows[n + 1 :])
    assert [doubt.count for doubt in doubts_of_hints(hints)] == ([wrong] if wrong else [])


def test_a_sentence_uses_the_names_of_the_case_and_counts_the_other_pairs():
    doubt = Doubt(DoubtKind.ORDER, 3, (corner_index("T4.TL"), corner_index("T6.TL")))
    moved = replace(CASE, column=shifted_column(1))
    assert said(doubt)[0].startswith("T4.TL was placed below T6.TL")
    assert said(doubt, case=moved)[0].startswith("T5.TL was placed below T7.TL")
    assert "2 more pairs" in said(doubt)[0]
    assert "more" not in said(replace(doubt, count=1))[0]


def test_the_count_matters_no_more_once_the_others_are_taken_out():
    few = Doubt(DoubtKind.FEW, 8)
    assert said(few) == ("Only about 8 vertebrae are in the picture; the others are guesses.",)
    names = [f"T{n}" for n in range(1, 9)]
    assert said(few, case=replace(CASE, column=column_named(names))) == ()


def test_every_kind_of_doubt_has_words():
    for kind in DoubtKind:
        assert said(Doubt(kind, 1, (0, 4)))
