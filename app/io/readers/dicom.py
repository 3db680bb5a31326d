"""Reads DICOM files: radiographs, secondary captures, single slices, pages, and what moves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import FileDataset

from app.io.dicom.enhanced import stacked
from app.io.dicom.frames import Stored, decoded, group, prepare
from app.io.dicom.grey import Greys, greys_of
from app.io.dicom.motion import is_cine, times_of
from app.io.dicom.orientation import marks_of, sides
from app.io.dicom.person import person_of, taken_on
from app.io.dicom.source import read_dataset
from app.io.dicom.spacing import grid_of
from app.io.dicom.values import text, value
from app.io.dicom.words import PDF_CLASS, is_ct_file, kind_of, no_film, sop_class, volume_of
from app.io.frames_file import FrameWriter, require_room
from app.io.readers.moving import COLOUR, Motion, is_colourful, moving_image
from app.io.readers.pages import require_page
from domain.errors import UnreadableFile
from domain.image import FramesFrom, Image, Presentation, Study


def read_dicom(path: Path, *, page: int = 0) -> Study:
    """Decode one picture of a DICOM file; frames in time are one picture that moves.

    Raises:
        UnreadableFile: damaged, of an unknown compression, or no film; then it says what it is.
    """
    dataset = read_dataset(path)
    _require_film(dataset, path=path)
    if sop_class(dataset) == PDF_CLASS:
        image, pages = _document(dataset, page, path=path)
    else:
        image, pages = _picture(dataset, page, path=path)
    return Study(
        name=path.stem,
        path=str(path.absolute()),
        image=image,
        page=page,
        pages=pages,
        person=person_of(dataset),
        taken=taken_on(dataset),
    )


def _picture(dataset: FileDataset, page: int, *, path: Path) -> tuple[Image, int]:
    pages = prepare(dataset, path=path)
    if is_ct_file(dataset, pages=pages):
        require_page(page, pages=1, path=path)
        return _ct(dataset, pages, path=path), 1
    volume = volume_of(dataset, pages=pages)
    if volume:
        raise _is_no_film(path, f"is {volume}")
    if is_cine(dataset, pages=pages):
        require_page(page, pages=1, path=path)
        return _cine(dataset, pages, path=path), 1
    require_page(page, pages=pages, path=path)
    values, marks = decoded(dataset, page, path=path)
    return _image(dataset, greys_of(dataset, values, page=page), page=page, marks=marks), pages


def _image(
    dataset: FileDataset, greys: Greys, *, page: int = 0, marks: tuple[str, ...] = ()
) -> Image:
    plane = group(dataset, page, "PlaneOrientationSequence")
    left, right, top, bottom = sides(dataset, plane=plane)
    presentation = Presentation(
        windows=greys.windows,
        inverted=greys.inverted,
        left=left,
        right=right,
        top=top,
        bottom=bottom,
        marks=(*marks_of(dataset), *marks),
    )
    return Image(
        greys.pixels,
        grid=grid_of(dataset, measures=group(dataset, page, "PixelMeasuresSequence")),
        synthetic=text(dataset, "SyntheticData") == "YES",
        presentation=presentation,
    )


def _cine(dataset: FileDataset, count: int, *, path: Path) -> Image:
    """All frames as one image that moves; windows, sides and spacing are those of the first."""
    require_room(path, frames=count, frame_bytes=1)
    times_s, said = times_of(dataset, pages=count)
    marks, has_colour, first = dict.fromkeys(said), False, None
    with FrameWriter(path) as frames:
        for page in range(count):
            values, heard = decoded(dataset, page, path=path)
            greys = greys_of(dataset, values, page=page)
            frames.add(greys.pixels)
            first = first or greys
            marks |= dict.fromkeys(heard)
            has_colour = has_colour or (values.ndim == 3 and is_colourful(_as_bytes(values)))
        if has_colour:
            marks[COLOUR] = None
        image = _image(dataset, first or greys, marks=tuple(marks))
        motion = Motion(FramesFrom.VIDEO, times_s)
        moving = moving_image(frames, motion, grid=image.grid, presentation=image.presentation)
    return replace(moving, synthetic=image.synthetic)


def _ct(dataset: FileDataset, pages: int, *, path: Path) -> Image:
    """Radiographs drawn from the slices."""
    from app.io.readers.volume import drawn_of  # nibabel: few people open one

    return drawn_of(*stacked(dataset, pages=pages, path=path), path=path)


def _as_bytes(colours: Stored) -> NDArray[np.uint8]:
    """Colours on eight bits."""
    return (colours[..., :3] >> (8 * colours.dtype.itemsize - 8)).astype(np.uint8)


def _document(dataset: FileDataset, page: int, *, path: Path) -> tuple[Image, int]:
    """A page of a PDF that travels inside the file."""
    from app.io.readers.pdf import page_of

    content = value(dataset, "EncapsulatedDocument")
    if not isinstance(content, bytes) or not content:
        raise _is_no_film(path, "holds no document, though it should be a PDF")
    return page_of(content, page, path=path)


def _require_film(dataset: FileDataset, *, path: Path) -> None:
    """Refuse what is no picture, and say what it is.

    Raises:
        UnreadableFile: it is no film.
    """
    words = no_film(sop_class(dataset))
    if words:
        raise _is_no_film(path, f"is {words}")
    if sop_class(dataset) != PDF_CLASS and "PixelData" not in dataset:
        kind = kind_of(dataset)
        named = f" (“{kind}”)" if kind else ""
        raise _is_no_film(path, f"holds no picture{named}, or was cut short before it")


def _is_no_film(path: Path, what: str) -> UnreadableFile:
    return UnreadableFile(
        f"“{path.name}” is no film.",
        why=f"It {what}.",
        remedy="Choose a radiograph, or another picture.",
    )
