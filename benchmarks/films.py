"""Drawn films for benchmarks, as files of a usual size."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

ROWS, COLUMNS = 3009, 1081


def film_pixels(*, seed: int) -> NDArray[np.uint8]:
    """(3009, 1081) a phantom of a spine; every seed gives other pixels."""
    from training.phantoms.vertebrae import draw_phantom

    drawn = draw_phantom(seed=seed).film
    large = cv2.resize(drawn, (COLUMNS, ROWS), interpolation=cv2.INTER_CUBIC)
    return np.asarray(large, dtype=np.uint8)


def draw_film(path: Path, *, seed: int) -> Path:
    """Write a film in the format that the name says; 12 bits where it is DICOM."""
    pixels = film_pixels(seed=seed)
    if path.suffix == ".dcm":
        from tests.app.io.dicom.makers import dataset, saved

        wide = pixels.astype(np.uint16) << 4
        saved(dataset(wide, BitsStored=12, HighBit=11, WindowCenter=2048, WindowWidth=4096), path)
    else:
        cv2.imwrite(str(path), pixels)
    return path
