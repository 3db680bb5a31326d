"""What the 68 numbers of a frontal spine film mean: names, order, end-plates and Cobb angles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

import numpy as np
from numpy.typing import NDArray

from domain.annotation import Annotations, Hint, Vertebra
from domain.doubts import Doubt
from domain.geometry import FloatArray
from domain.numbering import LEVELS, is_column, shifted

CORNERS = ("TL", "TR", "BL", "BR")
CORNER_NAMES = {"TL": "top left", "TR": "top right", "BL": "bottom left", "BR": "bottom right"}
VERTEBRA_COUNT = len(LEVELS)
CORNER_COUNT = VERTEBRA_COUNT * len(CORNERS)
MAX_LABEL_SHIFT = 5
NETWORK_COLUMN = tuple(Vertebra(name, slot) for slot, name in enumerate(LEVELS))


def column_of(annotations: Annotations) -> tuple[Vertebra, ...]:
    """The vertebrae of a case, top to bottom, one for every four landmarks."""
    return annotations.column or NETWORK_COLUMN


def column_named(
    names: Sequence[str], slots: Sequence[int | None] | None = None
) -> tuple[Vertebra, ...]:
    """A column as `Annotations` keep it: () where it is the network's own.

    Args:
        slots: of each vertebra; by default the network's vertebra of that name, if it has one.

    Raises:
        ValueError: these are not names from top to bottom, or not slots for them.
    """
    if slots is None:
        slots = [LEVELS.index(name) if name in LEVELS else None for name in names]
    used = [slot for slot in slots if slot is not None]
    if used != sorted(set(used)) or not set(used) <= set(range(VERTEBRA_COUNT)):
        msg = f"{list(slots)} are not vertebrae of the network from top to bottom"
        raise ValueError(msg)
    if not is_column(names):
        msg = f"{', '.join(names)} are not vertebrae from top to bottom"
        raise ValueError(msg)
    column = tuple(Vertebra(*pair) for pair in zip(names, slots, strict=True))
    return () if column == NETWORK_COLUMN else column


@cache
def shifted_column(levels: int) -> tuple[Vertebra, ...]:
    """The network's own vertebrae with all names moved down by some levels (up: negative).

    Raises:
        WrongUse: there are no such names.
    """
    names = LEVELS
    for _ in range(abs(levels)):
        names = shifted(names, levels)
    return column_named(names, range(VERTEBRA_COUNT))


def shift_of(annotations: Annotations) -> int | None:
    """By how many levels the names of the network's own vertebrae are moved; None for others."""
    column = annotations.column
    found = range(-MAX_LABEL_SHIFT, MAX_LABEL_SHIFT + 1)
    return next((levels for levels in found if shifted_column(levels) == column), None)


def names_of(annotations: Annotations) -> tuple[str, ...]:
    """Names of the vertebrae of a case, top to bottom, one for every four landmarks."""
    return tuple(vertebra.name for vertebra in column_of(annotations))


def corner_name(index: int, names: Sequence[str] = LEVELS) -> str:
    """The name of landmark `index`, like "T7.TL"."""
    vertebra, corner = divmod(index, len(CORNERS))
    return f"{names[vertebra]}.{CORNERS[corner]}"


def landmarks_name(annotations: Annotations, indices: Sequence[int]) -> str:
    """What some landmarks of one vertebra are called: "T7.TL" for one, "T7" for all four."""
    name = corner_name(indices[0], names_of(annotations))
    return name if len(indices) == 1 else name.partition(".")[0]


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
class Extra:
    """A vertebra that the network does not count, where a person put it.

    Args:
        level: the network's vertebra (0..16) that it looks like.
        corners: rows and columns of TL, TR, BL and BR in original pixels.
    """

    level: int
    corners: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class VertebraePrompt:
    """What a person told the network, by the network's own numbers.

    Args:
        rounds: hints since the first pass, in the order of the gestures.
        extras: vertebrae that are none of its own, top to bottom.
    """

    rounds: tuple[tuple[Hint, ...], ...] = ()
    extras: tuple[Extra, ...] = ()


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
        extras: (m, 4, 2) corners of the prompt's extras; none where this network cannot fit them.
        extra_spread: (m, 4).
        doubts: what speaks against this answer.
    """

    corners: FloatArray
    spread: FloatArray
    extras: FloatArray = field(default_factory=lambda: np.empty((0, 4, 2)))
    extra_spread: FloatArray = field(default_factory=lambda: np.empty((0, 4)))
    doubts: tuple[Doubt, ...] = ()


class CurveShape(StrEnum):
    """Whether the column bends to one side or to both."""

    C = "C"
    S = "S"


@dataclass(frozen=True)
class CobbAngle:
    """An angle between two end vertebrae (indices from 0, upper first)."""

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
        corners: (4 n, 2) rows and columns in pixels; the rule was made for seventeen vertebrae.
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
        third = CobbAngle(float(between[-1, lower]), lower, len(between) - 1)
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
    """(n, n) degrees between tilts; a vertebra squeezed to a point has none and counts as 0."""
    length = np.linalg.norm(tilt, axis=1, keepdims=True)
    unit = tilt / np.where(length > 0, length, 1.0)
    cosine = np.clip(unit @ unit.T, np.cos(np.radians(largest_deg)), 1.0)
    has_tilt = length[:, 0] > 0
    angles: FloatArray = np.degrees(np.arccos(cosine)) * np.outer(has_tilt, has_tilt)
    return angles


def _tilt_vectors(corners: FloatArray) -> FloatArray:
    """(n, 2) vectors (column, row) from the left mid-point to the right mid-point."""
    by_vertebra = corners.reshape(-1, 4, 2)
    left = (by_vertebra[:, 0] + by_vertebra[:, 2]) / 2
    right = (by_vertebra[:, 1] + by_vertebra[:, 3]) / 2
    vectors: FloatArray = (right - left)[:, ::-1]
    return vectors


def endplate_midpoints(corners: FloatArray) -> FloatArray:
    """(2 n, 2) mid-points of the upper and lower end-plates, top to bottom."""
    by_vertebra = corners.reshape(-1, 4, 2)
    upper = by_vertebra[:, :2].mean(axis=1)
    lower = by_vertebra[:, 2:].mean(axis=1)
    return np.stack([upper, lower], axis=1).reshape(-1, 2)


def _is_s_shaped(corners: FloatArray, *, as_published: bool) -> bool:
    """Whether the end-plate mid-points lie on both sides of the line from first to last.

    The rule leaves out the last two.
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
    """(n,) Euclidean distances in pixels."""
    distances: FloatArray = np.linalg.norm(corners - truth, axis=1)
    return distances
