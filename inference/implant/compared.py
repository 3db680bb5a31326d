"""What a healed study is beside healthy ones, where the weights come with them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from domain.implant import ImplantDoubt, ImplantFindings
from domain.implant_scoring import Healthy, left_over, score_calibrated
from inference.healthy import Compared

Frames = NDArray[np.float64]
FALSE_ALARMS = 0.05
"""Share of healthy studies in which anything at all may count as found."""
_UNLIKE = 2.0
"""Spreads that half of all places are off by: in a healthy study it is 0.7."""


def compared_with(
    findings: ImplantFindings,
    healed: list[Frames],
    *,
    real: Frames,
    compared: Compared | None,
) -> ImplantFindings:
    """The findings with z-scores, score and p-value; as they are where nothing may be compared.

    Args:
        findings: without.
        healed: (F, SIDE, SIDE) of each seed.
        real: (F, SIDE, SIDE) the study itself.
        compared: what lies beside the weights.
    """
    if compared is None or not compared.fits(findings.options):
        return findings
    healthy = compared.healthy
    if healthy.mean.shape != real.shape:  # a study of fewer frames
        return findings
    differences = np.stack([left_over(real, one) for one in healed])
    rate = max(FALSE_ALARMS, healthy.finest)
    scored = score_calibrated(differences, healthy, rate=rate)
    doubts = (ImplantDoubt.UNLIKE,) if _is_unlike(differences, healthy) else ()
    return replace(
        findings,
        standing_out=scored.heat.astype(np.float16),
        cut=scored.cut,
        healthy=tuple(float(score) for score in healthy.scores),
        score=scored.score,
        p_value=float("nan") if scored.p_value is None else scored.p_value,
        doubts=(*doubts, *findings.doubts),
    )


def _is_unlike(differences: Frames, healthy: Healthy) -> bool:
    """Whether the study is off nearly everywhere: an implant is so in one place."""
    off = np.abs(differences.mean(axis=0) - healthy.mean) / healthy.spread
    return bool(np.median(off) > _UNLIKE)
