"""Shapes of angles on the screen, kept: lines and handles ask for the same in each frame."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from domain.cobb_shape import CobbShape, cobb_shape
from domain.geometry import FloatArray


def shape_on(screen: FloatArray, *, upper: int, lower: int, plates: bool) -> CobbShape:
    """`cobb_shape` for (4 n, 2) x and y of corners; the same one as long as both ends stand."""
    return _shape(screen.reshape(-1, 8)[[upper, lower]].tobytes(), plates)


@lru_cache(maxsize=64)
def _shape(ends: bytes, plates: bool) -> CobbShape:
    return cobb_shape(np.frombuffer(ends).reshape(8, 2), upper=0, lower=1, plates=plates)
