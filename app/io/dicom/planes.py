"""Parallel slices in space: their order, whether any is missing, and how they make a volume."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.io.dicom.frames import Stored
from app.io.drr import MOST_VOXELS
from app.io.readers.file_bytes import unreadable

LEAST = 8  # slices
_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])  # DICOM's x and y grow to the left and the back
_UNEVEN = 1.5  # steps of the median: then a slice is missing
_OFF = 0.1  # that a normal's length may be off

Affine = NDArray[np.float64]


@dataclass(frozen=True)
class Plane:
    """Where one slice lies, in the patient's millimetres.

    Args:
        cosines: directions of its rows and of its columns, x y z each.
        position: the centre of its first pixel.
        spacing_mm: between rows, between columns.
    """

    cosines: tuple[float, ...]
    position: tuple[float, ...]
    spacing_mm: tuple[float, ...]

    @property
    def place_mm(self) -> float | None:
        """Along its normal; None where these numbers are no plane."""
        if (len(self.cosines), len(self.position), len(self.spacing_mm)) != (6, 3, 2):
            return None
        normal = np.cross(self.cosines[:3], self.cosines[3:])
        if abs(float(np.linalg.norm(normal)) - 1) > _OFF or min(self.spacing_mm) <= 0:
            return None
        return float(normal @ self.position)

    @property
    def kind(self) -> tuple[object, ...]:
        """What the slices of one volume have in common."""
        cosines = tuple(round(cosine, 2) for cosine in self.cosines)
        return cosines, tuple(round(size, 4) for size in self.spacing_mm)


def require_even(places_mm: Sequence[float], *, path: Path, again: str) -> None:
    """Refuse slices that are too few, missing, or taken twice.

    Args:
        places_mm: rising.
        again: what to do about missing ones.

    Raises:
        UnreadableFile: they make no volume.
    """
    if len(places_mm) < LEAST:
        why = f"It holds {len(places_mm)} slices of a CT; a volume has {LEAST} or more."
        raise unreadable(path, why=why, remedy="Choose a whole series.")
    steps = np.diff(places_mm)
    usual = float(np.median(steps))
    if usual <= 0 or steps.min() < usual / 100:
        why = "Several of its slices lie at one place."
        raise unreadable(path, why=why, remedy="Choose one series, taken at one time.")
    if steps.max() > _UNEVEN * usual:
        gaps = int((steps > _UNEVEN * usual).sum())
        why = f"Slices of the CT are missing, in {gaps} {'places' if gaps > 1 else 'place'}."
        raise unreadable(path, why=why, remedy=again)


def empty_stack(shape: tuple[int, int, int], *, path: Path) -> NDArray[np.int16]:
    """Room for (columns, rows, slices) Hounsfield units.

    Raises:
        UnreadableFile: they are too many.
    """
    if int(np.prod(shape, dtype=object)) > MOST_VOXELS:
        why = f"It has {' × '.join(map(str, shape))} voxels, more than can be read."
        raise unreadable(path, why=why, remedy="Cut it to the head, or halve its resolution.")
    return np.empty(shape, np.int16, order="F")


def affine_of(first: Plane, last: Plane, *, count: int) -> Affine:
    """From (column, row, slice) to RAS+ millimetres."""
    rows_mm, columns_mm = first.spacing_mm
    across, down = np.reshape(first.cosines, (2, 3))
    affine = np.eye(4)
    affine[:3, 0], affine[:3, 1] = across * columns_mm, down * rows_mm
    affine[:3, 2] = (np.array(last.position) - first.position) / (count - 1)
    affine[:3, 3] = first.position
    return np.asarray(_TO_RAS @ affine)


def hounsfield(stored: Stored, *, slope: float, intercept: float) -> NDArray[np.int16]:
    """Stored values rescaled."""
    values = stored * slope + intercept
    return np.asarray(np.rint(values.clip(-32768, 32767)), np.int16)
