"""How uneven the steps of a column are, next to those of labelled films.

A column that skips a vertebra, counts one twice or is squeezed into too few shows it in its steps.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.vertebrae.hints import VERTEBRAE

FloatArray = NDArray[np.float64]

# Log ratio of each step to the one above it, from T1-T2-T3 to L3-L4-L5: mean and deviation over the
# 371 films to learn from (`tests/models/vertebrae/test_evenness.py` counts them again).
USUAL = np.array(
    [94, 80, 47, 28, 14, 14, 27, 43, 66, 58, 56, 27, 40, 30, -32], dtype=np.float64
)  # thousandths
VARY = np.array(
    [105, 103, 104, 95, 93, 81, 79, 79, 82, 81, 79, 107, 105, 107, 133], dtype=np.float64
)
_WORST = 16.0  # what one ratio counts at most
_LEAST = 1e-3


def ratios(corners: FloatArray) -> FloatArray:
    """(15,) thousandths: the log ratio of each step of a column to the one above it."""
    centres = corners.reshape(VERTEBRAE, 4, 2).mean(axis=1)
    steps = np.maximum(np.linalg.norm(np.diff(centres, axis=0), axis=1), _LEAST)
    return np.asarray(1000 * np.diff(np.log(steps)))


def unevenness(corners: FloatArray) -> float:
    """Squared deviations from usual ratios of steps, summed: about 15 for a labelled column.

    Args:
        corners: (68, 2) in pixels of the film.
    """
    off = (ratios(corners) - USUAL) / VARY
    return float(np.minimum(off**2, _WORST).sum())
