"""Upright square crops around each vertebra of a found column, and the way back to the film."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

SMOOTH = np.array([0.25, 0.5, 0.25])
STEP = 0.06
STEP_RADIANS = 0.1
"""How far a close-up may stand off the vertebra: of its side; and turned, or larger by a share."""


@dataclass(frozen=True, eq=False)
class Crops:
    """Square windows of a film, one for each of n vertebrae, turned so that the column runs
    straight down.

    Args:
        matrices: (n, 2, 3) from film to crop, on (row + 1/2, column + 1/2).
        size: rows and columns of a crop in pixels.
    """

    matrices: FloatArray
    size: int

    def to_crop(self, points: FloatArray) -> FloatArray:
        """(n, m, 2) film pixels to crop pixels."""
        linear, offset = self.matrices[:, :, :2], self.matrices[:, None, :, 2]
        return (points + 0.5) @ linear.transpose(0, 2, 1) + offset - 0.5

    def to_film(self, points: FloatArray) -> FloatArray:
        """(n, m, 2) crop pixels to film pixels."""
        inverse = np.linalg.inv(self.matrices[:, :, :2]).transpose(0, 2, 1)
        return (points + 0.5 - self.matrices[:, None, :, 2]) @ inverse - 0.5


@dataclass(frozen=True, eq=False)
class Course:
    """The way a column runs.

    Args:
        centres: (n, 2) of the vertebrae.
        down: (n, 2) unit vectors along the column.
        level: (n,) distance to the next vertebra.
        side: (n,) of a square that holds a vertebra with half its neighbours.
    """

    centres: FloatArray
    down: FloatArray
    level: FloatArray
    side: FloatArray

    @property
    def aside(self) -> FloatArray:
        """(n, 2) unit vectors across the column."""
        return np.stack([-self.down[:, 1], self.down[:, 0]], axis=-1)


def course_of(corners: FloatArray) -> Course:
    """The smoothed course of (4 n, 2) corners, two vertebrae at least."""
    boxes = corners.reshape(-1, 4, 2)
    centres = boxes.mean(axis=1)
    longer = np.concatenate(
        [2 * centres[:1] - centres[1:2], centres, 2 * centres[-1:] - centres[-2:-1]]
    )
    steps = _smooth((longer[2:] - longer[:-2]) / 2)
    level = np.maximum(np.linalg.norm(steps, axis=1), 1e-3)
    widths = np.linalg.norm(boxes[:, [1, 3]] - boxes[:, [0, 2]], axis=-1).mean(axis=1)
    # Upper vertebrae are wider than they are tall, lower ones nearly square.
    side = np.maximum(2.1 * level, 1.6 * _smooth(widths[:, None])[:, 0])
    return Course(centres, steps / level[:, None], level, side)


def settled(course: Course, *, usual: Course) -> Course:
    """The course with its squares where a usual one has them, or else on a grid of places.

    What follows a hand moves most vertebrae by little: their close-ups stay the same, so that what
    was made of them can be kept. It depends on the two courses alone.
    """
    ratio = np.log(course.side / usual.side)
    across = course.centres - usual.centres
    turned = np.arccos(np.clip((course.down * usual.down).sum(axis=1), -1.0, 1.0))
    off = np.linalg.norm(across, axis=1) / (usual.side * STEP)
    near = (np.maximum(off, np.maximum(np.abs(ratio), turned) / STEP_RADIANS) <= 1.0)[:, None]
    side = np.exp(STEP_RADIANS * np.round(np.log(course.side) / STEP_RADIANS))
    angle = np.arctan2(course.down[:, 1], course.down[:, 0])
    angle = STEP_RADIANS * np.round(angle / STEP_RADIANS)
    cell = STEP * side[:, None]
    return Course(
        np.where(near, usual.centres, cell * np.round(course.centres / cell)),
        np.where(near, usual.down, np.stack([np.cos(angle), np.sin(angle)], axis=1)),
        course.level,
        np.where(near[:, 0], usual.side, side),
    )


def _smooth(values: FloatArray) -> FloatArray:
    padded = np.concatenate([values[:1], values, values[-1:]])
    return np.asarray(sum(w * padded[n : n + len(values)] for n, w in enumerate(SMOOTH)))


def crops_around(course: Course, *, size: int) -> Crops:
    """Crops of the course's squares, turned so that the column points down."""
    cosine, sine = course.down[:, 0], course.down[:, 1]
    scale = size / course.side
    turn = np.stack([np.stack([cosine, sine], -1), np.stack([-sine, cosine], -1)], -2)
    linear = turn * scale[:, None, None]
    offset = size / 2 - np.einsum("nij,nj->ni", linear, course.centres + 0.5)
    return Crops(np.concatenate([linear, offset[..., None]], axis=-1), size)
