"""What the program asks of a task: one frozen value a task, no Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from domain.annotation import Annotations
from domain.image import Image
from inference.contracts import Request, Response

BuildRequest = Callable[[Image, Annotations | None, str], Request]
ReadResponse = Callable[[Response, Annotations], Annotations]


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
    """

    id: str
    title: str
    verb: str
    build_request: BuildRequest
    read_response: ReadResponse
    pipeline: str
    panel: str
