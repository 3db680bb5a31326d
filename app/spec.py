"""What the program asks of a task: one frozen value a task, no Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from domain.annotation import Annotations
from domain.image import Image
from inference.contracts import PixelArray, Request, Response

BuildRequest = Callable[[Image, Annotations | None, str], Request]
ReadResponse = Callable[[Response, Annotations], Annotations]
PixelsOf = Callable[[Image], Mapping[str, PixelArray]]


def film_pixels(image: Image) -> Mapping[str, PixelArray]:
    """The picture itself, under its own identity."""
    return {image.sha256: image.pixels}


@dataclass(frozen=True)
class TaskSpec:
    """A task as a value.

    Args:
        id: the task's word, the same on every floor.
        title: what people read.
        verb: the primary action ("Find corners").
        build_request: (image, decisions or None for a fresh proposal, weights id) -> Request.
        read_response: (response, decisions it answers) -> the decisions with the answer applied.
        pipeline: dotted name of the engine's module.
        panel: dotted name of the window's panel module.
        pixels: the arrays that the engine is sent for an image, by the identities that requests
            about it name.
    """

    id: str
    title: str
    verb: str
    build_request: BuildRequest
    read_response: ReadResponse
    pipeline: str
    panel: str
    pixels: PixelsOf = film_pixels
