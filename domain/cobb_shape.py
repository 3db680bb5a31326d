"""Where the lines and the bracket of a Cobb angle are drawn, on the screen and in pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from domain.geometry import FloatArray

REACH_OUT = 1.9
REACH_BACK = 0.75
"""How far a line runs from the vertebra's middle, in widths of the vertebra, to either side."""


@dataclass(frozen=True, eq=False)
class CobbShape:
    """Two prolonged lines and the bracket that pairs them; all in the corners' own axes and pixels.

    Args:
        lines: (2, 2, 2) upper and lower line, each from its short to its long end.
        bend: control point of the bracket between the long ends.
        label: where the angle is written.
        outward: unit vector along which the label may move away from the column.
    """

    lines: FloatArray
    bend: FloatArray
    label: FloatArray
    outward: FloatArray


def cobb_shape(corners: FloatArray, *, upper: int, lower: int, plates: bool = False) -> CobbShape:
    """The shape of an angle between two vertebrae.

    Args:
        corners: (4 n, 2) where they are drawn, as (x, y) or as (row, column).
        plates: from the superior end-plate of the upper one to the inferior of the lower one, not
            between their mid-lines.
    """
    pair = corners.reshape(-1, 4, 2)[[upper, lower]].tolist()
    upper_corners, lower_corners = ([complex(*at) for at in vertebra] for vertebra in pair)
    if plates:
        ends = [tuple(upper_corners[:2]), tuple(lower_corners[2:])]
    else:
        ends = [((tl + bl) / 2, (tr + br) / 2) for tl, tr, bl, br in (upper_corners, lower_corners)]
    middles = [(left + right) / 2 for left, right in ends]
    width = max(sum(abs(right - left) for left, right in ends) / 2, 1.0)
    along = [_unit(right - left) for left, right in ends]
    side = _meeting_side(middles, along=along)
    ways = [side * way * width for way in along]
    far = [middle + way * REACH_OUT for middle, way in zip(middles, ways, strict=True)]
    near = [middle - way * REACH_BACK for middle, way in zip(middles, ways, strict=True)]
    outward = _unit(side * (along[0] + along[1]) / 2)
    between = (far[0] + far[1]) / 2
    bend = between + outward * width * 0.35
    lines = _places([near[0], far[0], near[1], far[1]]).reshape(2, 2, 2)
    return CobbShape(lines, *_places([bend, (between + bend) / 2, outward]))


def _unit(way: complex) -> complex:
    return way / max(abs(way), 1e-9)


def _places(points: Sequence[complex]) -> FloatArray:
    """(n, 2) of points whose axes are the parts of a complex number."""
    return np.array([(point.real, point.imag) for point in points])


def bracket(shape: CobbShape, *, steps: int = 24) -> FloatArray:
    """(steps, 2) places along the bracket, from the upper line's long end to the lower one's."""
    first, last = shape.lines[:, 1]
    t = np.linspace(0, 1, steps)[:, None]
    curve: FloatArray = (1 - t) ** 2 * first + 2 * t * (1 - t) * shape.bend + t**2 * last
    return curve


def _meeting_side(middles: Sequence[complex], *, along: Sequence[complex]) -> float:
    """+1 where the lines come together along their direction, -1 where against it."""
    gap = middles[1] - middles[0]
    return 1.0 if abs(gap + along[1] - along[0]) <= abs(gap) else -1.0
