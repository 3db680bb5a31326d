"""A row knows its ratio and whether its budget is kept, and survives the way through JSON."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.rows import (
    RATE,
    Absent,
    Budget,
    Row,
    Times,
    as_row,
    from_json,
    to_json,
)
from benchmarks.timing import Measured


def row(ours, theirs=None, *, budget=None, unit="s"):
    given = None if theirs is None else Times(theirs, theirs, 5)
    return Row("it", Times(*ours, 5), "that", given, budget or Budget(), unit)


def test_the_median_and_the_slowest_twentieth():
    assert Times.of([3.0, 1.0, 2.0]) == Times(2.0, 2.9, 3)
    assert Times.of(range(101)) == Times(50.0, 95.0, 101)


def test_the_ratio_says_how_many_times_faster_ours_is():
    assert row((0.1, 0.2), 0.4).ratio == pytest.approx(4.0)
    assert row((12.0, 13.0), 4.0, unit=RATE).ratio == pytest.approx(3.0)
    assert row((0.1, 0.2)).ratio is None


@pytest.mark.parametrize(
    ("budget", "holds"),
    [
        (Budget(), None),
        (Budget(median_s=0.1), True),
        (Budget(median_s=0.09), False),
        (Budget(p95_s=0.2), True),
        (Budget(p95_s=0.19), False),
        (Budget(times=4.0), True),
        (Budget(times=4.1), False),
        (Budget(p95_s=0.2, times=4.1), False),
        (Budget(p95_s=0.2, times=4.0), True),
    ],
)
def test_a_budget_is_kept_or_not(budget, holds):
    assert row((0.1, 0.2), 0.4, budget=budget).holds is holds


def test_a_ratio_that_was_asked_for_and_cannot_be_had_is_not_kept():
    assert row((0.1, 0.2), budget=Budget(times=2.0)).holds is False


def test_an_older_ratio_becomes_a_row():
    made = as_row(Measured("library: open (pictures when seen against all)", 0.4, 0.1, 1.5))
    assert (made.name, made.reference) == ("library: open", "pictures when seen against all")
    assert made.ratio == pytest.approx(4.0)
    assert made.holds is True
    assert as_row(Measured("a (b)", 0.1, 0.1, 1.5)).holds is False


positive = st.floats(1e-6, 1e6)
times = st.builds(Times, positive, positive, st.integers(1, 99))
lines = st.one_of(
    st.builds(
        Row,
        st.text(),
        times,
        st.text(),
        st.none() | times,
        st.builds(Budget, st.none() | positive, st.none() | positive, st.none() | positive),
        st.sampled_from(["s", RATE]),
        st.text(),
    ),
    st.builds(Absent, st.text(), st.text(), failed=st.booleans()),
)


@given(lines)
def test_through_json_and_back(line):
    text = to_json(line)
    assert "\n" not in text
    assert from_json(text) == line


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"why": 1}', '{"name": "x", "theirs": null}'])
def test_what_is_no_line_is_refused(text):
    with pytest.raises((ValueError, KeyError, TypeError)):
        from_json(text)
