"""Keeps the vertebrae of a column from lying on one another."""

from __future__ import annotations

from statistics import median

import numpy as np
from numpy.typing import NDArray

from models.vertebrae.hints import VERTEBRAE

FloatArray = NDArray[np.float64]

# Of the usual step about a vertebra. Labelled columns come nearer than this in one pair of 1,500.
LEAST_STEP = 0.6
_ABOUT = 3  # vertebrae to each side that say which way is down, and what step is usual
_HELD = 1e4  # how much more than the others a vertebra counts that a hand holds


def keep_apart(corners: FloatArray, *, held: NDArray[np.bool_]) -> FloatArray:
    """The same column, with vertebrae moved along it as little as leaves each its room.

    The smallest squared movement that keeps order and room is an isotonic regression of the places
    along the column, each less the room that those above it need.

    Args:
        corners: (68, 2) in pixels.
        held: (17,) vertebrae that a hand placed; they stay where they can.
    """
    centres = corners.reshape(VERTEBRAE, 4, 2).mean(axis=1)
    number = np.arange(VERTEBRAE)
    # Chords are long enough to point down the column where neighbours were found in wrong order.
    below, above = np.minimum(number + _ABOUT, VERTEBRAE - 1), np.maximum(number - _ABOUT, 0)
    chord = centres[below] - centres[above]
    down = chord / np.maximum(np.linalg.norm(chord, axis=1, keepdims=True), 1e-9)
    steps = (np.diff(centres, axis=0) * (down[:-1] + down[1:]) / 2).sum(axis=1)
    usual = [median(steps[max(0, n - _ABOUT) : n + _ABOUT + 1].tolist()) for n in number[:-1]]
    room = LEAST_STEP * np.maximum(usual, 0.0)
    place = np.concatenate([[0.0], np.cumsum(steps - room)])
    moved = _isotonic(place, weights=np.where(held, _HELD, 1.0)) - place
    boxes = corners.reshape(VERTEBRAE, 4, 2) + (moved[:, None] * down)[:, None]
    apart: FloatArray = boxes.reshape(-1, 2)
    return apart


def _isotonic(values: FloatArray, *, weights: FloatArray) -> FloatArray:
    """The nearest values that never fall, by pooling neighbours that do (Barlow et al. 1972)."""
    pools: list[tuple[float, float, int]] = []  # mean, weight, how many
    for value, weight in zip(values, weights, strict=True):
        mean, total, count = float(value), float(weight), 1
        while pools and pools[-1][0] > mean:
            other, others, size = pools.pop()
            mean = (mean * total + other * others) / (total + others)
            total, count = total + others, count + size
        pools.append((mean, total, count))
    return np.repeat([mean for mean, _, _ in pools], [count for _, _, count in pools])
