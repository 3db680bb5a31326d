"""A study as the decoder's child tells it, in JSON and bytes, and back; what comes is checked."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from domain.errors import UnreadableFile
from domain.grid import Grid
from domain.image import GreyWindow, Image, LutFunction, Presentation, Study

PIXEL_TYPES = {"uint8": np.uint8, "uint16": np.uint16}
MOST_PAGES = 100_000
Head = dict[str, Any]


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
    }


def head_of_refusal(error: UnreadableFile) -> Head:
    """A reader's refusal."""
    return {"refused": [error.what, error.why, error.remedy]}


def study_of(path: Path, head: Any, *, pixels: bytes) -> Study:
    """What the child said, checked and built here.

    Raises:
        UnreadableFile: the refusal that the child wrote down, or an answer that makes no sense.
    """
    try:
        if "refused" not in head:
            return _study(path, head, pixels=pixels)
        what, why, remedy = (_text(words) for words in head["refused"])
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableFile(
            f"“{path.name}” cannot be read.",
            why="What its reader answers makes no sense.",
            remedy="The file is damaged; copy it again from its source.",
        ) from error
    raise UnreadableFile(what, why=why, remedy=remedy)


def _study(path: Path, head: Head, *, pixels: bytes) -> Study:
    array = np.frombuffer(pixels, dtype=PIXEL_TYPES[head["dtype"]]).reshape(head["shape"])
    image = Image(
        array,
        grid=_grid(head),
        synthetic=_flag(head["synthetic"]),
        presentation=_presentation(head),
        sha256=_text(head["sha256"]),
    )
    page, pages = _count(head["page"]), _count(head["pages"])
    if not page < pages <= MOST_PAGES:
        msg = f"page {page} of {pages}"
        raise ValueError(msg)
    return Study(
        name=_text(head["name"]),
        path=str(path.absolute()),
        image=image,
        page=page,
        pages=pages,
        person=_text(head["person"]),
        taken=_text(head["taken"]),
    )


def _grid(head: Head) -> Grid:
    source, aspect = _text(head["spacing_source"]), _number(head["aspect"])
    if head["spacing_mm"] is None:
        return Grid(None, source, aspect)
    rows, columns = map(_number, head["spacing_mm"])
    return Grid((rows, columns), source)


def _presentation(head: Head) -> Presentation:
    left, right, top, bottom = map(_text, head["sides"])
    return Presentation(
        windows=tuple(
            GreyWindow(_number(level), _number(width), _text(name), LutFunction(function))
            for level, width, name, function in head["windows"]
        ),
        inverted=_flag(head["inverted"]),
        left=left,
        right=right,
        top=top,
        bottom=bottom,
        marks=tuple(map(_text, head["marks"])),
    )


def _text(said: object) -> str:
    if not isinstance(said, str):
        raise TypeError(type(said).__name__)
    return said


def _flag(said: object) -> bool:
    if not isinstance(said, bool):
        raise TypeError(type(said).__name__)
    return said


def _number(said: object) -> float:
    if isinstance(said, bool) or not isinstance(said, int | float) or not math.isfinite(said):
        msg = "no finite number"
        raise ValueError(msg)
    return float(said)


def _count(said: object) -> int:
    if isinstance(said, bool) or not isinstance(said, int) or said < 0:
        msg = "no count"
        raise ValueError(msg)
    return said
