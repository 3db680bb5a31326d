"""What a person asks of the implant task, what a network answers, and what is decided on it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from domain.alike import Alike
from domain.implant_plan import StudyPlan

SIDE = 128
"""Rows and columns of a frame as the network sees it."""
STUDY_FRAMES = 16
"""Frames of a study that the network knows the place of."""
CLIP = 4
"""Frames that are healed together."""
LEVELS = 1000
LADDER = (50, 100, 150, 200, 250, 300, 400, 500, 600)
"""The noise levels of the published comparison."""


class Sampler(StrEnum):
    """How noise is taken away."""

    DDPM = "ddpm"
    DDIM = "ddim"
    DPM_SOLVER = "dpm_solver"


class Scoring(StrEnum):
    """How what is left over becomes regions and a score."""

    AS_PUBLISHED = "as_published"
    ABSOLUTE = "absolute"
    CALIBRATED = "calibrated"


@dataclass(frozen=True)
class ImplantOptions:
    """How a study is healed.

    Args:
        level: to which noise level (lambda) it is noised, of 1 … 999.
        steps: of the sampler.
        sampler: how noise is taken away.
        seeds: how often, each with noise of its own (request.seed, +1, +2 …).
        inverted: low grey values are bright.
    """

    level: int = 400
    steps: int = 6
    sampler: Sampler = Sampler.DPM_SOLVER
    seeds: int = 1
    inverted: bool = False


class ImplantDoubt(StrEnum):
    """What speaks against an answer."""

    UNLIKE = "unlike"  # the pictures are unlike those the network learned from
    STILL = "still"  # one picture, shown sixteen times
    MISSING = "missing"  # frames were missing and are black


@dataclass(frozen=True, eq=False)
class ImplantFindings:
    """A study healed, at the network's size: F frames of SIDE x SIDE.

    Args:
        options: how.
        plan: which part of the study each frame is.
        noised: (F, SIDE, SIDE) uint8, of the first seed.
        healed: (F, SIDE, SIDE) uint8, the mean over seeds.
        left_over: (F, SIDE, SIDE) float16 real minus healed as a share of the grey range, signed,
            the mean over seeds.
        spread: (F, SIDE, SIDE) float16 its standard deviation over seeds; zeros for one seed.
        standing_out: (F, SIDE, SIDE) float16 z-scores against healthy studies; None where these
            weights come without.
        cut: above which `standing_out` counts.
        healthy: the scores of the healthy studies, rising; () where there are none.
        score: by `standing_out`, or NaN.
        p_value: share of healthy studies that score as high; NaN where there are none.
        doubts: what speaks against it.
    """

    options: ImplantOptions
    plan: StudyPlan
    noised: NDArray[np.uint8]
    healed: NDArray[np.uint8]
    left_over: NDArray[np.float16]
    spread: NDArray[np.float16]
    standing_out: NDArray[np.float16] | None = None
    cut: float = float("nan")
    healthy: tuple[float, ...] = ()
    score: float = float("nan")
    p_value: float = float("nan")
    doubts: tuple[ImplantDoubt, ...] = ()

    @property
    def is_finished(self) -> bool:
        """Whether it is an answer; what is shown on the way holds no `left_over` yet."""
        return len(self.left_over) > 0


class Verdict(StrEnum):
    """What a person says of a region."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, eq=False)
class Region(Alike):
    """Something outlined on one frame.

    Args:
        id: unique within its case.
        frame: which of the study's frames (windows, for a panoramic picture) it was found on.
        outline: corners of a closed polygon, (row, column) in pixels of the original frame; of the
            whole picture for a panoramic one.
        score: the largest heat inside; NaN where a person drew it.
        implant: the number that regions of one implant on several frames share, from 1.
        drawn: a person drew or changed it: no network touches it again.
    """

    id: str
    frame: int
    outline: tuple[tuple[float, float], ...]
    score: float
    implant: int
    drawn: bool = False


@dataclass(frozen=True)
class Implant:
    """What regions of several frames are together.

    Args:
        number: the one that its regions carry.
        site: where in the mouth by the FDI's two digits ("36"); "" where nobody knows.
        verdict: what a person says.
        site_is_given: a person named the site.
    """

    number: int
    site: str = ""
    verdict: Verdict = Verdict.OPEN
    site_is_given: bool = False


@dataclass(frozen=True, eq=False)
class ImplantDecisions(Alike):
    """All that is decided on a study.

    Args:
        options: how the answer that the regions come from was made; None before there is one.
        scoring: how its regions were cut out.
        threshold: where, by that scoring's own measure.
        regions: outlines, by frame.
        implants: one for each number that regions carry.
        score: of the study by that scoring.
        p_value: share of healthy studies that score as high; NaN where there are none.
        doubts: what speaks against it.
    """

    options: ImplantOptions | None = None
    scoring: Scoring = Scoring.CALIBRATED
    threshold: float = float("nan")
    regions: tuple[Region, ...] = ()
    implants: tuple[Implant, ...] = ()
    score: float = float("nan")
    p_value: float = float("nan")
    doubts: tuple[ImplantDoubt, ...] = ()

    @property
    def is_touched(self) -> bool:
        """Whether a person decided anything."""
        judged = any(one.verdict is not Verdict.OPEN or one.site_is_given for one in self.implants)
        return judged or any(region.drawn for region in self.regions)
