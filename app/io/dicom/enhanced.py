"""A CT volume in one file: each frame says itself where it lies and how it is scaled."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import FileDataset

from app.io.child import tell_done
from app.io.dicom.frames import decoded, group
from app.io.dicom.planes import (
    Affine,
    Plane,
    affine_of,
    empty_stack,
    hounsfield,
    require_even,
)
from app.io.dicom.values import number, numbers, whole
from app.io.readers.file_bytes import unreadable

_AGAIN = "Export it again, or as one file a slice."


def stacked(dataset: FileDataset, *, pages: int, path: Path) -> tuple[NDArray[np.int16], Affine]:
    """(columns, rows, slices) Hounsfield units, and the affine to RAS+ millimetres.

    Args:
        dataset: with all its frames, checked by `prepare`.

    Raises:
        UnreadableFile: it does not say where its frames lie, some are missing, or one is damaged.
    """
    planes = [_plane(dataset, page) for page in range(pages)]
    if any(plane.place_mm is None for plane in planes):
        why = f"It is a CT volume of {pages} slices that does not say where they lie."
        raise unreadable(path, why=why, remedy=_AGAIN)
    if len({plane.kind for plane in planes}) > 1:
        why = "Its slices are turned or scaled differently."
        raise unreadable(path, why=why, remedy=_AGAIN)
    places = [plane.place_mm or 0.0 for plane in planes]
    order = sorted(range(pages), key=places.__getitem__)
    require_even([places[page] for page in order], path=path, again=_AGAIN)
    shape = whole(dataset, "Columns"), whole(dataset, "Rows"), pages
    stack = empty_stack(shape, path=path)
    for place, page in enumerate(order):
        stack[:, :, place] = _slice(dataset, page, path=path).T
        tell_done(place + 1)
    return stack, affine_of(planes[order[0]], planes[order[-1]], count=pages)


def _plane(dataset: FileDataset, page: int) -> Plane:
    orientation = group(dataset, page, "PlaneOrientationSequence")
    position = group(dataset, page, "PlanePositionSequence")
    measures = group(dataset, page, "PixelMeasuresSequence")
    return Plane(
        tuple(numbers(orientation, "ImageOrientationPatient")),
        tuple(numbers(position, "ImagePositionPatient")),
        tuple(numbers(measures, "PixelSpacing")),
    )


def _slice(dataset: FileDataset, page: int, *, path: Path) -> NDArray[np.int16]:
    stored, _ = decoded(dataset, page, path=path)
    if stored.ndim != 2:
        raise unreadable(path, why="Its slices are pictures in colour.", remedy=_AGAIN)
    scale = group(dataset, page, "PixelValueTransformationSequence")
    slope, intercept = number(scale, "RescaleSlope"), number(scale, "RescaleIntercept")
    return hounsfield(stored, slope=slope or 1.0, intercept=intercept or 0.0)
