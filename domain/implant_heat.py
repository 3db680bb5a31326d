"""How much each place of a healed study stands out, by each scoring, and the study's score."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from domain.errors import WrongUse
from domain.implant import ImplantFindings, Scoring
from domain.implant_scoring import (
    ABSOLUTE_CUT,
    PUBLISHED_CUT,
    Scored,
    score_absolute,
    score_as_published,
)
from domain.provenance import Mode

Heat = NDArray[np.float64]


def default_scoring(findings: ImplantFindings, *, mode: Mode = Mode.CORRECTED) -> Scoring:
    """The best that the findings allow; the published one for what was healed as published."""
    if mode is Mode.AS_PUBLISHED:
        return Scoring.AS_PUBLISHED
    return Scoring.ABSOLUTE if findings.standing_out is None else Scoring.CALIBRATED


def default_threshold(findings: ImplantFindings, scoring: Scoring) -> float:
    """Above which heat counts by that scoring, unless a person says otherwise."""
    if scoring is Scoring.CALIBRATED:
        return findings.cut
    return ABSOLUTE_CUT if scoring is Scoring.ABSOLUTE else PUBLISHED_CUT


def heat_of(findings: ImplantFindings, scoring: Scoring) -> Heat:
    """(F, SIDE, SIDE), 0 or more; its unit is the scoring's.

    Raises:
        WrongUse: calibrated, of findings that were compared with no healthy studies.
    """
    if scoring is not Scoring.CALIBRATED:
        return _uncalibrated(findings, scoring).heat
    if findings.standing_out is None:
        raise WrongUse(
            "This study cannot be scored against healthy ones.",
            why="These weights come without healthy studies healed in this way.",
            remedy="Choose another scoring, or the level, steps and sampler they were made for.",
        )
    return np.maximum(findings.standing_out.astype(np.float64), 0)


def score_of(findings: ImplantFindings, scoring: Scoring, *, threshold: float) -> float:
    """The study's score; pictures that repeat another do not count."""
    if scoring is Scoring.CALIBRATED:
        return findings.score
    return float(np.sqrt(frame_counts(findings, scoring, threshold=threshold).sum()))


def frame_counts(
    findings: ImplantFindings, scoring: Scoring, *, threshold: float
) -> NDArray[np.intp]:
    """(own pictures,) how many pixels stand out on each: the bar below the frames."""
    over = heat_of(findings, scoring)[: findings.plan.own] > threshold
    counts: NDArray[np.intp] = np.count_nonzero(over, axis=(1, 2))
    return counts


def _uncalibrated(findings: ImplantFindings, scoring: Scoring) -> Scored:
    score = score_absolute if scoring is Scoring.ABSOLUTE else score_as_published
    return score(findings.left_over.astype(np.float64))
