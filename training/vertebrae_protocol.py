"""The published protocol on one film: find, then a person corrects the worst corner, again and
again; and what else is measured there."""

from __future__ import annotations

import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.annotation import Hint
from domain.curves import clinical_curves
from domain.vertebrae import CORNER_COUNT, cobb_angles, errors_px
from training.data.aasce import Film, Labelled, read_film
from training.data.boxed import Boxed, inside
from training.vertebrae_curves import curve_pairs
from training.vertebrae_predictor import Predictor

FloatArray = NDArray[np.float64]
SLIPPED = 0.6  # of a level
ANY_CLICKS = 8  # corners tried on a slipped film
_CLICK_FRAME = (512.0, 256.0)  # the published user measures "worst" in this frame


@dataclass(frozen=True)
class Rules:
    """How films are measured.

    Args:
        clicks: corrections of the simulated user.
        seed: draws the corners of `any_click_unslips`.
        as_published: angles with the quirks of the published evaluation.
    """

    clicks: int = 10
    seed: int = 0
    as_published: bool = False


@dataclass(frozen=True, eq=False)
class FilmResult:
    """One labelled film.

    Args:
        curve: (clicks + 1,) mean error in original pixels by click; the corners clicked so far
            count as right.
        manual: the same where the network does not follow.
        clicked: the corner of each click; one may come again.
        others: error of the corners but the first clicked, before and after that click.
        slips: (clicks + 1,) levels the column stands too low.
        unslipped: share of single clicks on any corner that bring a slipped column back.
        angles: (2, 3) degrees found at first, and true.
        curves: (n, 2) degrees of clinical curves, true and found.
        seconds: for a click.
        first: (68, 2) the corners found at first.
    """

    name: str
    person: str
    curve: FloatArray
    manual: FloatArray
    clicked: tuple[int, ...]
    others: tuple[float, float]
    slips: FloatArray
    unslipped: float | None
    angles: FloatArray
    curves: FloatArray
    seconds: float
    first: FloatArray

    @property
    def is_slipped(self) -> bool:
        """Whether the column was found on other levels."""
        return abs(float(self.slips[0])) > SLIPPED


@dataclass(frozen=True, eq=False)
class BoxResult:
    """One boxed film.

    Args:
        boxes: how many there are.
        hit: boxes that hold exactly one centre; upright boxes of a severe curve hold their
            neighbours' as well, so that not even their own middles reach all.
        matched: boxes that hold a centre of their own: each is the other's nearest.
        reached: centres within the boxes' reach.
    """

    name: str
    boxes: int
    hit: int
    matched: int
    reached: int
    first: FloatArray


def measure_film(film: Labelled, predictor: Predictor, *, person: str, rules: Rules) -> FilmResult:
    """Find the corners, then let a user correct the worst one, again and again.

    Raises:
        UnreadableFile: the film is missing or no picture.
    """
    pixels = read_film(film.path)
    truth = film.corners_px(pixels.shape)
    weight = np.array(_CLICK_FRAME) / pixels.shape[:2]
    answers = [predictor.predict(pixels, ())[0]]
    hints: list[Hint] = []
    started = time.perf_counter()
    for _ in range(rules.clicks):
        # The answer as it is: a network that does not keep to its hints is corrected there again.
        worst = int(np.argmax(errors_px(answers[-1] * weight, truth * weight)))
        hints.append(_hint(worst, truth))
        answers.append(predictor.predict(pixels, tuple(hints))[0])
    seconds = (time.perf_counter() - started) / max(rules.clicks, 1)
    clicked = tuple(hint.index for hint in hints)
    first = answers[0]
    slips = np.array([slip_levels(found, truth) for found in answers])
    rows = pixels.shape[0]
    return FilmResult(
        name=film.name,
        person=person,
        curve=np.array(
            [_error(found, truth, right=clicked[:n]) for n, found in enumerate(answers)]
        ),
        manual=_by_hand(first, truth, weight=weight, clicks=rules.clicks),
        clicked=clicked,
        others=_others(answers, truth, clicked=clicked[:1]),
        slips=slips,
        unslipped=_any_click(film, predictor, pixels, rules) if abs(slips[0]) > SLIPPED else None,
        angles=np.stack(
            [_angles(c, rows, as_published=rules.as_published) for c in (first, truth)]
        ),
        curves=curve_pairs(clinical_curves(truth), clinical_curves(first)),
        seconds=seconds,
        first=first,
    )


