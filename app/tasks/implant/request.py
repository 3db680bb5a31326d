"""The way down: a study and how it is to be healed become a question for the engine."""

from __future__ import annotations

from collections.abc import Mapping

from domain.annotation import Annotations
from domain.errors import NotForThisTask
from domain.image import Image
from domain.implant import ImplantOptions
from domain.implant_study import StudyFrames, study_frames
from inference.contracts import PixelArray, Request

TASK = "implant"
SMALLEST_SIDE = 32


def build_request(image: Image, annotations: Annotations | None, weights_id: str) -> Request:
    """Ask to heal a study, as the options in `annotations` say.

    Raises:
        NotForThisTask: the frames are too small to show a tooth.
        ImageMismatch: the annotations belong to other pixels.
    """
    if annotations is not None:
        annotations.require_image(image.sha256)
    frames = _frames(image)
    decided = annotations.implants if annotations is not None else None
    return Request(
        task=TASK,
        weights_id=weights_id,
        images=(frames.sha256,),
        prompt=frames.plan,
        options=(decided and decided.options) or ImplantOptions(),
    )


def pixels_of(image: Image) -> Mapping[str, PixelArray]:
    """What the engine is sent: the pictures of the study as one array.

    Raises:
        NotForThisTask: as above.
    """
    frames = _frames(image)
    return {frames.sha256: frames.pixels}


def _frames(image: Image) -> StudyFrames:
    rows, columns = image.shape
    if min(rows, columns) < SMALLEST_SIDE:
        raise NotForThisTask(
            f"This study has {rows} x {columns} pixels.",
            why=f"A picture of teeth needs at least {SMALLEST_SIDE} pixels on each side.",
            remedy="Open a dental X-ray video or a panoramic radiograph.",
        )
    return study_frames(image)
