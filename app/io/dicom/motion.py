"""Whether the pictures of a DICOM file follow one another in time, and when each is shown."""

from __future__ import annotations

from itertools import accumulate

from pydicom.dataset import Dataset

from app.io.dicom.values import number, numbers, text, whole
from app.io.dicom.words import VOLUMES, is_of, sop_class

_STORAGE = "1.2.840.10008.5.1.4.1.1."
# X-ray angiography, X-ray fluoroscopy and ultrasound, as they are and "enhanced".
_MOVING = tuple(_STORAGE + end for end in ("12.1", "12.2", "3", "6.1"))
_MOVING_KINDS = {"XA", "RF", "US"}
# Planes through a body or a slide, whatever a writer says of times: tomosynthesis and X-ray 3-D,
# ultrasound volumes, nuclear medicine, tiles.
_SLICES = tuple(_STORAGE + end for end in ("13.1", "6.2", "20", "128", "130", "77.1.6"))
_DEEPEST = 16  # bits; what has more is scaled picture by picture


def is_cine(dataset: Dataset, *, pages: int) -> bool:
    """Whether the pictures are frames in time: by their kind, or because a frame time is told.

    Slices of a volume and pages of a document are none.
    """
    uid = sop_class(dataset)
    if pages < 2 or text(dataset, "Modality") in VOLUMES or whole(dataset, "BitsStored") > _DEEPEST:
        return False
    if any(is_of(uid, start) for start in _SLICES):
        return False
    is_told = (number(dataset, "FrameTime") or 0) > 0 or bool(numbers(dataset, "FrameTimeVector"))
    is_kind = any(is_of(uid, start) for start in _MOVING)
    return is_told or is_kind or text(dataset, "Modality") in _MOVING_KINDS


def times_of(dataset: Dataset, *, pages: int) -> tuple[tuple[float, ...], tuple[str, ...]]:
    """Seconds from the first frame, () where nobody recorded them, and marks for a person.

    A Frame Time Vector (0018,1065) of another length than there are frames, or one that stands
    still, is said and not used; then Frame Time (0018,1063) counts, then the recorded rate.
    """
    steps_ms, marks = numbers(dataset, "FrameTimeVector"), list[str]()
    if steps_ms:
        if len(steps_ms) != pages:
            marks.append(f"{len(steps_ms)} frame times for {pages} frames: not used")
        elif min(steps_ms[1:]) <= 0:
            marks.append("frame times that do not rise: not used")
        else:
            return tuple(ms / 1000 for ms in accumulate([0.0, *steps_ms[1:]])), ()
    step_ms = number(dataset, "FrameTime") or 0
    rate = number(dataset, "CineRate") or number(dataset, "RecommendedDisplayFrameRate") or 0
    if step_ms <= 0 < rate:
        step_ms = 1000 / rate
    if step_ms <= 0:
        return (), tuple(marks)
    return tuple(frame * step_ms / 1000 for frame in range(pages)), tuple(marks)
