"""Reads a folder of pictures as the frames of one moving picture."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import pairwise
from math import gcd
from pathlib import Path

import numpy as np

from app.io.frames_file import FrameWriter, require_room
from app.io.readers.file_bytes import unreadable
from app.io.readers.folders import numbered, pictures_in
from app.io.readers.moving import Motion, moving_image
from app.io.readers.raster import read_raster
from domain.errors import UnreadableFile
from domain.image import FramesFrom, Image, Pixels, Presentation, Study


def read_frames(folder: Path) -> Study:
    """A folder of pictures, all of one size, as one moving picture in natural order.

    Where names differ in one running number, numbers that are left out are black frames, and told.

    Raises:
        UnreadableFile: fewer than two pictures, sizes that differ, a damaged picture.
    """
    pictures = pictures_in(folder)
    if len(pictures) < 2:
        why = "There are no pictures in it." if not pictures else "There is one picture in it."
        remedy = "Choose a folder with the frames of one film, all of one size."
        raise unreadable(folder, why=why, remedy=remedy)
    places = _places(folder, pictures)
    require_room(folder, frames=len(places), frame_bytes=1)
    missing = tuple(place for place, picture in enumerate(places) if picture is None)
    marks: dict[str, None] = {}
    with FrameWriter(folder) as frames:
        pixels: Pixels = np.zeros((1, 1), np.uint8)  # the first place is never empty
        for picture in places:
            if picture is None:
                frames.add(np.zeros_like(pixels))
                continue
            image = frame_of(picture, folder=folder)
            pixels = image.pixels
            frames.add(pixels)
            marks |= dict.fromkeys(image.presentation.marks)
        marks |= dict.fromkeys(said_of_missing(missing))
        motion = Motion(FramesFrom.FOLDER, missing=missing)
        image = moving_image(frames, motion, presentation=Presentation(marks=tuple(marks)))
    return Study(folder.name, str(folder.absolute()), image)


def frame_of(picture: Path, *, folder: Path) -> Image:
    """One picture of a folder.

    Raises:
        UnreadableFile: it cannot be read, or holds several pages; the folder is named too.
    """
    try:
        study = read_raster(picture)
    except UnreadableFile as error:
        why = f"{error.what} {error.why}".strip()
        remedy = "Mend or remove that picture; a number that is left out is shown black."
        raise unreadable(folder, why=why, remedy=remedy) from error
    if study.pages > 1:
        why = f"“{picture.name}” holds {study.pages} pictures instead of one."
        raise unreadable(folder, why=why, remedy="Open that file by itself.")
    return study.image


def said_of_missing(missing: Sequence[int]) -> tuple[str, ...]:
    """The mark of frames that are not there."""
    if not missing:
        return ()
    return (f"{len(missing)} {'frames' if len(missing) > 1 else 'frame'} missing, shown black",)


def _places(folder: Path, pictures: Sequence[Path]) -> list[Path | None]:
    """The pictures in order, None where a number is left out."""
    found = numbered(pictures)
    if found is None:
        return list(pictures)
    by_number = {each.number: each.path for each in found}
    numbers = list(by_number)
    step = reduce(gcd, (late - early for early, late in pairwise(numbers)))
    wanted = (numbers[-1] - numbers[0]) // step + 1
    if wanted > 2 * len(numbers):
        why = f"Of {wanted} numbers between its first and last frame {len(numbers)} are there."
        remedy = "Check the names of its pictures; the missing ones would all be black."
        raise unreadable(folder, why=why, remedy=remedy)
    return [by_number.get(number) for number in range(numbers[0], numbers[-1] + 1, step)]
