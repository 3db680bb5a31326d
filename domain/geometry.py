"""Geometry in the original image's pixels: (row, column), float, pixel centres at integers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


def frozen_array(values: ArrayLike, *, columns: int | None = None) -> FloatArray:
    """A read-only float64 copy of `values`; shape (n, columns) where `columns` is given.

    Raises:
        ValueError: the values are not finite or have another shape.
    """
    array = np.array(values, dtype=np.float64)
    if columns is not None and (array.ndim != 2 or array.shape[1] != columns):
        msg = f"expected shape (n, {columns}), got {array.shape}"
        raise ValueError(msg)
    if not np.isfinite(array).all():
        msg = "coordinates must be finite"
        raise ValueError(msg)
    array.setflags(write=False)
    return array


@dataclass(frozen=True, eq=False)
class Points:
    """An ordered set of landmarks.

    Args:
        coordinates: (n, 2) rows and columns in original pixels.
    """

    coordinates: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "coordinates", frozen_array(self.coordinates, columns=2))

    def __len__(self) -> int:
        return len(self.coordinates)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Points) and np.array_equal(self.coordinates, other.coordinates)

    def __hash__(self) -> int:
        return hash(self.coordinates.tobytes())

    def moved(self, index: int, *, to: tuple[float, float]) -> Points:
        """The same points with one of them somewhere else."""
        coordinates = self.coordinates.copy()
        coordinates[index] = to
        return Points(coordinates)


@dataclass(frozen=True)
class Box:
    """An axis-aligned box; edges in pixel coordinates."""

    top: float
    left: float
    bottom: float
    right: float


Geometry = Points | Box


def resample(coordinates: ArrayLike, *, scale: tuple[float, float]) -> FloatArray:
    """Map (n, 2) coordinates through a resize by `scale` = (rows, columns): (x + 1/2) s - 1/2."""
    factors = np.asarray(scale, dtype=np.float64)
    return (np.asarray(coordinates, dtype=np.float64) + 0.5) * factors - 0.5


def turned(
    places: Sequence[tuple[float, float]],
    degrees: float,
    *,
    scale: float = 1.0,
    aspect: float = 1.0,
) -> tuple[tuple[float, float], ...]:
    """Places turned clockwise around their middle, and drawn apart by `scale`.

    Args:
        aspect: height of a pixel by its width; the turn is one on square pixels.
    """
    points = np.array(places) * (aspect, 1.0)
    middle, angle = points.mean(axis=0), np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = (middle + (points - middle) @ turn * scale) / (aspect, 1.0)
    return tuple((float(row), float(column)) for row, column in moved)
