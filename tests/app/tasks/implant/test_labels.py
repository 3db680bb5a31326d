"""Numbers in words, no finer than they are known."""

from __future__ import annotations

import math

import pytest

from app.tasks.implant.labels import (
    NOT_CALIBRATED,
    SITES,
    frames_words,
    implant_label,
    place_words,
    score_words,
)
from domain.implant import Implant, Region, Scoring
from domain.implant_plan import StudyPlan
from domain.panorama import Window

HEALTHY = tuple(float(n) for n in range(48))
WINDOW = Window(0, 0, 10, 10)
MOVING = StudyPlan(10, 10, (WINDOW,) * 16, numbers=tuple(range(0, 96, 6)))
STILL = StudyPlan(10, 10, (WINDOW,) * 16)


def regions(*frames: int) -> tuple[Region, ...]:
    return tuple(Region(str(n), n, ((0.0, 0.0),) * 3, 1.0, 1) for n in frames)


@pytest.mark.parametrize(
    ("score", "p_value", "words"),
    [
        (99.0, 1 / 49, "Higher than all 48 healthy studies: p ≤ 0.02"),
        (45.0, 4 / 49, "3 of 48 healthy studies score as high: p = 0.08"),
        (-1.0, 1.0, "Lower than all 48 healthy studies: p = 1.00"),
        (math.nan, math.nan, NOT_CALIBRATED),
    ],
)
def test_a_place_among_healthy_studies(score, p_value, words):
    assert place_words(score, HEALTHY, p_value=p_value) == words


def test_few_studies_tell_little():
    assert place_words(9.0, (1.0, 2.0, 3.0), p_value=0.25).endswith("p ≤ 0.2")
    assert place_words(9.0, (), p_value=0.01) == NOT_CALIBRATED


@pytest.mark.parametrize(
    ("frames", "plan", "words"),
    [
        ((), MOVING, ""),
        ((2,), MOVING, "frame 13"),
        ((2, 3, 4), MOVING, "frames 13–25"),
        ((2, 4), MOVING, "2 frames of 13–25"),
        ((2, 2, 3), STILL, "windows 3–4"),
        ((0,), None, "window 1"),
    ],
)
def test_where_an_implant_was_found(frames, plan, words):
    assert frames_words(regions(*frames), plan=plan) == words


def test_scores_and_labels():
    assert score_words(math.nan, Scoring.CALIBRATED) == "–"
    assert score_words(5.961, Scoring.CALIBRATED) == "5.96"
    assert score_words(23.46, Scoring.ABSOLUTE) == "23.5"
    assert implant_label(Implant(3)) == "3"
    assert implant_label(Implant(3, "36")) == "3 · 36"
    assert implant_label(Implant(3, "36"), among=16) == "36"
    assert implant_label(Implant(3), among=16) == "3"
    assert len(SITES) == 32
