"""The published `PeX-ray` layout: sixteen angles, the upper jaw over the lower one.

A study is a folder with a folder `middle` in it. Frame i has `1_{i}-drr.tif`, the upper jaw, turned
upside down, over `0_{i}-drr.tif`, the lower jaw. Each is made grey and 160 pixels wide and 120
high, so that a frame is 160 wide and 240 high. What is not there is black, and told.

Assumed, because nobody published it: the resampling is OpenCV's usual one (bilinear), and pictures
with more than 8 bits are divided down to 8.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.io.frames_file import FrameWriter
from app.io.readers.folders import MIDDLE, names_in
from app.io.readers.frames_folder import frame_of, said_of_missing
from app.io.readers.moving import Motion, moving_image
from domain.image import FramesFrom, Pixels, Presentation, Study

FRAMES = 16
JAW = (120, 160)  # rows and columns


def read_pex(folder: Path) -> Study:
    """The sixteen frames of a study.

    Raises:
        UnreadableFile: one of its pictures is damaged.
    """
    names = {name.casefold(): name for name in names_in(folder / MIDDLE)}
    marks: dict[str, None] = {}
    missing = []
    with FrameWriter(folder) as frames:
        for angle in range(FRAMES):
            jaws = []
            for side in "10":
                stem = f"{side}_{angle}-drr"
                name = names.get(f"{stem}.tif") or names.get(f"{stem}.tiff")
                jaws.append(_jaw(folder, name, marks) if name else None)
            if any(jaw is None for jaw in jaws):
                missing.append(angle)
            upper, lower = (np.zeros(JAW, np.uint8) if jaw is None else jaw for jaw in jaws)
            frames.add(np.vstack([upper[::-1], lower]))
        marks |= dict.fromkeys(said_of_missing(missing))
        motion = Motion(FramesFrom.PEX, missing=tuple(missing))
        image = moving_image(frames, motion, presentation=Presentation(marks=tuple(marks)))
    return Study(folder.name, str(folder.absolute()), image)


def _jaw(folder: Path, name: str, marks: dict[str, None]) -> NDArray[np.uint8]:
    """One picture, grey, in its size; what must be known of it joins the marks."""
    import cv2

    image = frame_of(folder / MIDDLE / name, folder=folder)
    marks |= dict.fromkeys(image.presentation.marks)
    resized = cv2.resize(_eight_bits(image.pixels), JAW[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(resized, dtype=np.uint8)


def _eight_bits(pixels: Pixels) -> NDArray[np.uint8]:
    return np.asarray(pixels if pixels.dtype == np.uint8 else pixels >> 8, np.uint8)
