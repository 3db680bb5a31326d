"""A study as the decoder's child tells it, in JSON and bytes, and back; what comes is checked."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from app.io.checked import count, flag, made_of, number, text, whole
from app.io.child import Head
from domain.grid import Grid
from domain.image import (
    Cine,
    FramesFrom,
    GreyWindow,
    Image,
    LutFunction,
    Pixels,
    Presentation,
    Study,
)

PIXEL_TYPES = {"uint8": np.uint8, "uint16": np.uint16}
MOST_PAGES = 100_000
Mapped = Callable[[tuple[int, ...], np.dtype[np.generic]], Pixels]  # shape and kind -> frames


def _nowhere(shape: tuple[int, ...], dtype: np.dtype[np.generic]) -> Pixels:
    msg = "frames without a place"
    raise ValueError(msg)


def head_of_study(study: Study) -> Head:
    """All of a study but its pixels."""
    image, shown = study.image, study.image.presentation
    return {
        "name": study.name,
        "page": study.page,
        "pages": study.pages,
        "person": study.person,
        "taken": study.taken,
        "dtype": image.pixels.dtype.name,
        "shape": image.pixels.shape,
        "spacing_mm": image.grid.spacing_mm,
        "spacing_source": image.grid.source,
        "aspect": image.grid.aspect,
        "synthetic": image.synthetic,
        "sha256": image.sha256,
        "windows": [[w.level, w.window, w.name, w.function.value] for w in shown.windows],
        "inverted": shown.inverted,
        "sides": [shown.left, shown.right, shown.top, shown.bottom],
        "marks": shown.marks,
        "cine": None if image.cine is None else _head_of_cine(image.cine),
    }


def _head_of_cine(cine: Cine) -> Head:
    """All of a cine but its frames."""
    return {
        "shape": cine.frames.shape,
        "times_s": cine.times_s,
        "made_from": cine.made_from.value,
        "missing": cine.missing,
    }


def study_of(path: Path, head: Any, *, pixels: bytes, mapped: Mapped = _nowhere) -> Study:
    """What the child said, checked and built here.

    Args:
        mapped: gives the frames of what moves; ValueError where they are not there.

    Raises:
        UnreadableFile: the refusal that the child wrote down, or an answer that makes no sense.
    """
    return made_of(path, head, lambda said: _study(path, said, pixels=pixels, mapped=mapped))


def _study(path: Path, head: Head, *, pixels: bytes, mapped: Mapped) -> Study:
    dtype = np.dtype(PIXEL_TYPES[head["dtype"]])
    cine = None if head["cine"] is None else _cine(head["cine"], dtype, mapped)
    image = Image(
        np.frombuffer(pixels, dtype).reshape(head["shape"]) if cine is None else cine.frames[0],
        grid=_grid(head),
        synthetic=flag(head["synthetic"]),
        presentation=_presentation(head),
        sha256=text(head["sha256"]),
        cine=cine,
    )
    page, pages = count(head["page"]), count(head["pages"])
    if not page < pages <= MOST_PAGES:
        msg = f"page {page} of {pages}"
        raise ValueError(msg)
    return Study(
        name=text(head["name"]),
        path=str(path.absolute()),
        image=image,
        page=page,
        pages=pages,
        person=text(head["person"]),
        taken=text(head["taken"]),
    )


def _cine(head: Head, dtype: np.dtype[Any], mapped: Mapped) -> Cine:
    frames, rows, columns = map(count, head["shape"])
    times_s = tuple(map(number, head["times_s"]))
    missing = tuple(map(whole, head["missing"]))
    if any(not 0 <= frame < frames for frame in missing):
        msg = "a missing frame that is none"
        raise ValueError(msg)
    if times_s and not all(early < late for early, late in pairwise((-1e-9, *times_s))):
        msg = "times that do not rise"
        raise ValueError(msg)
    made_from = FramesFrom(head["made_from"])
    return Cine(mapped((frames, rows, columns), dtype), times_s, made_from, missing)


def _grid(head: Head) -> Grid:
    source, aspect = text(head["spacing_source"]), number(head["aspect"])
    if head["spacing_mm"] is None:
        return Grid(None, source, aspect)
    rows, columns = map(number, head["spacing_mm"])
    return Grid((rows, columns), source)


def _presentation(head: Head) -> Presentation:
    left, right, top, bottom = map(text, head["sides"])
    return Presentation(
        windows=tuple(
            GreyWindow(number(level), number(width), text(name), LutFunction(function))
            for level, width, name, function in head["windows"]
        ),
        inverted=flag(head["inverted"]),
        left=left,
        right=right,
        top=top,
        bottom=bottom,
        marks=tuple(map(text, head["marks"])),
    )
