"""The slices of one CT in a folder of DICOM files, in their order in space."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset

from app.io.child import tell_done
from app.io.dicom.frames import decoded, prepare
from app.io.dicom.planes import (
    LEAST,
    Affine,
    Plane,
    affine_of,
    empty_stack,
    hounsfield,
    require_even,
)
from app.io.dicom.source import read_dataset, read_header
from app.io.dicom.values import number, numbers, text, whole
from app.io.readers.file_bytes import unreadable
from app.io.readers.folders import names_in
from app.io.readers.spec import HEAD_BYTES
from app.io.readers.table import is_dicom
from domain.errors import UnreadableFile

MOST = 4000
_TAGS = [
    "Modality", "SeriesInstanceUID", "ImageOrientationPatient", "ImagePositionPatient",
    "PixelSpacing", "Rows", "Columns", "NumberOfFrames",
]  # fmt: skip
_AGAIN = "Copy the whole series again from its source."


@dataclass(frozen=True)
class Slice:
    """One file of a series, where it lies, and how far along the normal of its plane, in mm."""

    path: Path
    header: Dataset
    plane: Plane
    place_mm: float


class Series:
    """Slices in the order of their places."""

    def __init__(self, slices: Sequence[Slice], *, folder: Path) -> None:
        self._slices = sorted(slices, key=lambda each: each.place_mm)
        self._folder = folder
        require_even([each.place_mm for each in self._slices], path=folder, again=_AGAIN)
        self.first = read_dataset(self._slices[0].path)

    def stacked(self) -> tuple[NDArray[np.int16], Affine]:
        """(columns, rows, slices) Hounsfield units, and the affine to RAS+ millimetres.

        Raises:
            UnreadableFile: a slice is damaged, or they are too many.
        """
        header, count = self._slices[0].header, len(self._slices)
        shape = whole(header, "Columns"), whole(header, "Rows"), count
        stack = empty_stack(shape, path=self._folder)
        for place, each in enumerate(self._slices):
            stack[:, :, place] = _hounsfield(read_dataset(each.path), path=each.path).T
            tell_done(place + 1)
        return stack, affine_of(self._slices[0].plane, self._slices[-1].plane, count=count)


def series_in(folder: Path) -> tuple[Series, tuple[str, ...]]:
    """The CT series of a folder with the most slices, and a mark where there are others.

    Raises:
        UnreadableFile: there is no CT in it, too few slices, or some are missing.
    """
    paths = [folder / name for name in names_in(folder)]
    files = [path for path in paths if os.path.isfile(path) and _is_dicom(path)]
    if len(files) > MOST:
        why = f"It holds {len(files)} files; a volume has at most {MOST} slices."
        raise unreadable(folder, why=why, remedy="Choose the folder of one series.")
    groups: dict[tuple[object, ...], list[Slice]] = defaultdict(list)
    for path in files:
        header = read_header(path, tags=_TAGS)
        plane = _plane(header)
        place_mm = plane.place_mm
        is_single = whole(header, "NumberOfFrames", default=1) <= 1
        if text(header, "Modality") == "CT" and place_mm is not None and is_single:
            groups[_kind(header, plane)].append(Slice(path, header, plane, place_mm))
        tell_done(0)
    if not groups:
        remedy = "Choose a folder with the frames of one film, or with the slices of a CT."
        raise unreadable(folder, why="There is no CT in it, and no pictures.", remedy=remedy)
    largest = max(groups.values(), key=len)
    others = len([group for group in groups.values() if len(group) >= LEAST]) - 1
    told = (f"one of {others + 1} series in the folder",) if others > 0 else ()
    return Series(largest, folder=folder), told


def _is_dicom(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return is_dicom(file.read(HEAD_BYTES))
    except OSError:
        return False


def _kind(header: Dataset, plane: Plane) -> tuple[object, ...]:
    """What the slices of one series have in common."""
    size = whole(header, "Rows"), whole(header, "Columns")
    return text(header, "SeriesInstanceUID"), size, plane.kind


def _plane(header: Dataset) -> Plane:
    return Plane(
        tuple(numbers(header, "ImageOrientationPatient")),
        tuple(numbers(header, "ImagePositionPatient")),
        tuple(numbers(header, "PixelSpacing")),
    )


def _hounsfield(dataset: FileDataset, *, path: Path) -> NDArray[np.int16]:
    prepare(dataset, path=path)
    stored, _ = decoded(dataset, 0, path=path)
    if stored.ndim != 2:
        raise UnreadableFile(
            f"“{path.name}” is no slice of a CT.",
            why="It is a picture in colour.",
            remedy="Take it out of the folder.",
        )
    slope, intercept = number(dataset, "RescaleSlope"), number(dataset, "RescaleIntercept")
    return hounsfield(stored, slope=slope or 1.0, intercept=intercept or 0.0)
