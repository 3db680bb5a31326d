"""Pictures of files that are no spine films: photos, CT slices, and projections of volumes."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.errors import UnreadableFile
from training.data.aasce import Film, read_film

FloatArray = NDArray[np.float64]
_SIDE = 512  # rows and columns of the CT slices of the data folder
_PIXEL_DATA = b"\xe0\x7f\x10\x00OW\x00\x00"
_AIR_HU = -1000.0
_SLICE_MM, _PIXEL_MM = 8.0, 0.646  # of the chest CT
_TALL = 900  # rows of a projection


def picture_of(path: Path, *, view: str = "") -> Film:
    """The grey picture of a photo, a DICOM slice, a folder of slices or a NIfTI volume.

    Only what the data folder holds is understood: uncompressed CT slices of 512 x 512.

    Args:
        view: "frontal" or "lateral" for a projection as an X-ray would see it, "axial" or
            "sagittal" for the slice in the middle; nothing for a picture.

    Raises:
        UnreadableFile: the file is missing or something else.
    """
    try:
        if view:
            volume, spacing = _volume(path)
            return _VIEWS[view](volume, spacing)
        return _grey(_slice(path)) if path.suffix == ".dcm" else read_film(path)
    except (OSError, ValueError, KeyError, EOFError, struct.error, zlib.error) as error:
        raise UnreadableFile(f"{path.name} cannot be read as a picture.", why=str(error)) from error


def _slice(path: Path) -> FloatArray:
    """(512, 512) values of an uncompressed CT slice."""
    content = path.read_bytes()
    start = content.rindex(_PIXEL_DATA) + len(_PIXEL_DATA) + 4
    values = np.frombuffer(content, "<i2", _SIDE * _SIDE, start)
    return values.reshape(_SIDE, _SIDE).astype(np.float64)


def _volume(path: Path) -> tuple[FloatArray, tuple[float, float, float]]:
    """A volume from head to foot, front to back, and a side to the other; millimetres of each."""
    if path.is_dir():
        slices = [_slice(each) - 1024 for each in sorted(path.glob("*.dcm"))]
        return np.stack(slices), (_SLICE_MM, _PIXEL_MM, _PIXEL_MM)
    return _upright(path)


def _upright(path: Path) -> tuple[FloatArray, tuple[float, float, float]]:
    """A NIfTI-1 volume turned by its sform, which says where its axes run."""
    content = gzip.decompress(path.read_bytes())
    sides = struct.unpack_from("<8h", content, 40)[1:4]
    kind = {2: "u1", 4: "<i2", 8: "<i4", 16: "<f4", 512: "<u2"}[
        struct.unpack_from("<h", content, 70)[0]
    ]
    spacing = struct.unpack_from("<8f", content, 76)[1:4]
    start = int(struct.unpack_from("<f", content, 108)[0])
    values = np.frombuffer(content, kind, int(np.prod(sides)), start)
    volume = values.reshape(sides, order="F").astype(np.float64)
    axes = np.array(struct.unpack_from("<12f", content, 280)).reshape(3, 4)[:, :3]
    order = [int(np.abs(axes[row]).argmax()) for row in (2, 1, 0)]
    volume = volume.transpose(order)
    for n, (row, axis) in enumerate(zip((2, 1, 0), order, strict=True)):
        volume = np.flip(volume, n) if axes[row, axis] > 0 else volume
    return volume, (spacing[order[0]], spacing[order[1]], spacing[order[2]])


Spacing = tuple[float, float, float]


def _projection(volume: FloatArray, spacing: Spacing, *, through: int) -> Film:
    """What an X-ray along an axis would show, bones bright."""
    dense = np.clip(volume - _AIR_HU, 0, 2500) / 1000
    dense = np.where(dense > 1.15, 2.2 * dense, dense)  # bone stops more than its density
    shadow = dense.sum(axis=through) * spacing[through]
    across = 3 - through
    return _grey(_stretched(shadow, spacing[0], spacing[across]))


def _middle(volume: FloatArray, spacing: Spacing, *, through: int) -> Film:
    cut = volume.take(volume.shape[through] // 2, axis=through)
    down, across = (n for n in range(3) if n != through)
    return _grey(_stretched(cut, spacing[down], spacing[across]))


_VIEWS: Mapping[str, Callable[[FloatArray, Spacing], Film]] = {
    "frontal": lambda volume, spacing: _projection(volume, spacing, through=1),
    "lateral": lambda volume, spacing: _projection(volume, spacing, through=2),
    "axial": lambda volume, spacing: _middle(volume, spacing, through=0),
    "sagittal": lambda volume, spacing: _middle(volume, spacing, through=2),
}


def _stretched(picture: FloatArray, row_mm: float, column_mm: float) -> FloatArray:
    """With square pixels, as tall as a film."""
    rows, columns = picture.shape
    scale = _TALL / (rows * row_mm)
    size = (max(1, round(columns * column_mm * scale)), _TALL)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC))


def _grey(values: FloatArray) -> Film:
    low, high = np.percentile(values, (1, 99.5))
    scaled = (values - low) * (255 / max(float(high - low), 1e-9))
    return np.asarray(np.clip(np.rint(scaled), 0, 255), np.uint8)
