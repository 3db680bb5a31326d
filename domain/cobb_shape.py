"""Where the lines and the bracket of a Cobb angle are drawn, on the screen and in pictures."""

from __future__ import annotations

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
    pair = corners.reshape(-1, 4, 2)[[upper, lower]]
    if plates:
        left, right = pair[[0, 1], [0, 2]], pair[[0, 1], [1, 3]]
    else:
        left, right = (pair[:, 0] + pair[:, 2]) / 2, (pair[:, 1] + pair[:, 3]) / 2
    middles, across = (left + right) / 2, right - left
    width = max(float(np.linalg.norm(across, axis=1).mean()), 1.0)
    along = across / np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-9)
    side = _meeting_side(middles, along=along)
    ends = middles + side * along * width * REACH_OUT
    starts = middles - side * along * width * REACH_BACK
    outward = side * along.mean(axis=0)
    outward = outward / max(float(np.linalg.norm(outward)), 1e-9)
    bend = ends.mean(axis=0) + outward * width * 0.35
    label = (ends.mean(axis=0) + bend) / 2
    return CobbShape(np.stack([starts, ends], axis=1), bend, label, outward)


def bracket(shape: CobbShape, *, steps: int = 24) -> FloatArray:
    """(steps, 2) places along the bracket, from the upper line's long end to the lower one's."""
    first, last = shape.lines[:, 1]
    t = np.linspace(0, 1, steps)[:, None]
    curve: FloatArray = (1 - t) ** 2 * first + 2 * t * (1 - t) * shape.bend + t**2 * last
    return curve


def _meeting_side(middles: FloatArray, *, along: FloatArray) -> float:
    """+1 where the lines come together along their direction, -1 where against it."""
    gap = middles[1] - middles[0]
    nearer = float(np.linalg.norm(gap + along[1] - along[0]))
    return 1.0 if nearer <= float(np.linalg.norm(gap)) else -1.0
