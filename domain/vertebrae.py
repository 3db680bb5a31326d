"""What the 68 numbers of a frontal spine film mean: names, order, end-plates and Cobb angles."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from domain.annotation import Annotations, Hint
from domain.geometry import FloatArray

LEVELS = (*(f"T{n}" for n in range(1, 13)), *(f"L{n}" for n in range(1, 6)))
CORNERS = ("TL", "TR", "BL", "BR")
CORNER_NAMES = {"TL": "top left", "TR": "top right", "BL": "bottom left", "BR": "bottom right"}
VERTEBRA_COUNT = len(LEVELS)
CORNER_COUNT = VERTEBRA_COUNT * len(CORNERS)
_ABOVE = ("C3", "C4", "C5", "C6", "C7")
_BELOW = ("S1", "S2", "S3", "S4", "S5")
MAX_LABEL_SHIFT = 5


def level_names(label_shift: int = 0) -> tuple[str, ...]:
    """Names of the seventeen vertebrae, top to bottom, moved down by `label_shift` levels."""
    names = (*_ABOVE, *LEVELS, *_BELOW)
    start = len(_ABOVE) + label_shift
    return names[start : start + VERTEBRA_COUNT]


def names_of(annotations: Annotations) -> tuple[str, ...]:
    """Names of the vertebrae of a case, top to bottom, one for every four landmarks."""
    return level_names(annotations.label_shift)


def corner_name(index: int, *, label_shift: int = 0) -> str:
    """The name of landmark `index` (0..67), like "T7.TL"."""
    vertebra, corner = divmod(index, len(CORNERS))
    return f"{level_names(label_shift)[vertebra]}.{CORNERS[corner]}"


def corner_index(name: str) -> int:
    """The landmark (0..67) that a name like "T7.TL" means.

    Raises:
        ValueError: no corner has that name.
    """
    level, _, corner = name.strip().upper().partition(".")
    if level not in LEVELS or corner not in CORNERS:
        msg = f"no corner is called {name!r}: names run from T1.TL to L5.BR"
        raise ValueError(msg)
    return LEVELS.index(level) * len(CORNERS) + CORNERS.index(corner)


@dataclass(frozen=True)
class VertebraePrompt:
    """What a person told the network: rounds of hints since the first pass, in order."""

    rounds: tuple[tuple[Hint, ...], ...] = ()


@dataclass(frozen=True)
class VertebraeOptions:
    """What the network must know of the film: `inverted` where its low grey values are bright."""

    inverted: bool = False


@dataclass(frozen=True, eq=False)
class VertebraeFindings:
    """What the network answers, in original pixels.

    Args:
        corners: (68, 2) rows and columns.
        spread: (68,) how uncertain each corner is, standard deviation in original pixels.
    """

    corners: FloatArray
    spread: FloatArray


class CurveShape(StrEnum):
    """Whether the column bends to one side or to both."""

    C = "C"
    S = "S"


@dataclass(frozen=True)
class CobbAngle:
    """An angle between two end vertebrae (indices 0..16, upper first)."""

    angle_deg: float
    upper: int
    lower: int


@dataclass(frozen=True)
class CobbAngles:
    """The three angles of the AASCE rule: the largest, then the two others as it pairs them."""

    main: CobbAngle
    second: CobbAngle
    third: CobbAngle
    shape: CurveShape


COBB_RULE = "AASCE"
COBB_DEFINITION = (
    "Each vertebra's tilt is the line from the middle of its left side to the middle of its right "
    "side. The main angle is the largest difference of tilt between any two vertebrae; the other "
    "two are the largest beside it, above and below, by the rule of the AASCE 2019 challenge."
)


def cobb_angles(
    corners: FloatArray, *, image_rows: int, as_published: bool = False, aspect: float = 1.0
) -> CobbAngles:
    """Cobb angles by the AASCE rule.

    Args:
        corners: (68, 2) rows and columns in pixels.
        image_rows: height of the image; the rule asks whether the curve lies in its upper half.
        aspect: height of a pixel by its width; the rule is applied to square pixels.
        as_published: keep two quirks of the published evaluation: no angle above 90 degrees, and
            S for a column whose ends share a column (0/0).

    Source: AASCE 2019 evaluation script (MATLAB); read this way it gives all three angles that are
        published with the 481 training films, to 0.02 degrees.
    """
    corners = corners * (aspect, 1.0)
    between = _angles_between(_tilt_vectors(corners), largest_deg=90.0 if as_published else 180.0)
    first, last = np.unravel_index(int(np.argmax(between)), between.shape)
    upper, lower = sorted((int(first), int(last)))
    main = CobbAngle(float(between[upper, lower]), upper, lower)
    bends_both_ways = _is_s_shaped(corners, as_published=as_published)
    shape = CurveShape.S if bends_both_ways else CurveShape.C
    if not bends_both_ways:
        second = CobbAngle(float(between[0, upper]), 0, upper)
        third = CobbAngle(float(between[-1, lower]), lower, VERTEBRA_COUNT - 1)
        return CobbAngles(main, second, third, shape)
    lower_plate_rows = endplate_midpoints(corners)[1::2, 0]
    above = int(np.argmax(between[upper, : upper + 1]))
    second = CobbAngle(float(between[upper, above]), above, upper)
    if lower_plate_rows[upper] + lower_plate_rows[lower] < image_rows * aspect:
        below = lower + int(np.argmax(between[lower, lower:]))
        third = CobbAngle(float(between[lower, below]), lower, below)
    else:
        top = int(np.argmax(between[above, : above + 1]))
        third = CobbAngle(float(between[above, top]), top, above)
    return CobbAngles(main, second, third, shape)


def _angles_between(tilt: FloatArray, *, largest_deg: float) -> FloatArray:
    """(17, 17) degrees between tilts; a vertebra squeezed to a point has none and counts as 0."""
    length = np.linalg.norm(tilt, axis=1, keepdims=True)
    unit = tilt / np.where(length > 0, length, 1.0)
    cosine = np.clip(unit @ unit.T, np.cos(np.radians(largest_deg)), 1.0)
    has_tilt = length[:, 0] > 0
    angles: FloatArray = np.degrees(np.arccos(cosine)) * np.outer(has_tilt, has_tilt)
    return angles


def _tilt_vectors(corners: FloatArray) -> FloatArray:
    """(17, 2) vectors (column, row) from the left mid-point to the right mid-point."""
    by_vertebra = corners.reshape(VERTEBRA_COUNT, 4, 2)
    left = (by_vertebra[:, 0] + by_vertebra[:, 2]) / 2
    right = (by_vertebra[:, 1] + by_vertebra[:, 3]) / 2
    vectors: FloatArray = (right - left)[:, ::-1]
    return vectors


def endplate_midpoints(corners: FloatArray) -> FloatArray:
    """(34, 2) mid-points of the upper and lower end-plates, top to bottom."""
    by_vertebra = corners.reshape(VERTEBRA_COUNT, 4, 2)
    upper = by_vertebra[:, :2].mean(axis=1)
    lower = by_vertebra[:, 2:].mean(axis=1)
    return np.stack([upper, lower], axis=1).reshape(-1, 2)


def _is_s_shaped(corners: FloatArray, *, as_published: bool) -> bool:
    """Whether the end-plate mid-points lie on both sides of the line from first to last.

    The rule leaves out the last two of the 34.
    """
    points = endplate_midpoints(corners)
    first, last = points[0], points[-1]
    rows, columns = points[:-2, 0], points[:-2, 1]
    span_rows, span_columns = last - first
    with np.errstate(divide="ignore", invalid="ignore"):
        if as_published:
            residuals = (rows - last[0]) / span_rows - (columns - last[1]) / span_columns
        else:
            residuals = (rows - last[0]) * span_columns - (columns - last[1]) * span_rows
            residuals = residuals / max(float(np.hypot(span_rows, span_columns)) ** 2, 1e-9)
        products: NDArray[np.float64] = np.outer(residuals, residuals)
        same_side = abs(products.sum() - np.abs(products).sum()) < 1e-4
    return not bool(same_side)


def errors_px(corners: FloatArray, truth: FloatArray) -> FloatArray:
    """(68,) Euclidean distances in pixels."""
    distances: FloatArray = np.linalg.norm(corners - truth, axis=1)
    return distances
