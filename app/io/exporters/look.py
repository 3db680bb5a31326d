"""How a person looks at a film: carried along, so that pictures that leave show what was seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.io.windowing import shown_through, windowed
from domain.geometry import FloatArray
from domain.image import Image

Shown = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Look:
    """A film as it stands on the screen.

    Args:
        shown: the whole film through the window in use, (rows, columns) or (rows, columns, 3);
            None where no person has looked at it: then as its file asks.
        flipped_h, flipped_v: mirrored along the film's own columns or rows, before turning.
        quarter_turns: clockwise, 0..3.
    """

    shown: Shown | None = None
    flipped_h: bool = False
    flipped_v: bool = False
    quarter_turns: int = 0

    def brightness(self, image: Image) -> Shown:
        """The film on eight bits, not yet turned."""
        return _as_its_file_asks(image) if self.shown is None else self.shown

    def turned(self, pixels: Shown) -> Shown:
        """Pixels of the film as they lie on the screen."""
        flipped = pixels[:: -1 if self.flipped_v else 1, :: -1 if self.flipped_h else 1]
        return np.ascontiguousarray(np.rot90(flipped, -self.quarter_turns))

    def placed(self, coordinates: FloatArray, *, shape: tuple[int, int]) -> FloatArray:
        """(n, 2) places on a film of `shape`, where they lie once it is turned."""
        rows, columns = coordinates[:, 0], coordinates[:, 1]
        height, width = shape
        rows = height - 1 - rows if self.flipped_v else rows
        columns = width - 1 - columns if self.flipped_h else columns
        for _ in range(self.quarter_turns % 4):
            rows, columns = columns, height - 1 - rows
            height, width = width, height
        return np.stack([rows, columns], axis=1)

    def turned_shape(self, shape: tuple[int, int]) -> tuple[int, int]:
        """Rows and columns of a film of `shape` once it is turned."""
        return shape[::-1] if self.is_sideways else shape

    @property
    def is_sideways(self) -> bool:
        """Whether the film lies on its side."""
        return self.quarter_turns % 2 == 1

    @property
    def words(self) -> str:
        """What a reader of the picture must know; empty where the film is as it was taken."""
        parts = []
        if self.flipped_h:
            parts.append("mirrored left to right")
        if self.flipped_v:
            parts.append("mirrored top to bottom")
        if self.quarter_turns % 4:
            parts.append(f"turned by {90 * (self.quarter_turns % 4)}°")
        return f"Shown {', '.join(parts)}" if parts else ""


def _as_its_file_asks(image: Image) -> Shown:
    asked = image.presentation
    if asked.windows:
        return shown_through(image.pixels, asked.windows[0], inverted=asked.inverted)
    return windowed(image.pixels, inverted=asked.inverted)
