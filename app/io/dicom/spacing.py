"""How large a pixel is, and what that number means: at the detector, on a ruler, in the patient.

On a projection the same object is larger the farther it lies from the detector. Spacing at the
detector is therefore never passed off as spacing in the patient; the source says which one it is.
"""

from __future__ import annotations

import math

from pydicom.dataset import Dataset

from app.io.dicom.values import number, numbers, text
from domain.grid import Grid

IMAGER = "Imager Pixel Spacing (0018,1164)"
PIXEL = "Pixel Spacing (0028,0030)"
SCANNED = "Nominal Scanned Pixel Spacing (0018,2010)"
AT_DETECTOR = "at the detector plane, not corrected for magnification"
CALIBRATIONS = {
    "GEOMETRY": "corrected for magnification by the geometry of the exposure",
    "FIDUCIAL": "calibrated on an object of known size in the picture",
}
SLICES = {"CT", "MR", "PT", "NM"}
LARGEST_MM = 100.0
MAGNIFICATIONS = (1.0, 3.0)  # beyond it nobody stands; the number is a mistake


def grid_of(dataset: Dataset, *, measures: Dataset) -> Grid:
    """The grid of one picture.

    Args:
        measures: where the frame's own Pixel Spacing stands; `dataset` itself where it has none.
    """
    pixel = _pair(measures, "PixelSpacing")
    imager = _pair(dataset, "ImagerPixelSpacing")
    if pixel is not None:
        return Grid(pixel, _meaning(dataset, pixel=pixel, imager=imager))
    if imager is not None:
        return _at_detector(dataset, imager)
    scanned = _pair(dataset, "NominalScannedPixelSpacing")
    if scanned is not None:
        return Grid(scanned, f"{SCANNED}, on the sheet of film that was scanned")
    return Grid(aspect=_aspect(dataset))


def _meaning(
    dataset: Dataset, *, pixel: tuple[float, float], imager: tuple[float, float] | None
) -> str:
    """What Pixel Spacing means here (PS3.3 10.7)."""
    if text(dataset, "Modality") in SLICES:
        return f"{PIXEL}, in the patient"
    calibration = CALIBRATIONS.get(text(dataset, "PixelSpacingCalibrationType").upper())
    if calibration:
        return f"{PIXEL}, {calibration}"
    if imager is None:
        return f"{PIXEL}, the file does not say at which depth"
    if all(math.isclose(*pair, rel_tol=1e-4) for pair in zip(pixel, imager, strict=True)):
        return f"{PIXEL}, the same as {IMAGER}: {AT_DETECTOR}"
    return f"{PIXEL}, calibrated, the file does not say how"


def _at_detector(dataset: Dataset, imager: tuple[float, float]) -> Grid:
    magnification = number(dataset, "EstimatedRadiographicMagnificationFactor")
    if magnification is None or not MAGNIFICATIONS[0] <= magnification <= MAGNIFICATIONS[1]:
        return Grid(imager, f"{IMAGER}, {AT_DETECTOR}")
    rows, columns = (size / magnification for size in imager)
    divided = f"divided by the magnification that the file estimates, {magnification:g}"
    return Grid((rows, columns), f"{IMAGER}, {divided} (0018,1114)")


def _aspect(dataset: Dataset) -> float:
    """Height of a pixel over its width, where only their ratio is known."""
    ratio = _pair(dataset, "PixelAspectRatio", largest=math.inf)
    aspect = ratio[0] / ratio[1] if ratio else 1.0
    return aspect if 0.01 < aspect < 100 else 1.0


def _pair(
    dataset: Dataset, keyword: str, *, largest: float = LARGEST_MM
) -> tuple[float, float] | None:
    """Two positive numbers of a sensible size: rows, columns."""
    found = numbers(dataset, keyword)
    if len(found) != 2 or not all(0 < size < largest for size in found):
        return None
    return found[0], found[1]
