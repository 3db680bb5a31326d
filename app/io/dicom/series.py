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
from app.io.dicom.source import read_dataset, read_header
from app.io.dicom.values import number, numbers, text, whole
from app.io.drr import MOST_VOXELS
from app.io.readers.file_bytes import unreadable
from app.io.readers.folders import names_in
from app.io.readers.spec import HEAD_BYTES
from app.io.readers.table import is_dicom
from domain.errors import UnreadableFile

LEAST = 8  # slices
MOST = 4000
_TAGS = [
    "Modality", "SeriesInstanceUID", "ImageOrientationPatient", "ImagePositionPatient",
    "PixelSpacing", "Rows", "Columns", "NumberOfFrames",
]  # fmt: skip
_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])  # DICOM's x and y grow to the left and the back
_UNEVEN = 1.5  # steps of the median: then a slice is missing
_AGAIN = "Copy the whole series again from its source."

Affine = NDArray[np.float64]


@dataclass(frozen=True)
class Slice:
    """One file of a series, and where it lies along the normal of its plane, in mm."""

    path: Path
    header: Dataset
    place_mm: float


class Series:
    """Slices in the order of their places."""

    def __init__(self, slices: Sequence[Slice], *, folder: Path) -> None:
        self._slices = sorted(slices, key=lambda each: each.place_mm)
        self._folder = folder
        self._require_even()
        self.first = read_dataset(self._slices[0].path)

    def stacked(self) -> tuple[NDArray[np.int16], Affine]:
        """(columns, rows, slices) Hounsfield units, and the affine to RAS+ millimetres.

        Raises:
            UnreadableFile: a slice is damaged, or they are too many.
        """
        header = self._slices[0].header
        shape = whole(header, "Columns"), whole(header, "Rows"), len(self._slices)
        if int(np.prod(shape, dtype=object)) > MOST_VOXELS:
            why = f"It has {' × '.join(map(str, shape))} voxels, more than can be read."
            remedy = "Cut it to the head, or halve its resolution."
            raise unreadable(self._folder, why=why, remedy=remedy)
        stack = np.empty(shape, np.int16, order="F")
        for place, each in enumerate(self._slices):
            stack[:, :, place] = _hounsfield(read_dataset(each.path), path=each.path).T
            tell_done(place + 1)
        return stack, self._affine()

    def _affine(self) -> Affine:
        header = self._slices[0].header
        rows_mm, columns_mm = numbers(header, "PixelSpacing")
        across, down = np.reshape(numbers(header, "ImageOrientationPatient"), (2, 3))
        first, last = (
            np.array(numbers(self._slices[end].header, "ImagePositionPatient")) for end in (0, -1)
        )
        affine = np.eye(4)
        affine[:3, 0], affine[:3, 1] = across * columns_mm, down * rows_mm
        affine[:3, 2] = (last - first) / (len(self._slices) - 1)
        affine[:3, 3] = first
        return np.asarray(_TO_RAS @ affine)

    def _require_even(self) -> None:
        if len(self._slices) < LEAST:
            why = f"It holds {len(self._slices)} slices of a CT; a volume has {LEAST} or more."
            raise unreadable(self._folder, why=why, remedy="Choose the folder of a whole series.")
        steps = np.diff([each.place_mm for each in self._slices])
        usual = float(np.median(steps))
        if usual <= 0 or steps.min() < usual / 100:
            why = "Several of its slices lie at one place."
            remedy = "Choose a folder with one series, taken at one time."
            raise unreadable(self._folder, why=why, remedy=remedy)
        if steps.max() > _UNEVEN * usual:
            gaps = int((steps > _UNEVEN * usual).sum())
            why = f"Slices of the CT are missing, in {gaps} {'places' if gaps > 1 else 'place'}."
            raise unreadable(self._folder, why=why, remedy=_AGAIN)


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
        place_mm = _place(header)
        if text(header, "Modality") == "CT" and place_mm is not None:
            groups[_kind(header)].append(Slice(path, header, place_mm))
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


def _kind(header: Dataset) -> tuple[object, ...]:
    """What the slices of one series have in common."""
    cosines = tuple(round(cosine, 2) for cosine in numbers(header, "ImageOrientationPatient"))
    spacing = tuple(round(size, 4) for size in numbers(header, "PixelSpacing"))
    size = whole(header, "Rows"), whole(header, "Columns")
    return text(header, "SeriesInstanceUID"), size, cosines, spacing


def _place(header: Dataset) -> float | None:
    """Along the normal; None where the slice does not say where it lies, or is none."""
    cosines = numbers(header, "ImageOrientationPatient")
    position = numbers(header, "ImagePositionPatient")
    spacing = numbers(header, "PixelSpacing")
    is_single = whole(header, "NumberOfFrames", default=1) <= 1
    if (len(cosines), len(position), len(spacing)) != (6, 3, 2) or not is_single:
        return None
    normal = np.cross(cosines[:3], cosines[3:])
    if abs(float(np.linalg.norm(normal)) - 1) > 0.1 or min(spacing) <= 0:
        return None
    return float(normal @ position)


def _hounsfield(dataset: FileDataset, *, path: Path) -> NDArray[np.int16]:
    prepare(dataset, path=path)
    stored, _ = decoded(dataset, 0, path=path)
    if stored.ndim != 2:
        raise UnreadableFile(
            f"“{path.name}” is no slice of a CT.",
            why="It is a picture in colour.",
            remedy="Take it out of the folder.",
        )
    slope = number(dataset, "RescaleSlope") or 1.0
    values = stored * slope + (number(dataset, "RescaleIntercept") or 0.0)
    return np.asarray(np.rint(values.clip(-32768, 32767)), np.int16)
