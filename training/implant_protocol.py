"""What is measured on one study: its score, what else tells as much, and where it points."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.image import Image
from domain.implant import ImplantDoubt, ImplantFindings, Scoring
from domain.implant_heat import default_scoring, default_threshold, score_of
from domain.implant_regions import PlacedHeat, placed_heat, regions_of
from training.data.panoramics import Outlines, Polygon, Study, read_outlines
from training.implant_predictor import Heals

Heat = NDArray[np.float64]
BRIGHT = 200
"""Grey values of metal, of 255."""
_SMOOTH = 1.0  # of heat before its summits are looked for, in pixels of the network
_APART = 11, 7  # rows and columns around a summit that holds no other
_NEAR = 2  # pixels that a summit may lie beside an outline
_LEVELS = 256


@dataclass(frozen=True, eq=False)
class Pointed:
    """Where heat lies on a study with known outlines.

    Args:
        hits: of each implant the heat of the highest summit on it; 0 where none is.
        alarms: heat of every summit that lies on no implant.
        right, wrong: heat of all places on implants, and of all others.
    """

    hits: Heat
    alarms: Heat
    right: Heat
    wrong: Heat


@dataclass(frozen=True, eq=False)
class StudyResult:
    """What was measured on a study.

    Args:
        score: larger means more stands out.
        p_value: share of healthy studies that score as high.
        brightness: share of places brighter than BRIGHT.
        found: how many implants were counted.
        unlike: whether it was called unlike the training data.
        pointed: where outlines are known; a study without implants has none to hit.
    """

    study: Study
    score: float
    p_value: float
    brightness: float
    seconds: float
    found: int
    unlike: bool
    pointed: Pointed | None

    @property
    def implants(self) -> int | None:
        """How many there are, where it is known."""
        return None if self.pointed is None else len(self.pointed.hits)


def measure_study(study: Study, image: Image, healer: Heals) -> StudyResult:
    """Heal a study and look at what stands out.

    Raises:
        UnreadableFile: its outlines cannot be read.
    """
    started = time.perf_counter()
    findings = healer.heal(image)
    seconds = time.perf_counter() - started
    scoring = default_scoring(findings, mode=healer.mode)
    return look_at(study, image, findings, scoring=scoring, seconds=seconds)


def look_at(
    study: Study, image: Image, findings: ImplantFindings, *, scoring: Scoring, seconds: float
) -> StudyResult:
    """What stands out in a study that was healed.

    Raises:
        UnreadableFile: its outlines cannot be read.
    """
    outlines = read_outlines(study.boxes) if study.boxes else None
    if outlines is None and not study.with_implant:
        outlines = Outlines()
    threshold = default_threshold(findings, scoring)
    regions = regions_of(findings, scoring, threshold=threshold)
    heat = placed_heat(findings, scoring)
    can_point = outlines is not None and findings.plan.is_still
    return StudyResult(
        study,
        score_of(findings, scoring, threshold=threshold),
        findings.p_value,
        _brightness(image),
        seconds,
        len({region.implant for region in regions}),
        ImplantDoubt.UNLIKE in findings.doubts,
        pointed_at(heat, outlines) if can_point and outlines is not None else None,
    )


def _brightness(image: Image) -> float:
    frames = image.pixels if image.cine is None else image.cine.frames
    most = np.iinfo(frames.dtype).max
    return float(np.mean(frames > BRIGHT / 255 * most))


def pointed_at(heat: PlacedHeat, outlines: Outlines) -> Pointed:
    """Where the heat of a still picture lies."""
    values = heat.values[0]
    implants = [_inside(heat, each) for each in outlines.implants]
    aside = _any([_inside(heat, each) for each in outlines.screws], values.shape)
    truth = _any(implants, values.shape)
    summits = _summits(values) & ~_wider(aside)
    near = [_wider(each) & summits for each in implants]
    hits = [float(values[each].max()) if each.any() else 0.0 for each in near]
    alarms = values[summits & ~_wider(truth)]
    return Pointed(np.array(hits), alarms, values[truth & ~aside], values[~truth & ~aside])


def _inside(heat: PlacedHeat, outline: Polygon) -> NDArray[np.bool_]:
    drawn = np.zeros(heat.values.shape[1:], np.uint8)
    corners = np.rint(heat.into(outline)[:, ::-1]).astype(np.int32)
    cv2.fillPoly(drawn, [corners], (1,))
    return drawn > 0


def _any(masks: list[NDArray[np.bool_]], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    return np.asarray(np.logical_or.reduce([np.zeros(shape, bool), *masks]))


def _wider(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    kernel = np.ones((2 * _NEAR + 1, 2 * _NEAR + 1), np.uint8)
    return np.asarray(cv2.dilate(mask.astype(np.uint8), kernel) > 0)


def _summits(values: Heat) -> NDArray[np.bool_]:
    """Places higher than all around them."""
    smooth = cv2.GaussianBlur(values, (0, 0), _SMOOTH)
    highest = cv2.dilate(smooth, np.ones(_APART, np.uint8))
    return np.asarray((smooth >= highest) & (smooth > 0))


def counted_pairs(pairs: Sequence[tuple[Heat, Heat]]) -> Heat:
    """(studies, 2 * levels) how much of each kind of heat lies at each of the same rising levels.

    The levels share all heat evenly, so that counts stand for it.
    """
    whole = np.concatenate([np.zeros(1), *(part for pair in pairs for part in pair)])
    levels = np.unique(np.quantile(whole, np.linspace(0, 1, _LEVELS)))
    return np.stack([np.concatenate([_counted(part, levels) for part in pair]) for pair in pairs])


def _counted(heat: Heat, levels: Heat) -> Heat:
    places = np.searchsorted(levels, heat, side="right")
    return np.bincount(places, minlength=len(levels) + 1).astype(np.float64)
