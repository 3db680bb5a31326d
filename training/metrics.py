"""Figures with intervals: people are drawn again, not films, for one person's films are alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Statistic = Callable[[FloatArray], float]


@dataclass(frozen=True)
class Metric:
    """A figure, its 95 % interval, and how many cases it rests on."""

    value: float
    low: float
    high: float
    n: int


def mean(values: FloatArray) -> float:
    """The mean."""
    return float(values.mean())


def median(values: FloatArray) -> float:
    """The median."""
    return _quantile(values, 0.5)


def ninetieth(values: FloatArray) -> float:
    """The 90th percentile."""
    return _quantile(values, 0.9)


def _quantile(values: FloatArray, share: float) -> float:
    """Linear between neighbours, as numpy's, which takes ten times as long on few values."""
    ordered = np.sort(values)
    place = share * (len(ordered) - 1)
    low, part = int(place), place % 1
    high = min(low + 1, len(ordered) - 1)
    return float(ordered[low] * (1 - part) + ordered[high] * part)


def ratio(pairs: FloatArray) -> float:
    """1 - sum of the second column over sum of the first: what was saved."""
    return float(1 - pairs[:, 1].sum() / max(float(pairs[:, 0].sum()), 1e-12))


def auroc(pairs: FloatArray) -> float:
    """How often a case of the second kind (1 in the last column) has the higher first column.

    0.5 where all are of one kind.
    """
    truth = pairs[:, -1] > 0
    low, high = np.sort(pairs[~truth, 0]), pairs[truth, 0]
    if not len(low) or not len(high):
        return 0.5
    below, not_above = (np.searchsorted(low, high, side) for side in ("left", "right"))
    return float((below + not_above).mean() / (2 * len(low)))


def gain(rows: FloatArray, *, statistic: Statistic, width: int) -> float:
    """By how much a statistic of the first `width` columns is above that of the others."""
    return statistic(rows[:, :width]) - statistic(rows[:, width:])


def auroc_gain(rows: FloatArray) -> float:
    """By how much the first column tells kinds apart better than the second."""
    return auroc(rows[:, [0, 2]]) - auroc(rows[:, [1, 2]])


def average_precision(counts: FloatArray) -> float:
    """Mean precision over recall.

    Args:
        counts: (cases, 2 * levels) for each case how many of its places lie at each level of a
            rising score: first those that are right, then those that are wrong.
    """
    right, wrong = counts.sum(axis=0).reshape(2, -1)[:, ::-1]
    found, alarms = right.cumsum(), wrong.cumsum()
    if not found[-1]:
        return 0.0
    precision = found / np.maximum(found + alarms, 1)
    return float((precision * right).sum() / found[-1])


def measure(
    values: Sequence[float] | FloatArray,
    people: Sequence[str],
    *,
    statistic: Statistic = mean,
    draws: int = 1000,
    seed: int = 0,
) -> Metric:
    """A statistic of one value (or row) for each case, with an interval by person.

    Args:
        values: one number or one row for each case.
        people: whose case it is.
        draws: how often the people are drawn again.

    Raises:
        ValueError: there is no case, or not one person for each.
    """
    data = np.asarray(values, dtype=np.float64)
    if not len(data) or len(data) != len(people):
        msg = f"{len(data)} values stand against {len(people)} people"
        raise ValueError(msg)
    spread = [statistic(data[drawn]) for drawn in _drawn(tuple(people), draws, seed)]
    low, high = np.percentile(spread, (2.5, 97.5))
    return Metric(statistic(data), float(low), float(high), len(data))


@lru_cache(maxsize=8)
def _drawn(people: tuple[str, ...], draws: int, seed: int) -> tuple[NDArray[np.intp], ...]:
    """The cases of as many people as there are, drawn again with all that is theirs."""
    members: dict[str, list[int]] = {}
    for n, person in enumerate(people):
        members.setdefault(person, []).append(n)
    groups = [np.array(found) for found in members.values()]
    rng = np.random.default_rng(seed)
    picks = (rng.integers(len(groups), size=len(groups)) for _ in range(draws))
    return tuple(np.concatenate([groups[g] for g in picked]) for picked in picks)


def write_metrics(metrics: Mapping[str, Metric], path: Path) -> None:
    """metrics.json: name -> value, low, high, n."""
    plain = {name: asdict(metric) for name, metric in metrics.items()}
    path.write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")
