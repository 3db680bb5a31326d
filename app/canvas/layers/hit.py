"""Which landmark or line the hand means."""

from __future__ import annotations

import numpy as np

from domain.geometry import FloatArray

REACH = 12.0
PREFERENCE = 5.0
"""A selected landmark counts as this many pixels nearer: the hand comes back to what it chose."""


def nearest(
    screen: FloatArray,
    *,
    at: tuple[float, float],
    preferred: int | None = None,
    reach: float = REACH,
) -> int | None:
    """The landmark at a screen position, None where all are out of reach.

    Args:
        screen: (n, 2) x and y of the landmarks in screen pixels.
        preferred: the one that wins over others that are hardly nearer.
    """
    if not len(screen):
        return None
    distances = np.linalg.norm(screen - np.asarray(at), axis=1)
    within = distances <= reach
    if not within.any():
        return None
    if preferred is not None and within[preferred]:
        distances[preferred] -= PREFERENCE
    return int(np.argmin(np.where(within, distances, np.inf)))


def distance_to(line: FloatArray, *, at: tuple[float, float]) -> float:
    """From a screen position to a polyline, (n, 2) x and y, in screen pixels."""
    starts, ways = line[:-1], np.diff(line, axis=0)
    lengths = np.maximum((ways**2).sum(axis=1), 1e-12)
    shares = np.clip(((np.asarray(at) - starts) * ways).sum(axis=1) / lengths, 0, 1)
    feet = starts + shares[:, None] * ways
    return float(np.linalg.norm(feet - np.asarray(at), axis=1).min())
