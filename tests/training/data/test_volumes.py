"""Volumes and slices become pictures that stand upright; what is none is refused."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import cv2
import numpy as np
import pytest

from domain.errors import UnreadableFile
from training.data.volumes import picture_of


def write_nifti(path: Path, volume: np.ndarray, axes: np.ndarray) -> Path:
    """A NIfTI-1 file of 2 mm voxels; `axes` says where its axes run (right, front, up)."""
    header = bytearray(352)
    struct.pack_into("<8h", header, 40, 3, *volume.shape, 1, 1, 1, 1)
    struct.pack_into("<h", header, 70, 4)
    struct.pack_into("<8f", header, 76, 1, 2, 2, 2, 1, 1, 1, 1)
    struct.pack_into("<f", header, 108, 352)
    rows = np.column_stack([2 * axes, np.zeros(3)])
    struct.pack_into("<12f", header, 280, *rows.ravel())
    path.write_bytes(gzip.compress(bytes(header) + volume.astype("<i2").tobytes(order="F")))
    return path


@pytest.fixture
def body() -> np.ndarray:
    """Right, front, up: air around a block whose upper front right part is bone."""
    volume = np.full((20, 24, 30), -1000)
    volume[4:16, 4:20, 2:28] = 0
    volume[12:16, 14:20, 20:28] = 1500
    return volume


@pytest.mark.parametrize("signs", [(1, 1, 1), (-1, 1, 1), (1, -1, -1)])
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_a_projection_stands_upright_however_the_volume_was_stored(tmp_path, body, signs, order):
    stored, axes = body, np.eye(3)
    for axis, sign in enumerate(signs):
        if sign < 0:
            stored = np.flip(stored, axis)
            axes[axis, axis] = -1
    path = write_nifti(tmp_path / "v.nii.gz", stored.transpose(order), axes[:, order])
    for view in ("frontal", "lateral"):
        picture = picture_of(path, view=view)
        bright = np.argwhere(picture > 0.9 * picture.max())
        assert bright[:, 0].mean() < 0.4 * picture.shape[0]  # bone is above


def test_the_middle_slice_is_stretched_to_square_pixels(tmp_path, body):
    path = write_nifti(tmp_path / "v.nii.gz", body, np.eye(3))
    sagittal = picture_of(path, view="sagittal")
    assert sagittal.shape[1] / sagittal.shape[0] == pytest.approx(24 / 30, abs=0.01)


def test_a_slice_is_found_in_its_file(tmp_path):
    values = np.arange(512 * 512, dtype="<i2").reshape(512, 512) % 700
    head = b"\0" * 128 + b"DICM" + b"\xe0\x7f\x10\x00OW\x00\x00" + struct.pack("<I", 2 * 512 * 512)
    (tmp_path / "s.dcm").write_bytes(head + values.tobytes())
    picture = picture_of(tmp_path / "s.dcm")
    assert picture.shape == (512, 512)
    assert np.corrcoef(picture.ravel(), values.ravel())[0, 1] > 0.99


def test_a_photo_is_read_as_grey(tmp_path):
    cv2.imwrite(str(tmp_path / "p.png"), np.full((80, 90, 3), (10, 200, 30), np.uint8))
    assert picture_of(tmp_path / "p.png").shape == (80, 90)


@pytest.mark.parametrize("name", ["gone.dcm", "gone.nii.gz", "gone.png", "junk.dcm", "junk.nii.gz"])
def test_what_is_no_picture_is_refused(tmp_path, name):
    if name.startswith("junk"):
        (tmp_path / name).write_bytes(b"junk" * 50)
    with pytest.raises(UnreadableFile):
        picture_of(tmp_path / name, view="axial" if name.endswith("gz") else "")
