"""The lines that a measure is drawn with, in image pixels, finished or not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from domain.geometry import FloatArray
from domain.measures import MeasureKind, Place

_PAIRS = {
    MeasureKind.LINE: ((0, 1),),
    MeasureKind.ANGLE: ((0, 1), (1, 2)),
    MeasureKind.COBB: ((0, 1), (2, 3)),
    MeasureKind.RATIO: ((0, 1), (2, 3)),
}
_AROUND = np.linspace(0, 2 * math.pi, 73)
_ARC_SHARE = 0.3


@dataclass(frozen=True, eq=False)
class Strokes:
    """Polylines, each (n, 2) rows and columns; dashed ones show what belongs together."""

    solid: tuple[FloatArray, ...] = ()
    dashed: tuple[FloatArray, ...] = ()


def strokes(kind: MeasureKind, points: Sequence[Place], *, rows: int) -> Strokes:
    """What to draw for the points there are; fewer than the kind needs draw what they can.

    Args:
        rows: height of the film, where vertical lines end.
    """
    at = np.array(points, dtype=np.float64).reshape(-1, 2)
    if kind in _PAIRS:
        pairs = [list(pair) for pair in _PAIRS[kind] if max(pair) < len(at)]
        return Strokes(tuple(at[pair] for pair in pairs), _helpers(kind, at))
    if kind is MeasureKind.PLUMB:
        return Strokes(tuple(_vertical(place, rows) for place in at))
    if kind is MeasureKind.BALANCE:
        uprights = tuple(_vertical(place, rows) for place in at[-1:])
        across = (np.stack([at[0], [at[0, 0], at[1, 1]]]),) if len(at) == 2 else ()
        return Strokes(across, uprights)
    if len(at) < 2:
        return Strokes()
    outline = _rectangle(at) if kind is MeasureKind.RECTANGLE else _ellipse(at)
    return Strokes((outline,))


def _helpers(kind: MeasureKind, at: FloatArray) -> tuple[FloatArray, ...]:
    if kind is MeasureKind.ANGLE and len(at) == 3:
        return (_arc(at),)
    if kind is MeasureKind.COBB and len(at) == 4:
        return (at.reshape(2, 2, 2).mean(axis=1),)
    return ()


def _vertical(place: FloatArray, rows: int) -> FloatArray:
    return np.array([[-0.5, place[1]], [rows - 0.5, place[1]]])


def _rectangle(at: FloatArray) -> FloatArray:
    (top, left), (bottom, right) = at
    return np.array([[top, left], [top, right], [bottom, right], [bottom, left], [top, left]])


def _ellipse(at: FloatArray) -> FloatArray:
    middle, half = at.mean(axis=0), (at[1] - at[0]) / 2
    outline: FloatArray = middle + half * np.stack([np.sin(_AROUND), np.cos(_AROUND)], axis=1)
    return outline


def _arc(at: FloatArray) -> FloatArray:
    """Inside the angle, round its vertex."""
    arms = at[[0, 2]] - at[1]
    first, last = np.arctan2(arms[:, 0], arms[:, 1])
    way = (last - first + math.pi) % (2 * math.pi) - math.pi
    turn = first + np.linspace(0, way, 25)
    radius = _ARC_SHARE * float(np.linalg.norm(arms, axis=1).min())
    arc: FloatArray = at[1] + radius * np.stack([np.sin(turn), np.cos(turn)], axis=1)
    return arc
