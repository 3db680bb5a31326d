"""Reads CT volumes (NIfTI, a folder of DICOM slices) as radiographs drawn around the jaw."""

from __future__ import annotations

import gzip
import logging
import zlib
from dataclasses import replace
from io import IOBase
from pathlib import Path
from typing import IO, Any, cast

import nibabel as nib
import numpy as np
from nibabel.filebasedimages import ImageFileError
from nibabel.spatialimages import HeaderDataError
from numpy.typing import NDArray

from app.io.dicom.person import person_of, taken_on
from app.io.dicom.series import series_in
from app.io.drr import MOST_VOXELS, Volume, radiographs
from app.io.frames_file import FrameWriter
from app.io.readers.file_bytes import opened, unreadable
from app.io.readers.moving import Motion, moving_image
from app.io.readers.pages import require_page
from domain.grid import Grid
from domain.image import FramesFrom, Image, Presentation, Study

DRAWN = "drawn from a CT volume"
ASSUMED = "orientation of the volume assumed"
SOURCE = "of the CT volume it is drawn from, by parallel rays, in the patient"
# What nibabel says of headers that it mends would go to the terminal, with names of files.
logging.getLogger("nibabel.global").setLevel(logging.CRITICAL + 1)

MOST_BYTES = 2**30
_THINNEST = 8  # voxels along any axis
_AIR = -500  # Hounsfield units: every CT has air in it
_MOST_HU = 100_000
_MOST_MM = 100.0  # of a voxel
_MILLIMETRES = {"meter": 1000.0, "micron": 0.001}
_ORIENTATIONS: Any = nib.orientations  # untyped
_AGAIN = "Copy it again from its source."
_DAMAGE = (
    OSError, EOFError, ValueError, TypeError, KeyError, OverflowError, zlib.error,
    ImageFileError, HeaderDataError,
)  # fmt: skip


def read_nifti(path: Path, *, page: int = 0) -> Study:
    """A CT in NIfTI as sixteen radiographs around its upright axis.

    Raises:
        UnreadableFile: damaged, too large, no volume, or no CT.
    """
    require_page(page, pages=1, path=path)
    with opened(path) as file:
        try:
            is_packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            content = gzip.GzipFile(fileobj=file) if is_packed else file
            volume, marks = _volume_of(content, path=path)
        except _DAMAGE as error:
            why = "It is damaged or cut short, or its header makes no sense."
            raise unreadable(path, why=why, remedy=_AGAIN) from error
    name = path.name.removesuffix(".gz").removesuffix(".nii") or path.name
    return Study(name, str(path.absolute()), _drawn(volume, path=path, marks=marks))


def read_volume(folder: Path) -> Study:
    """A folder with the slices of one CT as sixteen radiographs around its upright axis.

    Of several series the one with the most slices is taken, and that is told.

    Raises:
        UnreadableFile: no CT in it, slices are missing, or one is damaged.
    """
    series, told = series_in(folder)
    return Study(
        folder.name,
        str(folder.absolute()),
        drawn_of(*series.stacked(), path=folder, marks=told),
        person=person_of(series.first),
        taken=taken_on(series.first),
    )


def drawn_of(
    stack: NDArray[np.int16],
    affine: NDArray[np.float64],
    *,
    path: Path,
    marks: tuple[str, ...] = (),
) -> Image:
    """Radiographs of (columns, rows, slices) Hounsfield units.

    Args:
        affine: from their places to RAS+ millimetres.

    Raises:
        UnreadableFile: they are no CT.
    """
    return _drawn(_upright(stack, affine), path=path, marks=marks)


def _drawn(volume: Volume, *, path: Path, marks: tuple[str, ...] = ()) -> Image:
    _require_ct(volume, path=path)
    try:
        pictures, pixel_mm = radiographs(volume)
    except ValueError as error:
        remedy = "Choose a CT that shows a head."
        raise unreadable(path, why="There is nothing but air in it.", remedy=remedy) from error
    with FrameWriter(path) as frames:
        for picture in pictures:
            frames.add(picture)
        return moving_image(
            frames,
            Motion(FramesFrom.VOLUME),
            grid=Grid((pixel_mm, pixel_mm), SOURCE),
            presentation=Presentation(top="H", bottom="F", marks=(DRAWN, *marks)),
        )


def _volume_of(file: IO[bytes] | gzip.GzipFile, *, path: Path) -> tuple[Volume, tuple[str, ...]]:
    """A NIfTI with its axes along the patient's, and a mark where nobody recorded them."""
    image: Any = nib.Nifti1Image.from_stream(cast(IOBase, file))
    shape = tuple(int(size) for size in image.shape)
    while len(shape) > 3 and shape[-1] == 1:
        shape = shape[:-1]
    kind = image.get_data_dtype()
    if len(shape) != 3 or min(shape) < _THINNEST or kind.kind not in "iuf":
        why = f"It is no volume: {' × '.join(map(str, image.shape))} numbers of kind {kind}."
        raise unreadable(path, why=why, remedy="Choose the NIfTI of a CT.")
    voxels = int(np.prod(shape, dtype=object))
    if voxels > MOST_VOXELS or voxels * kind.itemsize > MOST_BYTES:
        why = f"It claims {' × '.join(map(str, shape))} voxels, more than can be read."
        raise unreadable(path, why=why, remedy="Cut it to the head, or halve its resolution.")
    values = np.reshape(image.dataobj.get_unscaled(), shape, order="F")
    scale = _MILLIMETRES.get(image.header.get_xyzt_units()[0], 1.0)
    affine = image.affine * [[scale], [scale], [scale], [1.0]]
    volume = _upright(values, affine)
    volume = replace(volume, slope=float(image.dataobj.slope), intercept=float(image.dataobj.inter))
    is_told = int(image.header["sform_code"]) > 0 or int(image.header["qform_code"]) > 0
    return volume, () if is_told else (ASSUMED,)


def _upright(values: NDArray[Any], affine: NDArray[np.float64]) -> Volume:
    """With x to the right, y to the front and z to the head, each along the axis closest to it."""
    turns = _ORIENTATIONS.io_orientation(affine)
    if not np.isfinite(turns).all():
        msg = "axes without a direction"
        raise ValueError(msg)
    sizes = np.linalg.norm(affine[:3, :3], axis=0)
    x, y, z = (float(sizes[np.flatnonzero(turns[:, 0] == axis)[0]]) for axis in range(3))
    if not all(0 < size < _MOST_MM for size in (x, y, z)):
        msg = "voxels of no size"
        raise ValueError(msg)
    return Volume(_ORIENTATIONS.apply_orientation(values, turns), (x, y, z))


def _require_ct(volume: Volume, *, path: Path) -> None:
    """Refuse what is no CT: label maps, MR, tables of anything.

    Raises:
        UnreadableFile: its numbers are no Hounsfield units.
    """
    ends = [(float(one.min()), float(one.max())) for one in volume.axial()]
    low, high = min(ends)[0], max(end for _, end in ends)
    if not low <= _AIR < high <= _MOST_HU:
        raise unreadable(
            path,
            why=f"It is no CT: from {low:g} to {high:g} its numbers are no Hounsfield units, "
            "in which air is −1000.",
            remedy="Choose a CT, or export it again in Hounsfield units.",
        )
