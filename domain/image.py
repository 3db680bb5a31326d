"""Images and studies as values: read-only pixels with an identity."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from domain.grid import Grid

Pixels = NDArray[np.uint8] | NDArray[np.uint16]
FRAMES_TO_MOVE = 2


def image_identity(pixels: Pixels) -> str:
    """sha256 over the decoded array, its shape and dtype: the same pixels, the same name."""
    digest = hashlib.sha256(f"{pixels.shape}{pixels.dtype.str}".encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


class LutFunction(StrEnum):
    """How grey values become brightness inside a window (DICOM PS3.3 C.11.2.1.2)."""

    LINEAR = "LINEAR"
    LINEAR_EXACT = "LINEAR_EXACT"
    SIGMOID = "SIGMOID"


@dataclass(frozen=True)
class GreyWindow:
    """A window that a file proposes, in the grey values of its `pixels`."""

    level: float
    window: float
    name: str = ""
    function: LutFunction = LutFunction.LINEAR


@dataclass(frozen=True)
class Presentation:
    """How a file asks to be shown; what it does not say is empty.

    Args:
        windows: its windows, the preferred one first.
        inverted: low grey values are bright (MONOCHROME1).
        left, right, top, bottom: the side of the patient that lies there ("R", "L", "H", "F" ...).
        marks: what a person reads about the picture, like "AP" or "standing"; names nobody.
    """

    windows: tuple[GreyWindow, ...] = ()
    inverted: bool = False
    left: str = ""
    right: str = ""
    top: str = ""
    bottom: str = ""
    marks: tuple[str, ...] = ()

    @property
    def side_known(self) -> bool:
        """Whether the file says which side of the patient lies left and right."""
        return bool(self.left or self.right)


class FramesFrom(StrEnum):
    """What makes the frames of a cine."""

    VIDEO = "video"  # a film of X-rays, in the order of time
    FOLDER = "folder"  # pictures of a folder, in natural order
    PEX = "pex"  # the published layout: upper jaw over lower, one picture an angle
    VOLUME = "volume"  # drawn by us from a CT volume, one picture an angle


@dataclass(frozen=True, eq=False)
class Cine:
    """The frames of a moving picture.

    Args:
        frames: (frames, rows, columns) uint8 or uint16, or with three uint8 colours at the end;
            read-only, and may lie in a file that is mapped.
        times_s: when each frame is shown, rising from 0; () where nobody recorded it.
        made_from: what the frames are.
        missing: frames that the source lists and that were not there; they are black.
    """

    frames: Pixels
    times_s: tuple[float, ...] = ()
    made_from: FramesFrom = FramesFrom.VIDEO
    missing: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        self.frames.setflags(write=False)
        if len(self.frames) < FRAMES_TO_MOVE:
            msg = f"a moving picture needs {FRAMES_TO_MOVE} frames, not {len(self.frames)}"
            raise ValueError(msg)
        if self.times_s and len(self.times_s) != len(self.frames):
            msg = f"{len(self.times_s)} times for {len(self.frames)} frames"
            raise ValueError(msg)

    def __len__(self) -> int:
        return len(self.frames)


@dataclass(frozen=True, eq=False)
class Image:
    """One decoded image, or the first frame of a cine.

    Args:
        pixels: (rows, columns) uint8 or uint16 grey values, or (rows, columns, 3) uint8; read-only.
        grid: pixel spacing and its source.
        synthetic: True where a program drew it.
        presentation: how its file asks to be shown.
        sha256: identity of the pixels (of all frames where it moves), computed once.
        cine: all frames, `pixels` the first of them; None where nothing moves.
    """

    pixels: Pixels
    grid: Grid = field(default_factory=Grid)
    synthetic: bool = False
    presentation: Presentation = field(default_factory=Presentation)
    sha256: str = ""
    cine: Cine | None = None

    def __post_init__(self) -> None:
        self.pixels.setflags(write=False)
        if not self.sha256:
            whole = self.pixels if self.cine is None else self.cine.frames
            object.__setattr__(self, "sha256", image_identity(whole))

    def frame(self, number: int) -> Image:
        """The same image with another frame of its cine in sight; its identity stays."""
        if self.cine is None:
            return self
        return replace(self, pixels=self.cine.frames[number])

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.pixels.shape[0], self.pixels.shape[1]


@dataclass(frozen=True, eq=False)
class Study:
    """One picture of a file, and where it came from; names a file, never a patient.

    Args:
        name: what the library calls it.
        path: the file it was read from.
        image: the decoded pixels.
        page: which picture of the file, from 0.
        pages: how many it holds.
        person: digest of the patient's identity in the file, to find films of one person; or "".
        taken: date of the picture as YYYY-MM-DD, or "".
    """

    name: str
    path: str
    image: Image
    page: int = 0
    pages: int = 1
    person: str = ""
    taken: str = ""
