"""Which parts of a study the implant network looks at, and the way back from its places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.panorama import Window

Places = NDArray[np.float64]


@dataclass(frozen=True)
class StudyPlan:
    """Where the pictures of a study lie in what a person opened.

    Args:
        rows, columns: of a frame, or of the whole still picture.
        windows: the part that each picture shows; a cine's frames are shown whole.
        numbers: which frame of the cine each picture is; () for a still picture.
        padded: so many pictures at the end repeat the one before them, to fill the last clip.
        missing: pictures that are black because their frame was missing.
        mirrored: the patient's left lies on the left of the picture.
    """

    rows: int
    columns: int
    windows: tuple[Window, ...]
    numbers: tuple[int, ...] = ()
    padded: int = 0
    missing: tuple[int, ...] = ()
    mirrored: bool = False

    def __len__(self) -> int:
        return len(self.windows)

    @property
    def own(self) -> int:
        """Pictures that repeat no other."""
        return len(self.windows) - self.padded

    @property
    def is_still(self) -> bool:
        """Whether the pictures are windows of one picture."""
        return not self.numbers

    @property
    def shows_one_picture(self) -> bool:
        """Whether all pictures are the same."""
        places = self.numbers or self.windows
        return len(set(places)) == 1

    def out_of(self, places: Places, *, picture: int, side: int) -> Places:
        """Where (n, 2) places of a picture, drawn `side` pixels wide and high, lie in its frame.

        For a still picture: in the whole of it.
        """
        return self.windows[picture].out_of(places, side=side)

    def into(self, places: Places, *, picture: int, side: int) -> Places:
        """The other way round."""
        return self.windows[picture].into(places, side=side)
