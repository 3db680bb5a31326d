"""What one judge gains over another on the same studies, and what all of them say, as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from training.implant_figures import against_controls, all_metrics, cell, froc
from training.implant_protocol import Pointed, StudyResult, counted_pairs
from training.metrics import Metric, auroc_gain, average_precision, gain, mean, measure

FloatArray = NDArray[np.float64]
OURS = "healing"
ROWS = (
    ("seconds_per_study", "seconds a study"),
    ("auroc_study", "studies (AUROC)"),
    ("auroc_matched", "against matched controls"),
    ("froc", "implants (FROC)"),
    ("pixel_auprc", "pixels (AUPRC)"),
    ("count_error", "error of the count"),
    ("alarm_share", "healthy with anything found"),
    ("over.auroc_study", "studies: healing gains"),
    ("over.auroc_matched", "controls: healing gains"),
    ("over.froc", "implants: healing gains"),
    ("over.pixel_auprc", "pixels: healing gains"),
)


def compared(judged: Mapping[str, Sequence[StudyResult]], *, seed: int = 0) -> dict[str, Metric]:
    """Figures of each judge, and what healing gains over it: `judge.figure`, `judge.over.figure`.

    Args:
        judged: OURS among them; all on the same studies in the same order.
    """
    metrics: dict[str, Metric] = {}
    for judge, results in judged.items():
        own = all_metrics(results, seed=seed)
        if judge != OURS:
            gained = gains(judged[OURS], results, seed=seed)
            own |= {f"over.{name}": metric for name, metric in gained.items()}
        metrics |= {f"{judge}.{name}": metric for name, metric in own.items()}
    return metrics


def gains(
    ours: Sequence[StudyResult], theirs: Sequence[StudyResult], *, seed: int = 0
) -> dict[str, Metric]:
    """By how much the first tell more, people drawn again for both alike."""
    bootstrap = partial(measure, seed=seed)
    people = [result.study.patient for result in ours]
    truth = [float(result.study.with_implant) for result in ours]
    if len(set(truth)) < 2:
        return {}
    scores = ([result.score for result in side] for side in (ours, theirs))
    rows = np.stack([*scores, truth], axis=1)
    won = np.subtract(against_controls(ours), against_controls(theirs))
    owners = [person for person, one in zip(people, truth, strict=True) if one]
    return {
        "auroc_study": bootstrap(rows, people, statistic=auroc_gain),
        "auroc_matched": bootstrap(won, owners, statistic=mean),
        **_where(ours, theirs, seed=seed),
    }


def _where(
    ours: Sequence[StudyResult], theirs: Sequence[StudyResult], *, seed: int
) -> dict[str, Metric]:
    shown = [
        (one.study.patient, (one.pointed, other.pointed))
        for one, other in zip(ours, theirs, strict=True)
        if one.pointed is not None and other.pointed is not None
    ]
    marked = [each for each in shown if len(each[1][0].hits)]
    if not marked:
        return {}
    gained = {}
    for name, parts, statistic, chosen in (
        ("froc", _summits, froc, shown),
        ("pixel_auprc", _pixels, average_precision, marked),
    ):
        sides = [counted_pairs([parts(pair[side]) for _, pair in chosen]) for side in (0, 1)]
        gained_by = partial(gain, statistic=statistic, width=sides[0].shape[1])
        people = [person for person, _ in chosen]
        gained[name] = measure(np.concatenate(sides, 1), people, statistic=gained_by, seed=seed)
    return gained


def _summits(pointed: Pointed) -> tuple[FloatArray, FloatArray]:
    return pointed.hits, pointed.alarms


def _pixels(pointed: Pointed) -> tuple[FloatArray, FloatArray]:
    return pointed.right, pointed.wrong


def beaten(
    given: Sequence[StudyResult], without: Sequence[StudyResult], *, seed: int = 0
) -> Metric:
    """How often a study scores higher than the same one without its implants; ties count half."""
    before = {result.study.patient: result.score for result in without}
    rises = [result.score - before[result.study.patient] for result in given]
    won = [0.5 * (1 + float(np.sign(rise))) for rise in rises]
    return measure(won, [result.study.patient for result in given], seed=seed)


def table(metrics: Mapping[str, Metric], judges: Sequence[str]) -> str:
    """A row for each figure, a column for each judge, with intervals."""
    lines = [f"| figure | {' | '.join(judges)} |", f"|---|{'---|' * len(judges)}"]
    for key, words in ROWS:
        cells = [cell(metrics.get(f"{judge}.{key}")) for judge in judges]
        lines.append(f"| {words} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
