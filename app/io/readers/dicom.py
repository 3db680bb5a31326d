"""Reads one picture of a DICOM file: radiographs, secondary captures, single slices, pages."""

from __future__ import annotations

from pathlib import Path

from pydicom.dataset import FileDataset

from app.io.dicom.frames import decoded, group, prepare
from app.io.dicom.grey import greys_of
from app.io.dicom.orientation import marks_of, sides
from app.io.dicom.person import person_of, taken_on
from app.io.dicom.source import read_dataset
from app.io.dicom.spacing import grid_of
from app.io.dicom.values import text, value
from app.io.dicom.words import PDF_CLASS, kind_of, no_film, sop_class, volume_of
from app.io.readers.pages import require_page
from domain.errors import UnreadableFile
from domain.image import Image, Presentation, Study


def read_dicom(path: Path, *, page: int = 0) -> Study:
    """Decode one picture of a DICOM file.

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
    volume = volume_of(dataset, pages=pages)
    if volume:
        raise _is_no_film(path, f"is {volume}")
    require_page(page, pages=pages, path=path)
    values, marks = decoded(dataset, page, path=path)
    greys = greys_of(dataset, values, page=page)
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
    image = Image(
        greys.pixels,
        grid=grid_of(dataset, measures=group(dataset, page, "PixelMeasuresSequence")),
        synthetic=text(dataset, "SyntheticData") == "YES",
        presentation=presentation,
    )
    return image, pages


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
