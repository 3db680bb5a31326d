"""Implants as masks: pixels inside an outline hold the implant's number."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from app.io.exporters.implant_coco import frame_name
from app.io.exporters.implant_spec import ImplantExport, require_decisions, standing
from app.io.writing import write_atomically
from domain.contours import mask_of

Masks = NDArray[np.uint8]
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # so that the same masks give the same bytes
_MOST = 255


def masks_of(export: ImplantExport) -> Masks:
    """(frames looked at, rows, columns) 0, or the number of the implant that lies there.

    Raises:
        ExportFailed: nobody has looked yet.
    """
    regions, plan = standing(require_decisions(export)), export.plan
    shape = export.image.shape
    masks = np.zeros((1 if plan.is_still else plan.own, *shape), np.uint8)
    for region in regions:
        inside = mask_of(np.array(region.outline), shape)
        masks[0 if plan.is_still else region.frame][inside] = min(region.implant, _MOST)
    return masks


def write_mask_pictures(export: ImplantExport, path: Path) -> None:
    """Write a ZIP archive with a PNG for each frame that was looked at.

    Raises:
        ExportFailed: nobody has looked yet, or the file cannot be written.
    """
    numbers = export.plan.numbers or (0,)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, mask in zip(numbers, masks_of(export), strict=False):
            picture = io.BytesIO()
            Pillow.fromarray(mask).save(picture, "PNG")
            name = Path(frame_name(export, number)).with_suffix(".png").name
            archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), picture.getvalue())
    write_atomically(path, buffer.getvalue())


def write_mask_nifti(export: ImplantExport, path: Path) -> None:
    """Write (columns, rows, frames looked at) as NIfTI.

    Raises:
        ExportFailed: nobody has looked yet, or the file cannot be written.
    """
    write_atomically(path, nifti_bytes(masks_of(export), scale=(1.0, 1.0), corner=(0.0, 0.0)))


def nifti_bytes(
    frames: NDArray[np.generic], *, scale: tuple[float, float], corner: tuple[float, float]
) -> bytes:
    """(n, rows, columns) as a packed NIfTI file whose unit is a pixel of the original frame.

    Args:
        scale: rows and columns of the original that one of these covers.
        corner: where the centre of the first one lies, (row, column).
    """
    affine = np.diag([scale[1], scale[0], 1.0, 1.0])
    affine[0, 3], affine[1, 3] = corner[1], corner[0]
    make: Any = nibabel.Nifti1Image  # it says nothing of types
    volume = make(np.ascontiguousarray(frames.transpose(2, 1, 0)), affine)
    volume.header.set_xyzt_units(0, 0)  # no millimetres: nobody recorded any
    content: bytes = volume.to_bytes()
    return gzip.compress(content, mtime=0)
