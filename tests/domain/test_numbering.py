"""Names down a column: counted on, gone missing, one too many; and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import WrongUse
from domain.numbering import (
    LEVELS,
    ORDER,
    allowed,
    deleted,
    inserted,
    is_column,
    remarks,
    renamed,
    shifted,
)

columns = st.sets(st.sampled_from(ORDER[2:-2]), min_size=3, max_size=20).map(
    lambda names: tuple(sorted(names, key=ORDER.index))
)


@given(columns, st.data())
def test_whatever_is_done_the_names_still_run_down_the_column(names, data):
    at = data.draw(st.integers(0, len(names) - 1))
    made = [deleted(names, at), shifted(names, 1), shifted(names, -1)]
    try:
        made.append(inserted(names, at))
        made.append(renamed(names, at, data.draw(st.sampled_from(allowed(names, at)))))
    except WrongUse:
        assert ORDER.index(names[-1]) > ORDER.index("L5") or len(names) > 12
    assert all(is_column(column) for column in made)


@given(columns, st.data())
def test_one_more_in_between_and_out_again_changes_nothing_above_it(names, data):
    at = data.draw(st.integers(1, len(names) - 1))
    more = inserted(names, at)
    assert more[:at] == names[:at]
    assert len(more) == len(names) + 1


def test_a_column_counts_on_below_an_inserted_vertebra():
    assert inserted(LEVELS, 7) == (*LEVELS, "S1")
    assert inserted(LEVELS, 0) == ("C7", *LEVELS)
    assert inserted(LEVELS, 17) == (*LEVELS, "S1")


def test_an_inserted_vertebra_takes_the_missing_name():
    names = (*LEVELS[:5], *LEVELS[6:])
    assert inserted(names, 5) == LEVELS


def test_a_deleted_vertebra_lets_those_below_count_up_but_an_end_leaves_them():
    assert deleted(LEVELS, 6) == LEVELS[:-1]
    assert deleted(LEVELS, 0) == LEVELS[1:]
    assert deleted(LEVELS, 16) == LEVELS[:-1]


def test_thirteen_thoracic_vertebrae_are_said_by_one_name():
    names = renamed(LEVELS, 12, "T13")
    assert names == (*LEVELS[:12], "T13", "L1", "L2", "L3", "L4")
    assert remarks(names) == ("T13: 13 thoracic vertebrae.",)
    assert shifted(shifted(names, 1), -1)[1:] == names[1:], "T13 is not forgotten"


def test_six_lumbar_vertebrae_are_said_by_one_name():
    names = renamed((*LEVELS, "S1"), 17, "L6")
    assert names == (*LEVELS, "L6")
    assert remarks(names) == ("L6: 6 lumbar vertebrae.",)


def test_eleven_thoracic_vertebrae_are_said_by_one_name():
    names = renamed(LEVELS, 11, "L1")
    assert names == (*LEVELS[:11], *LEVELS[12:], "S1")
    assert remarks(names) == ("Not marked: T12.",)


def test_the_usual_column_is_not_worth_a_word():
    assert remarks(LEVELS) == ()


@pytest.mark.parametrize(("at", "name"), [(5, "T3"), (5, "T5"), (0, "S3"), (3, "Q1"), (16, "T16")])
def test_a_name_that_does_not_fit_is_refused_in_words(at, name):
    with pytest.raises(WrongUse) as refused:
        renamed(LEVELS, at, name)
    assert refused.value.remedy


@pytest.mark.parametrize(("names", "levels"), [(ORDER[-3:], 1), (ORDER[:3], -1)])
def test_names_end_somewhere(names, levels):
    with pytest.raises(WrongUse, match="no vertebra"):
        shifted(names, levels)


@pytest.mark.parametrize("names", [("T2", "T1"), ("T1", "T1"), ("T1", "X"), ("T1", "L7")])
def test_what_is_no_column(names):
    assert not is_column(names)
