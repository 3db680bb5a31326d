"""Radiographs drawn from a CT volume (DRRs): parallel rays, sixteen angles around the jaw.

The rays lie in the axial plane. The first picture is seen almost from the patient's right side, the
last almost from the left, the front between them: half a turn, because from behind a parallel
projection is only the mirror image. The axis stands upright in the middle of all that is as dense
as bone. Attenuation is that of water at about 70 keV, times 1 + HU / 1000, and never below none:
padding (-1024, -2048, -3024) counts as air.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from app.io.child import tell_done

FRAMES = 16
ANGLES_DEG = tuple(-90 + 180 * (frame + 0.5) / FRAMES for frame in range(FRAMES))
WATER_PER_MM = 0.02
BONE_HU = 700
BODY_HU = -300
AIR_HU = -1000
MOST_PX = 384
MOST_VOXELS = 400_000_000
_BRIGHTEST = 2**16 - 1

Slice = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Volume:
    """A CT.

    Args:
        values: (x, y, z), growing to the patient's right, front and head; of any number.
        spacing_mm: between voxels along x, y and z.
        slope, intercept: from values to Hounsfield units.
    """

    values: NDArray[np.number]
    spacing_mm: tuple[float, float, float]
    slope: float = 1.0
    intercept: float = 0.0

    def axial(self) -> Iterator[Slice]:
        """(x, y) Hounsfield units, slice after slice from the feet up; air where no number is."""
        for place in range(self.values.shape[2]):
            values = np.asarray(self.values[:, :, place], np.float32)
            hounsfield = values * np.float32(self.slope) + np.float32(self.intercept)
            yield np.nan_to_num(hounsfield, nan=AIR_HU, posinf=AIR_HU, neginf=AIR_HU)


@dataclass(frozen=True)
class _Gantry:
    """Where the axis stands (in voxels), how far the body reaches from it and the pixel, in mm."""

    x: float
    y: float
    reach_mm: float
    pixel_mm: float

    @property
    def side(self) -> int:
        """Pixels across a picture, and samples along a ray."""
        return 2 * int(np.ceil(self.reach_mm / self.pixel_mm)) + 1


def radiographs(volume: Volume) -> tuple[NDArray[np.uint16], float]:
    """(16, rows, columns) pictures, head up and what is dense bright, and the pixel in mm.

    Grey is the line integral of attenuation, from none (0) to the greatest of all angles.

    Raises:
        ValueError: there is nothing but air in it.
    """
    gantry = _gantry_of(volume)
    rays = []
    for number, hounsfield in enumerate(volume.axial(), start=1):
        rays.append(_rays(hounsfield, volume, gantry))
        tell_done(number)
    lines = np.stack(rays, axis=1)
    tall = max(1, round(lines.shape[1] * volume.spacing_mm[2] / gantry.pixel_mm))
    size = (gantry.side, tall)
    upright = [cv2.resize(frame[::-1], size, interpolation=cv2.INTER_LINEAR) for frame in lines]
    bright = np.stack(upright) * (_BRIGHTEST / max(float(lines.max()), 1e-6))
    return np.rint(bright.clip(0, _BRIGHTEST)).astype(np.uint16), gantry.pixel_mm


def _rays(hounsfield: Slice, volume: Volume, gantry: _Gantry) -> NDArray[np.float32]:
    """(angles, columns) line integrals through one slice."""
    dense = WATER_PER_MM * np.clip(1 + hounsfield / 1000, 0, None).astype(np.float32)
    sums = [
        cv2.warpAffine(
            dense,
            _turned(angle, volume, gantry),
            (gantry.side, gantry.side),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        ).sum(axis=0)
        for angle in ANGLES_DEG
    ]
    return np.stack(sums) * np.float32(gantry.pixel_mm)


def _turned(angle_deg: float, volume: Volume, gantry: _Gantry) -> NDArray[np.float64]:
    """From (column across, sample along the ray) to (y, x) of a slice, as OpenCV counts.

    The camera stands at (-sin, cos) of the axis: at 0 in front, at -90 on the patient's right.
    What it sees on its right lies along (-cos, -sin): in front of the patient, the left side.
    """
    angle = np.radians(angle_deg)
    toward, across = (-np.sin(angle), np.cos(angle)), (-np.cos(angle), -np.sin(angle))
    middle = (gantry.side - 1) / 2
    rows = []
    for axis, centre in ((1, gantry.y), (0, gantry.x)):
        step = gantry.pixel_mm / volume.spacing_mm[axis]
        along_u, along_t = across[axis] * step, toward[axis] * step
        rows.append([along_u, along_t, centre - middle * (along_u + along_t)])
    return np.array(rows)


def _gantry_of(volume: Volume) -> _Gantry:
    """The axis through the middle of bone (of the body where there is none)."""
    bone = np.zeros(volume.values.shape[:2], np.float64)
    body = np.zeros(volume.values.shape[:2], np.float64)
    for hounsfield in volume.axial():
        bone += hounsfield > BONE_HU
        body += hounsfield > BODY_HU
    if not body.any():
        msg = "nothing but air"
        raise ValueError(msg)
    weight = bone if bone.any() else body
    xs, ys = np.indices(weight.shape)
    x, y = (float((weight * place).sum() / weight.sum()) for place in (xs, ys))
    across, along, _ = volume.spacing_mm
    far = np.hypot((xs - x) * across, (ys - y) * along)[body > 0].max()
    reach_mm = float(far) + max(across, along)
    pixel_mm = max(min(across, along), 2 * reach_mm / MOST_PX)
    return _Gantry(x, y, reach_mm, pixel_mm)
