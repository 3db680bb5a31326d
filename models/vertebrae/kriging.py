"""What hints tell of the other corners' labels: simple kriging of a column's residuals.

Whoever sets corners farther out than the network does so all along the column, and a neighbour of a
corner that lies off lies off alike. With residuals r_C of the hinted corners against the answer
found without a hand, another corner u moves by

    share * K_uC (K_CC + nugget I)^-1 r_C

along the column and across it, each by itself. Source: N. Cressie, Statistics for Spatial Data
(1993), section 3.2, simple kriging. `training/vertebrae_kriging.py` fits the constants to answers
after one to ten simulated clicks, which the network has moved by its own heeding of hints.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from models.vertebrae.crops import course_of
from models.vertebrae.hints import CORNERS, Hints, read_hints

FloatArray = NDArray[np.float64]

_END = 0.4  # levels from a vertebra's middle to its end-plates


class Law(NamedTuple):
    """How residuals in one direction vary together.

    Variances count in relation to one another alone; ranges are levels over which they fall to 1/e.

    Args:
        common: variance of the whole film.
        alike: variance of a neighbourhood, and `alike_range`.
        beside: variance of the whole film with opposite signs left and right.
        sides: the same of a neighbourhood, and `sides_range`.
        below: variance of the whole film with opposite signs of upper and lower end-plates.
        ends: the same of a neighbourhood, and `ends_range`.
        nugget: variance of each corner alone.
        share: of what is expected by how much a corner moves.
    """

    common: float
    alike: float
    alike_range: float
    beside: float
    sides: float
    sides_range: float
    below: float
    ends: float
    ends_range: float
    nugget: float
    share: float


ALONG = Law(0.0055, 2.6, 0.62, 0.0, 1.0, 0.55, 0.2, 0.69, 1.0, 0.14, 0.4)
ACROSS = Law(0.091, 1.4, 1.3, 0.73, 1.6, 2.6, 0.0, 0.0, 1.0, 0.089, 0.4)
MOST = 0.6
"""Levels that a residual counts, and that a corner moves, at most: beyond, columns move whole."""


class Offsets(NamedTuple):
    """Offsets in the column's own directions, along and across, in levels.

    Args:
        axes: (4 n, 2, 2) for each corner the directions along and across, unit vectors.
        level: pixels.
    """

    axes: FloatArray
    level: float

    def of(self, moves: FloatArray, index: Sequence[int]) -> FloatArray:
        """(h, 2) pixels of the film at some corners as (h, 2) levels along and across."""
        turned = np.einsum("hij,hj->hi", self.axes[list(index)], moves) / self.level
        return np.asarray(turned)

    def back(self, moves: FloatArray) -> FloatArray:
        """(4 n, 2) levels along and across as pixels of the film."""
        return np.asarray(self.level * np.einsum("kij,ki->kj", self.axes, moves))


def offsets_along(corners: FloatArray) -> Offsets:
    """Directions and level of (4 n, 2) corners."""
    course = course_of(corners)
    axes = np.repeat(np.stack([course.down, course.aside], axis=1), CORNERS, axis=0)
    return Offsets(axes, float(np.median(course.level)))


class Residuals(NamedTuple):
    """What a hand says of the answer found without it.

    Args:
        off: (h, 2) how far it placed corners from where they were found, levels set right.
        shift: (h,) whole levels that were set right, for each hint.
    """

    off: FloatArray
    shift: NDArray[np.int64]


def residuals(first: FloatArray, placed: FloatArray, index: Sequence[int]) -> Residuals:
    """Where a hand placed corners against where they were found.

    Args:
        first: (68, 2) corners found without a hand; hints that tell of another count move these by
            whole levels.
        placed: (h, 2) where the hand put them.
        index: which corners.
    """
    landmarks = torch.tensor(index, dtype=torch.long)
    every = torch.ones(1, len(index), dtype=torch.bool)
    hints = Hints(torch.tensor(placed)[None], landmarks[None], every)
    longer, shift = read_hints(torch.tensor(first)[None], hints)
    beyond = (longer.shape[1] - len(first) // CORNERS) // 2
    found = longer[0, landmarks // CORNERS + shift[0] + beyond, landmarks % CORNERS]
    return Residuals(placed - found.double().numpy(), shift[0].numpy())


def leant(corners: FloatArray, *, index: Sequence[int], off: FloatArray) -> FloatArray:
    """Corners (4 n, 2) moved by what the residuals at some of them tell of the others.

    Args:
        corners: the network's answer to these hints, in film pixels.
        index: the hinted corners, each once; they stay as they are.
        off: (h, 2) how far they lay off, as `residuals` says.
    """
    if not index:
        return corners
    offsets = offsets_along(corners)
    moved = expected((ALONG, ACROSS), len(corners), index=index, told=offsets.of(off, index))
    moved[list(index)] = 0.0
    return corners + offsets.back(moved)


def expected(
    laws: tuple[Law, Law], corners: int, *, index: Sequence[int], told: FloatArray
) -> FloatArray:
    """(corners, 2) levels along and across that corners move by for (h, 2) residuals."""
    moves = []
    for law, heard in zip(laws, _capped(told).T, strict=True):
        known = covariance(law, corners)[:, list(index)]
        among = known[list(index)] + law.nugget * np.eye(len(index))
        moves.append(law.share * (known @ np.linalg.solve(among, heard)))
    return _capped(np.stack(moves, axis=1))


@lru_cache(maxsize=8)
def covariance(law: Law, corners: int) -> FloatArray:
    """(corners, corners) of the residuals of a column, without the nugget."""
    number = np.arange(corners)
    side = np.where(number % 2, 1.0, -1.0)
    end = np.where(number % CORNERS < CORNERS // 2, -1.0, 1.0)
    place = number // CORNERS + _END * end
    apart = np.abs(place[:, None] - place)
    found: FloatArray = law.common + law.alike * np.exp(-apart / law.alike_range)
    found += (law.beside + law.sides * np.exp(-apart / law.sides_range)) * np.outer(side, side)
    found += (law.below + law.ends * np.exp(-apart / law.ends_range)) * np.outer(end, end)
    found.flags.writeable = False
    return found


def _capped(moves: FloatArray) -> FloatArray:
    length = np.linalg.norm(moves, axis=1, keepdims=True)
    return np.asarray(moves * np.minimum(1.0, MOST / np.maximum(length, 1e-9)))
