"""What crosses between the window and the engine: plain frozen values, no torch, no patient."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from domain.errors import CaliperError, Cancelled
from domain.provenance import Mode, ModelOrigin

VERSION = "0.1.0"

PixelArray = NDArray[np.uint8] | NDArray[np.uint16]

_ids = count(1)


def next_request_id() -> int:
    """A number no other request of this process has."""
    return next(_ids)


class Lane(StrEnum):
    """Newer previews may replace previews; finals are never dropped; batch waits for both."""

    PREVIEW = "preview"
    FINAL = "final"
    BATCH = "batch"


@dataclass(frozen=True)
class Request:
    """A complete question: the same request gives the same answer.

    Args:
        task: the task's word, "vertebrae".
        weights_id: entry of the weights manifest.
        images: identities (sha256) of the pixels; the arrays travel once per engine life.
        prompt: the task's frozen prompt (what the person told the network).
        options: the task's frozen options.
        spacing_mm: (rows, columns) millimetres a pixel, where known.
        mode: compute what the original computes, or what it meant.
        seed: of everything random.
    """

    task: str
    weights_id: str
    images: tuple[str, ...] = ()
    prompt: Any = None
    options: Any = None
    spacing_mm: tuple[float, float] | None = None
    mode: Mode = Mode.CORRECTED
    seed: int = 0
    id: int = field(default_factory=next_request_id)


@dataclass(frozen=True)
class Response:
    """An answer with all that is needed to make it again."""

    request_id: int
    findings: Any
    origin: ModelOrigin


@dataclass(frozen=True)
class Progress:
    """How far a request is: `done` of `total`, and what is being done."""

    request_id: int
    done: int
    total: int
    stage: str


@dataclass(frozen=True)
class Preview:
    """Unfinished findings of a request that is still worked on."""

    request_id: int
    findings: Any


@dataclass(frozen=True)
class Failure:
    """A request that ended without an answer; `Cancelled` among the reasons."""

    request_id: int
    error: CaliperError


class Superseded(CaliperError):
    """A preview that a newer question replaced before it was asked; not a failure."""


class PipelineFailed(CaliperError):
    """The engine met a fault of its own in a request; the engine itself lives on."""


class EngineStatus(StrEnum):
    """What the engine process is doing."""

    STARTING = "starting"
    READY = "ready"
    BUSY = "busy"
    RESTARTING = "restarting"
    STOPPED = "stopped"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class EngineState:
    """The engine's state for the status line; `device` in words, `queue` requests waiting.

    Args:
        why: how the last engine ended while the next one is awaited, what is being loaded, or why
            there is none to be had.
    """

    status: EngineStatus
    device: str = ""
    queue: int = 0
    why: str = ""


Event = Response | Progress | Preview | Failure | EngineState
Report = Callable[[int, int, str], None]


@runtime_checkable
class Showing(Protocol):
    """A report that unfinished findings can be shown through, too."""

    def show(self, unfinished: Callable[[], Any]) -> None:
        """Show what is made here, where it is not too soon after what was shown last."""


class CancelToken:
    """Set by one thread, checked by another at the boundaries of its work."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask the work to stop at its next boundary."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """Whether somebody asked to stop."""
        return self._event.is_set()

    def check(self) -> None:
        """Stop here if asked to.

        Raises:
            Cancelled: a person cancelled.
        """
        if self.cancelled:
            raise Cancelled("Cancelled.")
