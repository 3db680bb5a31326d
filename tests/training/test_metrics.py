"""Intervals by person: wide where one person has many films."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from training.metrics import measure, median, ninetieth, ratio, write_metrics


def test_value_lies_within_its_interval() -> None:
    values = np.random.default_rng(0).normal(5, 1, 60)
    found = measure(values, [str(n) for n in range(60)])
    assert found.low < found.value < found.high
    assert found.n == 60
    assert found.value == pytest.approx(values.mean())
    assert found.high - found.low == pytest.approx(4 * 1 / np.sqrt(60), rel=0.35)


def test_many_films_of_one_person_count_little() -> None:
    values = np.repeat(np.random.default_rng(1).normal(0, 1, 6), 20)
    alone = measure(values, [str(n) for n in range(120)])
    grouped = measure(values, [str(n // 20) for n in range(120)])
    assert grouped.high - grouped.low > 2.5 * (alone.high - alone.low)


@given(hnp.arrays(np.float64, st.integers(1, 40), elements=st.floats(-1e6, 1e6)))
def test_quantiles_are_numpys(values: np.ndarray) -> None:
    assert median(values) == pytest.approx(np.median(values), abs=1e-6)
    assert ninetieth(values) == pytest.approx(np.percentile(values, 90), abs=1e-6)


def test_ratio_is_what_was_saved() -> None:
    pairs = np.array([[10.0, 5.0], [30.0, 15.0]])
    assert measure(pairs, ["a", "b"], statistic=ratio).value == pytest.approx(0.5)


def test_same_seed_same_interval() -> None:
    values = [1.0, 4.0, 2.0, 8.0]
    assert measure(values, list("abcd"), statistic=median) == measure(
        values, list("abcd"), statistic=median
    )


@pytest.mark.parametrize(("values", "people"), [([], []), ([1.0], []), ([1.0], ["a", "b"])])
def test_cases_without_people_are_refused(values: list[float], people: list[str]) -> None:
    with pytest.raises(ValueError, match="people"):
        measure(values, people)


def test_written_flat(tmp_path: Path) -> None:
    write_metrics({"mre_px.0": measure([2.0, 4.0], ["a", "b"])}, tmp_path / "metrics.json")
    told = json.loads((tmp_path / "metrics.json").read_text())
    assert set(told["mre_px.0"]) == {"value", "low", "high", "n"}
    assert told["mre_px.0"]["value"] == 3.0
