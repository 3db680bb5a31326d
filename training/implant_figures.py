"""Figures of an evaluation: whether a study has implants, and where they are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from training.implant_protocol import StudyResult, counted_pairs
from training.metrics import Metric, auroc, auroc_gain, average_precision, mean, measure

FloatArray = NDArray[np.float64]
ALARMS = 0.5, 1.0, 2.0, 4.0
"""False alarms a film, at which FROC is read."""
_CONTROLS = 3  # for each study with implants
_FEW = 1e-4  # share of bright places that is as good as none


def all_metrics(results: Sequence[StudyResult], *, seed: int = 0) -> dict[str, Metric]:
    """Every figure that these studies allow, with intervals by patient."""
    if not results:
        return {}
    bootstrap = partial(measure, seed=seed)
    people = [result.study.patient for result in results]
    metrics = {"seconds_per_study": bootstrap([result.seconds for result in results], people)}
    metrics |= _whether(results, people, seed=seed)
    healthy = [result for result in results if not result.study.with_implant]
    if healthy:
        owners = [result.study.patient for result in healthy]
        metrics["unlike_share"] = bootstrap([result.unlike for result in healthy], owners)
        metrics["alarm_share"] = bootstrap([result.found > 0 for result in healthy], owners)
    return metrics | _where(results, seed=seed)


def _whether(results: Sequence[StudyResult], people: list[str], *, seed: int) -> dict[str, Metric]:
    truth = np.array([float(result.study.with_implant) for result in results])
    if len(set(truth)) < 2:
        return {}
    scores = np.array([result.score for result in results])
    others = _simple_judges(results)
    bootstrap = partial(measure, seed=seed)
    metrics = {"auroc_study": bootstrap(np.stack([scores, truth], 1), people, statistic=auroc)}
    for name, other in others.items():
        pair = np.stack([other, truth], 1)
        metrics[f"auroc_{name}"] = bootstrap(pair, people, statistic=auroc)
        rows = np.stack([scores, other, truth], 1)
        metrics[f"auroc_over_{name}"] = bootstrap(rows, people, statistic=auroc_gain)
    won = against_controls(results)
    with_implant = [person for person, one in zip(people, truth, strict=True) if one]
    metrics["auroc_matched"] = bootstrap(won, with_implant, statistic=mean)
    return metrics


def _simple_judges(results: Sequence[StudyResult]) -> dict[str, FloatArray]:
    """What needs no network: the share of bright places, and how few teeth are left."""
    others = {"brightness": np.array([result.brightness for result in results])}
    if all(result.study.teeth is not None for result in results):
        others["teeth"] = -np.array([float(result.study.teeth or 0) for result in results])
    return others


def _alike(others: dict[str, FloatArray]) -> FloatArray:
    """(studies, kinds) what controls are matched by, each in its own spreads."""
    bright = np.log(np.maximum(others["brightness"], _FEW))
    kinds = [bright, *([others["teeth"]] if "teeth" in others else [])]
    return np.stack([kind / max(float(kind.std()), 1e-9) for kind in kinds], axis=1)


def against_controls(results: Sequence[StudyResult]) -> list[float]:
    """For each study with implants how many of the healthy ones most like it score lower."""
    truth = np.array([result.study.with_implant for result in results])
    scores, places = np.array([r.score for r in results]), _alike(_simple_judges(results))
    healthy = np.nonzero(truth == 0)[0]
    won = []
    for study in np.nonzero(truth)[0]:
        apart = np.linalg.norm(places[healthy] - places[study], axis=1)
        controls = scores[healthy[np.argsort(apart, kind="stable")[:_CONTROLS]]]
        lower, same = controls < scores[study], controls == scores[study]
        won.append(float(np.mean(lower + 0.5 * same)))
    return won


def _where(results: Sequence[StudyResult], *, seed: int) -> dict[str, Metric]:
    shown = [(result, result.pointed) for result in results if result.pointed is not None]
    people = [result.study.patient for result, _ in shown]
    if not any(len(pointed.hits) for _, pointed in shown):
        return {}
    bootstrap = partial(measure, seed=seed)
    errors = [abs(result.found - len(pointed.hits)) for result, pointed in shown]
    metrics = {"count_error": bootstrap(errors, people)}
    rows = counted_pairs([(pointed.hits, pointed.alarms) for _, pointed in shown])
    metrics["froc"] = bootstrap(rows, people, statistic=froc)
    for alarms in ALARMS:
        sensitivity = partial(_sensitivity, alarms=alarms)
        metrics[f"froc.{alarms:g}"] = bootstrap(rows, people, statistic=sensitivity)
    with_pixels = [(r, p) for r, p in shown if len(p.hits)]
    owners = [result.study.patient for result, _ in with_pixels]
    places = counted_pairs([(pointed.right, pointed.wrong) for _, pointed in with_pixels])
    metrics["pixel_auprc"] = bootstrap(places, owners, statistic=average_precision)
    on_implants = [len(p.right) / (len(p.right) + len(p.wrong)) for _, p in with_pixels]
    metrics["pixel_share"] = bootstrap(on_implants, owners)
    return metrics


def froc(rows: FloatArray) -> float:
    """Mean sensitivity at the ALARMS."""
    return math.fsum(_sensitivity(rows, alarms=alarms) for alarms in ALARMS) / len(ALARMS)


def _sensitivity(rows: FloatArray, *, alarms: float) -> float:
    """Share of implants found where so many false alarms come on a film; no hit has heat 0."""
    hits, wrong = rows.sum(axis=0).reshape(2, -1)[:, ::-1]
    total = hits.sum()
    if not total:
        return 0.0
    allowed = wrong.cumsum() <= alarms * len(rows)
    allowed[-2:] = False  # heat 0, which an implant has that nothing points at
    return float(hits[allowed].sum() / total)


def cell(metric: Metric | None) -> str:
    """A figure with its interval."""
    if metric is None:
        return "–"
    return f"{metric.value:.3f} ({metric.low:.3f} … {metric.high:.3f})"
