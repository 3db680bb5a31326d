"""The way down: a film and what a person decided on it become a question for the engine."""

from __future__ import annotations

from domain.annotation import Annotations
from domain.errors import NotForThisTask
from domain.image import Image
from domain.repair import extras_of, told
from domain.vertebrae import VertebraeOptions, VertebraePrompt
from inference.contracts import Request

TASK = "vertebrae"
SMALLEST_SIDE = 32


def build_request(image: Image, annotations: Annotations | None, weights_id: str) -> Request:
    """Ask for the corners of `image`, given the rounds of hints in `annotations`.

    Raises:
        NotForThisTask: the image is too small to hold a spine, or moves.
        ImageMismatch: the annotations belong to other pixels.
    """
    rows, columns = image.shape
    if min(rows, columns) < SMALLEST_SIDE:
        raise NotForThisTask(
            f"This image has {rows} x {columns} pixels.",
            why=f"A spine film needs at least {SMALLEST_SIDE} pixels on each side.",
            remedy="Open a frontal radiograph of the spine.",
        )
    if image.cine is not None:
        raise NotForThisTask(
            "Corners are not looked for in what moves.",
            why=f"This film has {len(image.cine)} frames; the network learnt from single films.",
            remedy="Save one frame as a picture and open that.",
        )
    if annotations is not None:
        annotations.require_image(image.sha256)
    return Request(
        task=TASK,
        weights_id=weights_id,
        images=(image.sha256,),
        prompt=_prompt(annotations) if annotations else VertebraePrompt(),
        options=VertebraeOptions(inverted=image.presentation.inverted),
        spacing_mm=image.grid.spacing_mm,
    )


def _prompt(annotations: Annotations) -> VertebraePrompt:
    return VertebraePrompt(told(annotations), extras=tuple(extras_of(annotations).values()))
