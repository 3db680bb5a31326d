"""Words of the implant task that its panel shows."""

from __future__ import annotations

import math

from domain.implant import (
    Implant,
    Region,
    Sampler,
    Scoring,
    Verdict,
)
from domain.implant_plan import StudyPlan

MANY = 8
"""Implants whose labels would lie over one another."""
PICTURES = ("Input", "Noised", "Reconstruction", "Difference", "Regions")
"""The published five."""
SPREAD = "Spread over seeds"
SITES = tuple(f"{quadrant}{tooth}" for quadrant in range(1, 5) for tooth in range(1, 9))
"""Permanent teeth by the FDI's two digits."""
SAMPLERS = {
    Sampler.DPM_SOLVER: "DPM-Solver++ (few steps)",
    Sampler.DDIM: "DDIM (as published)",
    Sampler.DDPM: "DDPM (every step random)",
}
SCORINGS = {
    Scoring.CALIBRATED: "Against healthy studies",
    Scoring.ABSOLUTE: "One cut for all studies",
    Scoring.AS_PUBLISHED: "As published",
}
UNITS = {
    Scoring.CALIBRATED: "spreads",
    Scoring.ABSOLUTE: "of the grey range",
    Scoring.AS_PUBLISHED: "of each frame's range",
}
NOT_CALIBRATED = (
    "These weights come without healthy studies healed in this way: the score has nothing to be "
    "compared with."
)
SLOW = "Healing a study takes from some seconds to a minute; it begins when you ask for it."
VERDICTS = {
    Verdict.OPEN: "to be judged",
    Verdict.ACCEPTED: "accepted",
    Verdict.REJECTED: "rejected",
}


def place_words(score: float, healthy: tuple[float, ...], *, p_value: float) -> str:
    """Where a score is among healthy studies; a p-value no finer than their number tells."""
    if not healthy or math.isnan(p_value) or math.isnan(score):
        return NOT_CALIBRATED
    count = len(healthy)
    as_high = sum(other >= score for other in healthy)
    p = f"p {'≤' if as_high == 0 else '='} {_rounded(max(p_value, 1 / (count + 1)), count)}"
    if as_high == 0:
        return f"Higher than all {count} healthy studies: {p}"
    if as_high == count:
        return f"Lower than all {count} healthy studies: {p}"
    return f"{as_high} of {count} healthy studies score as high: {p}"


def _rounded(p_value: float, count: int) -> str:
    """With no more digits than so many studies can tell."""
    digits = max(1, math.ceil(math.log10(count + 1)))
    return f"{p_value:.{digits}f}"


def score_words(score: float, scoring: Scoring) -> str:
    """A score as it is shown; of those counted in pixels no more than a tenth."""
    if math.isnan(score):
        return "–"
    return f"{score:.2f}" if scoring is Scoring.CALIBRATED else f"{score:.1f}"


def frames_words(regions: tuple[Region, ...], *, plan: StudyPlan | None) -> str:
    """Where an implant was found, counted as people count: frames, or windows of a still film."""
    pictures = sorted({region.frame for region in regions})
    if not pictures:
        return ""
    is_moving = plan is not None and not plan.is_still
    numbers = [plan.numbers[n] + 1 if plan and is_moving else n + 1 for n in pictures]
    noun = "frame" if is_moving else "window"
    if len(numbers) == 1:
        return f"{noun} {numbers[0]}"
    if pictures[-1] - pictures[0] == len(pictures) - 1:
        return f"{noun}s {numbers[0]}–{numbers[-1]}"
    return f"{len(numbers)} {noun}s of {numbers[0]}–{numbers[-1]}"


def implant_label(implant: Implant, *, among: int = 1) -> str:
    """What stands beside its outline; one of many gets no more room than its site.

    Args:
        among: how many implants there are.
    """
    if among >= MANY and implant.site:
        return implant.site
    return f"{implant.number}" + (f" · {implant.site}" if implant.site else "")
