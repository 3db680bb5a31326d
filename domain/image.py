"""Images and studies as values: read-only pixels with an identity."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from domain.grid import Grid

Pixels = NDArray[np.uint8] | NDArray[np.uint16]


def image_identity(pixels: Pixels) -> str:
    """sha256 over the decoded array, its shape and dtype: the same pixels, the same name."""
    digest = hashlib.sha256(f"{pixels.shape}{pixels.dtype.str}".encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


@dataclass(frozen=True, eq=False)
class Image:
    """One decoded image.

    Args:
        pixels: (rows, columns) uint8 or uint16 grey values, or (rows, columns, 3) uint8; read-only.
        grid: pixel spacing and its source.
        synthetic: True where a program drew it.
        sha256: identity of the pixels, computed once.
    """

    pixels: Pixels
    grid: Grid = field(default_factory=Grid)
    synthetic: bool = False
    sha256: str = ""

    def __post_init__(self) -> None:
        self.pixels.setflags(write=False)
        if not self.sha256:
            object.__setattr__(self, "sha256", image_identity(self.pixels))

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.pixels.shape[0], self.pixels.shape[1]


@dataclass(frozen=True, eq=False)
class Study:
    """What one file holds: an image and where it came from; names a file, never a patient.

    Args:
        name: what the library calls it.
        path: the file it was read from.
        image: the decoded pixels.
    """

    name: str
    path: str
    image: Image