def slip_levels(found: FloatArray, truth: FloatArray) -> float:
    """How many levels the found column stands too low: the median over its vertebrae."""
    centres = truth.reshape(17, 4, 2).mean(axis=1)
    step = np.gradient(centres, axis=0)
    off = found.reshape(17, 4, 2).mean(axis=1) - centres
    return float(np.median((off * step).sum(axis=1) / (step**2).sum(axis=1)))


def measure_boxes(film: Boxed, predictor: Predictor) -> BoxResult:
    """Find the corners and count the boxes that hold one centre.

    Raises:
        UnreadableFile: the film is missing or no picture.
    """
    corners, _ = predictor.predict(read_film(film.path), ())
    return count_boxes(film, corners)


def count_boxes(film: Boxed, corners: FloatArray) -> BoxResult:
    """Boxes that hold exactly one vertebra centre, and centres from the first box to the last."""
    centres = corners.reshape(17, 4, 2).mean(axis=1)
    held = inside(film.boxes, centres).sum(axis=1)
    top, bottom = film.boxes[:, 0].min(), film.boxes[:, 2].max()
    reached = int(((centres[:, 0] >= top) & (centres[:, 0] <= bottom)).sum())
    return BoxResult(
        film.name,
        boxes=len(film.boxes),
        hit=int((held == 1).sum()),
        matched=_matched(film.boxes, centres),
        reached=reached,
        first=corners,
    )


def _matched(boxes: FloatArray, centres: FloatArray) -> int:
    """Boxes whose nearest centre lies inside and has no nearer box."""
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    apart = np.linalg.norm(middles[:, None] - centres[None], axis=-1)
    nearest = apart.argmin(axis=1)
    mutual = apart.argmin(axis=0)[nearest] == np.arange(len(boxes))
    held = inside(boxes, centres)[np.arange(len(boxes)), nearest]
    return int((mutual & held).sum())


def _hint(corner: int, truth: FloatArray) -> Hint:
    return Hint(corner, float(truth[corner, 0]), float(truth[corner, 1]))


def _error(found: FloatArray, truth: FloatArray, *, right: Sequence[int]) -> float:
    errors = errors_px(found, truth)
    errors[list(right)] = 0.0
    return float(errors.mean())


def _others(
    answers: Sequence[FloatArray], truth: FloatArray, *, clicked: Sequence[int]
) -> tuple[float, float]:
    rest = np.setdiff1d(np.arange(CORNER_COUNT), clicked)
    before, after = (errors_px(a, truth)[rest].mean() for a in (answers[0], answers[:2][-1]))
    return float(before), float(after)


def _by_hand(
    first: FloatArray, truth: FloatArray, *, weight: FloatArray, clicks: int
) -> FloatArray:
    corners = first.copy()
    errors = [errors_px(corners, truth).mean()]
    for _ in range(clicks):
        worst = int(np.argmax(errors_px(corners * weight, truth * weight)))
        corners[worst] = truth[worst]
        errors.append(errors_px(corners, truth).mean())
    return np.array(errors)


def _any_click(film: Labelled, predictor: Predictor, pixels: Film, rules: Rules) -> float:
    """How often one click on a corner drawn at random brings the column back."""
    truth = film.corners_px(pixels.shape)
    rng = np.random.default_rng([rules.seed, zlib.crc32(film.name.encode())])
    back = [
        abs(slip_levels(predictor.predict(pixels, (_hint(int(n), truth),))[0], truth)) <= SLIPPED
        for n in rng.choice(CORNER_COUNT, ANY_CLICKS, replace=False)
    ]
    return float(np.mean(back))


def _angles(corners: FloatArray, rows: int, *, as_published: bool) -> FloatArray:
    angles = cobb_angles(corners, image_rows=rows, as_published=as_published)
    return np.array([angles.main.angle_deg, angles.second.angle_deg, angles.third.angle_deg])
