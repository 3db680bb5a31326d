"""Which side of the patient lies where on the picture, and what else a person reads about it."""

from __future__ import annotations

import re

import numpy as np
from pydicom.dataset import Dataset

from app.io.dicom.values import items, numbers, text, values

OPPOSITE = str.maketrans("RLAPHF", "LRPAFH")
_DIRECTION = re.compile(r"(?!.*(?:RL|LR|AP|PA|HF|FH))[RLAPHF]{1,3}")
_POSITIVE, _NEGATIVE = "LPH", "RAF"  # where x, y and z of a patient's coordinates grow to

SIDES = {"L": "left", "R": "right", "B": "both sides"}
VIEWS = {
    "AP": "AP", "PA": "PA", "LL": "left lateral", "RL": "right lateral", "LAT": "lateral",
    "LATERAL": "lateral", "LLD": "left decubitus", "RLD": "right decubitus",
    "LLO": "left oblique", "RLO": "right oblique",
}  # fmt: skip
# Codes of SNOMED: as numbers, and as the older standard wrote them.
VIEW_CODES = {
    "399348003": "AP", "R-10206": "AP", "272479007": "PA", "R-10214": "PA",
    "399198007": "right lateral", "R-10232": "right lateral",
    "399173006": "left lateral", "R-10236": "left lateral",
}  # fmt: skip
POSTURES = {
    "10904000": "upright", "C86043": "upright", "F-10440": "upright",
    "102538003": "lying", "F-10450": "lying", "40199007": "lying", "F-10340": "lying",
}  # fmt: skip


def sides(dataset: Dataset, *, plane: Dataset | None = None) -> tuple[str, str, str, str]:
    """The sides of the patient at the picture's left, right, top and bottom; "" where unknown.

    Args:
        plane: the item that holds the frame's Image Orientation, where it has one of its own.
    """
    named = [str(part).strip().upper() for part in values(dataset, "PatientOrientation")]
    if len(named) != 2 or not all(map(_DIRECTION.fullmatch, named)):
        named = _from_cosines(numbers(plane or dataset, "ImageOrientationPatient"))
    if not named:
        return "", "", "", ""
    right, bottom = named
    return right.translate(OPPOSITE), right, bottom.translate(OPPOSITE), bottom


def _from_cosines(cosines: list[float]) -> list[str]:
    """Letters of the directions of rows and columns, each along the axis it is closest to."""
    if len(cosines) != 6:
        return []
    pair = np.array(cosines).reshape(2, 3)
    if (np.abs(np.linalg.norm(pair, axis=1) - 1) > 0.1).any() or abs(pair[0] @ pair[1]) > 0.1:
        return []
    axes = np.abs(pair).argmax(axis=1)
    return [
        (_POSITIVE if direction[axis] > 0 else _NEGATIVE)[axis]
        for direction, axis in zip(pair, axes, strict=True)
    ]


def marks_of(dataset: Dataset) -> tuple[str, ...]:
    """Side, view and posture in words, as far as the file says them in terms that we know.

    Free text is left out: nobody knows whom it names.
    """
    side = text(dataset, "ImageLaterality") or text(dataset, "Laterality")
    view = VIEWS.get(text(dataset, "ViewPosition").upper(), "")
    marks = (
        view or _coded(dataset, "ViewCodeSequence", words=VIEW_CODES),
        SIDES.get(side.upper(), ""),
        _coded(dataset, "PatientOrientationCodeSequence", words=POSTURES),
        "lossy" if text(dataset, "LossyImageCompression") == "01" else "",
    )
    return tuple(mark for mark in marks if mark)


def _coded(dataset: Dataset, keyword: str, *, words: dict[str, str]) -> str:
    codes = (text(item, "CodeValue") for item in items(dataset, keyword))
    return next((words[code] for code in codes if code in words), "")
