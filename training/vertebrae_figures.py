"""Figures of many films, as metrics.json names them; intervals by person."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from training.data.aasce import is_independent
from training.metrics import Metric, mean, measure, median, ninetieth, ratio
from training.vertebrae_protocol import SLIPPED, BoxResult, FilmResult

FloatArray = NDArray[np.float64]
Metrics = dict[str, Metric]
GOALS_PX = (20, 30, 40, 50)
ANGLES = ("main", "second", "third")
INDEPENDENT = "_independent"


def all_metrics(films: Sequence[FilmResult], *, seed: int) -> Metrics:
    """All figures of labelled films, and again for the independent ones where some are not."""
    metrics = film_metrics(films, seed=seed)
    independent = [film for film in films if is_independent(film.name)]
    if len(independent) < len(films):
        again = film_metrics(independent, seed=seed)
        metrics |= {name + INDEPENDENT: metric for name, metric in again.items()}
    return metrics


def film_metrics(films: Sequence[FilmResult], *, seed: int) -> Metrics:
    """All figures of labelled films."""
    if not films:
        return {}
    people = [film.person for film in films]
    curve, manual = np.stack([f.curve for f in films]), np.stack([f.manual for f in films])
    metrics: Metrics = {}
    for click in range(curve.shape[1]):
        errors = curve[:, click]
        metrics[f"mre_px.{click}"] = measure(errors, people, seed=seed)
        for name, statistic in (("median", median), ("p90", ninetieth)):
            found = measure(errors, people, statistic=statistic, seed=seed)
            metrics[f"mre_px_{name}.{click}"] = found
        if click:
            metrics[f"manual_mre_px.{click}"] = measure(manual[:, click], people, seed=seed)
    others = np.array([film.others for film in films])
    metrics["others_gain_by_click"] = measure(others, people, statistic=ratio, seed=seed)
    metrics |= _goals(curve, people, seed=seed)
    metrics |= _slips(films, seed=seed)
    metrics |= _cobb(films, people, seed=seed)
    metrics |= _curves(films, seed=seed)
    metrics["seconds_per_click"] = measure([film.seconds for film in films], people, seed=seed)
    return metrics


def box_metrics(films: Sequence[BoxResult], *, seed: int) -> Metrics:
    """Figures of boxed films: every film is a person of its own."""
    if not films:
        return {}
    names = [film.name for film in films]
    shares = {}
    for name, held in (("box_recall", "hit"), ("box_matched", "matched")):
        pairs = [[film.boxes, film.boxes - getattr(film, held)] for film in films]
        values = np.array(pairs, dtype=np.float64)
        shares[name] = measure(values, names, statistic=ratio, seed=seed)
    right = [float(film.reached == film.boxes) for film in films]
    return {
        **shares,
        "box_count_right": measure(right, names, seed=seed),
    }


def _goals(curve: FloatArray, people: Sequence[str], *, seed: int) -> Metrics:
    """Clicks needed to reach a mean error, and the share that never does."""
    clicks = curve.shape[1] - 1
    metrics = {}
    for goal in GOALS_PX:
        reached = curve <= goal
        needed = [float(row.argmax()) if row.any() else float(clicks) for row in reached]
        failed = [float(not row.any()) for row in reached]
        metrics[f"noc{clicks}_{goal}"] = measure(needed, people, seed=seed)
        metrics[f"fr{clicks}_{goal}"] = measure(failed, people, seed=seed)
        got = [n for n, fail in enumerate(failed) if not fail]
        if got:  # as printed by the published code: the films that got there alone
            found = measure([needed[n] for n in got], [people[n] for n in got], seed=seed)
            metrics[f"noc{clicks}_{goal}_reached"] = found
    return metrics


def _slips(films: Sequence[FilmResult], *, seed: int) -> Metrics:
    share = [float(film.is_slipped) for film in films]
    metrics = {"slipped_share": measure(share, [film.person for film in films], seed=seed)}
    straight = [(float(f.curve[0]), f.person) for f in films if not f.is_slipped]
    if straight:
        values, whose = zip(*straight, strict=True)
        metrics["mre_px_not_slipped.0"] = measure(values, whose, seed=seed)
    slipped = [film for film in films if film.is_slipped]
    people = [film.person for film in slipped]
    if slipped and len(slipped[0].slips) > 1:
        back = [float(abs(film.slips[1]) <= SLIPPED) for film in slipped]
        metrics["slips_brought_back"] = measure(back, people, seed=seed)
    if slipped:
        found = [film.unslipped or 0.0 for film in slipped]
        metrics["any_click_unslips"] = measure(found, people, seed=seed)
    return metrics


def _cobb(films: Sequence[FilmResult], people: Sequence[str], *, seed: int) -> Metrics:
    found, true = (np.stack([film.angles[n] for film in films]) for n in (0, 1))
    off = np.abs(found - true)
    metrics = {"cobb_smape": measure(smape(found, true), people, seed=seed)}
    for n, name in enumerate(ANGLES):
        one = (found[:, n : n + 1], true[:, n : n + 1])
        metrics[f"cobb_{name}_mae_deg"] = measure(off[:, n], people, statistic=mean, seed=seed)
        metrics[f"cobb_{name}_smape"] = measure(smape(*one), people, seed=seed)
    metrics["cobb_main_median_deg"] = measure(off[:, 0], people, statistic=median, seed=seed)
    return metrics


def smape(found: FloatArray, true: FloatArray) -> FloatArray:
    """(n,) symmetric error in per cent of (n, angles): 0 where neither side has an angle.

    Source: AASCE 2019, 100 * sum |true - found| / sum (true + found) over a film's angles.
    """
    total = (found + true).sum(axis=1)
    share: FloatArray = np.abs(found - true).sum(axis=1) / np.where(total > 0, total, 1.0)
    return 100 * share


def _curves(films: Sequence[FilmResult], *, seed: int) -> Metrics:
    """Clinical curves: a curve that one side lacks stands against 0; n counts curves."""
    pairs = np.concatenate([film.curves for film in films])
    if not len(pairs):
        return {}
    people = [film.person for film in films for _ in film.curves]
    right = [float((film.curves > 0).all()) for film in films]
    true, found = pairs.T
    off, both = np.abs(true - found), np.flatnonzero(np.minimum(true, found) > 0)
    metrics = {
        "curve_mae_deg": measure(off, people, seed=seed),
        "curve_smape": measure(smape(found[:, None], true[:, None]), people, seed=seed),
        "curve_count_right": measure(right, [film.person for film in films], seed=seed),
    }
    if len(both):  # apart, because a curve just under the least angle counts as none
        whose = [people[n] for n in both]
        metrics["curve_mae_matched_deg"] = measure(off[both], whose, seed=seed)
    return metrics
