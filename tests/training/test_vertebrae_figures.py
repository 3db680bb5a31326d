"""Figures of several films, against those worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from training.metrics import Metric
from training.vertebrae_figures import all_metrics, film_metrics, smape
from training.vertebrae_protocol import FilmResult


def film(name: str = "a", **changed: Any) -> FilmResult:
    """A film with three errors (two clicks) and nothing else to say."""
    plain: dict[str, Any] = {
        "name": name,
        "person": name,
        "curve": np.zeros(3),
        "manual": np.zeros(3),
        "clicked": (0, 1),
        "others": (2.0, 1.0),
        "slips": np.zeros(3),
        "unslipped": None,
        "angles": np.zeros((2, 3)),
        "curves": np.zeros((0, 2)),
        "seconds": 0.5,
        "first": np.zeros((68, 2)),
    }
    return FilmResult(**(plain | changed))


def values(metrics: dict[str, Metric]) -> dict[str, float]:
    return {name: metric.value for name, metric in metrics.items()}


def test_clicks_to_a_goal_in_both_conventions() -> None:
    curves = {"a": [50.0, 25.0, 15.0], "b": [60.0, 40.0, 35.0], "c": [10.0, 9.0, 8.0]}
    found = values(
        film_metrics([film(n, curve=np.array(row)) for n, row in curves.items()], seed=0)
    )
    assert found["noc2_20"] == pytest.approx((2 + 2 + 0) / 3)  # b fails and counts as 2
    assert found["noc2_20_reached"] == pytest.approx((2 + 0) / 2)
    assert found["fr2_20"] == pytest.approx(1 / 3)
    assert found["noc2_40"] == found["noc2_40_reached"] == pytest.approx(2 / 3)
    assert found["fr2_40"] == 0
    assert found["noc2_50"] == pytest.approx((0 + 1 + 0) / 3)
    assert [found[f"mre_px.{n}"] for n in range(3)] == pytest.approx([40, 74 / 3, 58 / 3])
    assert found["mre_px_median.0"] == 50
    assert found["mre_px_p90.0"] == pytest.approx(50 + 0.8 * 10)
    assert "manual_mre_px.0" not in found
    assert found["manual_mre_px.2"] == 0


def test_nobody_reaches_the_goal() -> None:
    found = film_metrics([film(curve=np.full(3, 99.0))], seed=0)
    assert (found["noc2_20"].value, found["fr2_20"].value) == (2, 1)
    assert "noc2_20_reached" not in found


def test_smape_is_that_of_the_challenge() -> None:
    found = np.array([[10.0, 5.0, 0.0], [30.0, 0.0, 10.0], [0.0, 0.0, 0.0]])
    true = np.array([[20.0, 5.0, 0.0], [30.0, 10.0, 0.0], [0.0, 0.0, 0.0]])
    assert smape(found, true) == pytest.approx([100 * 10 / 40, 100 * 20 / 80, 0])


def test_errors_of_three_angles() -> None:
    films = [
        film("a", angles=np.array([[10.0, 5, 0], [20.0, 5, 0]])),
        film("b", angles=np.array([[30.0, 0, 10], [30.0, 10, 0]])),
    ]
    found = values(film_metrics(films, seed=0))
    names = ("main", "second", "third")
    assert [found[f"cobb_{name}_mae_deg"] for name in names] == [5, 5, 5]
    assert found["cobb_smape"] == pytest.approx(25)
    singles = [found[f"cobb_{name}_smape"] for name in names]
    assert singles == pytest.approx([(100 / 3 + 0) / 2, (0 + 100) / 2, (0 + 100) / 2])


def test_slips_and_what_clicks_do_to_them() -> None:
    films = [
        film("a", slips=np.array([1.0, 0.2, 0.1]), unslipped=0.75),
        film("b", slips=np.array([-0.9, -0.9, 0.0]), unslipped=0.25),
        film("c", slips=np.array([0.6, 0.0, 0.0]), curve=np.array([7.0, 1, 1])),
    ]
    found = film_metrics(films, seed=0)
    assert found["slipped_share"].value == pytest.approx(2 / 3)
    assert (found["slips_brought_back"].value, found["slips_brought_back"].n) == (0.5, 2)
    assert (found["any_click_unslips"].value, found["any_click_unslips"].n) == (0.5, 2)
    assert found["mre_px_not_slipped.0"].value == 7


def test_films_that_repeat_training_films_are_counted_and_left_out_beside() -> None:
    repeated = film("x-28-Feb-2017-240 A AP.jpg", curve=np.full(3, 30.0))
    found = all_metrics([film("a", curve=np.full(3, 10.0)), repeated], seed=0)
    assert (found["mre_px.0"].value, found["mre_px.0"].n) == (20, 2)
    assert (found["mre_px.0_independent"].value, found["mre_px.0_independent"].n) == (10, 1)
    plain = {name for name in found if not name.endswith("_independent")}
    assert {f"{name}_independent" for name in plain} == set(found) - plain
    assert not any("independent" in name for name in all_metrics([film("a")], seed=0))


def test_clinical_curves_where_there_are_any() -> None:
    pairs = {"a": [[40.0, 30.0], [12.0, 0.0]], "b": [[20.0, 20.0]]}
    found = film_metrics([film(n, curves=np.array(rows)) for n, rows in pairs.items()], seed=0)
    assert found["curve_mae_deg"].value == pytest.approx((10 + 12 + 0) / 3)
    assert found["curve_mae_deg"].n == 3
    assert found["curve_mae_matched_deg"].value == pytest.approx(5)
    assert found["curve_smape"].value == pytest.approx((1000 / 70 + 100 + 0) / 3)
    assert found["curve_count_right"].value == 0.5
    assert not any(name.startswith("curve") for name in film_metrics([film()], seed=0))


def test_no_film_has_no_figures() -> None:
    assert all_metrics([], seed=0) == {}
