"""What readers of moving pictures share: an image of frames, and what is said of colour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.io.frames_file import FrameWriter
from app.io.readers.file_bytes import unreadable
from domain.grid import Grid
from domain.image import FRAMES_TO_MOVE, Cine, FramesFrom, Image, Presentation

COLOUR = "colour shown as grey"
_VISIBLE = 12  # levels between two channels that codecs alone do not make
_SHARE = 0.005  # of the pixels


@dataclass(frozen=True)
class Motion:
    """What is known of frames beside their pixels; see `Cine`."""

    made_from: FramesFrom
    times_s: tuple[float, ...] = ()
    missing: tuple[int, ...] = ()


def moving_image(
    frames: FrameWriter,
    motion: Motion,
    *,
    presentation: Presentation,
    grid: Grid | None = None,
) -> Image:
    """The frames that were written as one image; a single one does not move.

    Raises:
        UnreadableFile: there is no frame.
    """
    if not frames.count:
        remedy = "Copy it again from its source."
        raise unreadable(frames.path, why="There is no frame in it.", remedy=remedy)
    held, grid = frames.mapped(), grid or Grid()
    if frames.count < FRAMES_TO_MOVE:
        return Image(held[0].copy(), grid=grid, presentation=presentation)
    cine = Cine(held, motion.times_s, motion.made_from, motion.missing)
    sha256 = frames.identity()
    return Image(held[0], grid=grid, presentation=presentation, sha256=sha256, cine=cine)


def is_colourful(picture: NDArray[np.uint8]) -> bool:
    """Whether (rows, columns, 3) shows colour that turning grey takes away."""
    apart = picture.max(axis=-1).astype(np.int16) - picture.min(axis=-1)
    return bool((apart > _VISIBLE).mean() > _SHARE)
