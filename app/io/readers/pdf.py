"""Reads pages of PDF files as grey pictures: reports, and films that were scanned into them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
from PIL import Image as Pillow

from app.io.limits import processor_seconds
from app.io.readers.file_bytes import read_bytes
from app.io.readers.pages import require_page
from app.io.readers.pdf_pictures import require_whole_pictures
from app.io.readers.raster import MAX_PIXELS
from domain.errors import UnreadableFile
from domain.image import Image, Pixels, Presentation, Study

LONGEST_PX = 4096
DOTS_PER_INCH = 200  # of pages that are drawn, unless that makes them too long
POINTS_PER_INCH = 72
_WRONG_PASSWORD = 4  # FPDF_ERR_PASSWORD
_TAIL = 2048  # what mail and web servers may add after the end
PARSING_S = 1.5  # of processor time, before anything is drawn
_COVERS = 0.98  # the share of a page that its only picture must fill to be the page


def read_pdf(path: Path, *, page: int = 0) -> Study:
    """One page of a PDF as a picture.

    A page that is one picture gives that picture's own pixels; others are drawn.

    Raises:
        UnreadableFile: damaged, locked by a password, or without pages.
    """
    image, pages = page_of(read_bytes(path), page, path=path)
    return Study(path.stem, str(path.absolute()), image, page=page, pages=pages)


def page_of(content: bytes, page: int, *, path: Path) -> tuple[Image, int]:
    """One page of a document in memory, and how many it has.

    Raises:
        UnreadableFile: see `read_pdf`.
    """
    with _refusals(path), _document(_whole(content)) as document:
        pages = len(document)
        require_page(page, pages=pages, path=path)
        with processor_seconds(PARSING_S):  # a few forms that name one another are millions
            sheet = document[page]
        marks = require_whole_pictures(sheet, path=path)
        pixels = _own_pixels(sheet)
        pixels = _drawn(sheet) if pixels is None else pixels
        return Image(pixels, presentation=Presentation(marks=marks)), pages


def _whole(content: bytes) -> bytes:
    """The document, where it is no torso; pdfium would mend one, and draw what is left of it."""
    if b"%%EOF" not in content[-_TAIL:]:
        raise pdfium.PdfiumError("the end is missing")
    return content


@contextmanager
def _document(content: bytes) -> Iterator[pdfium.PdfDocument]:
    document = pdfium.PdfDocument(content)
    try:
        yield document
    finally:
        document.close()


@contextmanager
def _refusals(path: Path) -> Iterator[None]:
    try:
        yield
    except (pdfium.PdfiumError, UnicodeDecodeError) as error:  # the second from damaged names
        is_locked = getattr(error, "err_code", None) == _WRONG_PASSWORD
        why = "A password locks it." if is_locked else "It is damaged or cut short."
        remedy = "Save it without a password." if is_locked else "Copy it again from its source."
        raise UnreadableFile(f"“{path.name}” cannot be read.", why=why, remedy=remedy) from error


def _drawn(sheet: pdfium.PdfPage) -> Pixels:
    longest = max(*sheet.get_size(), 1.0)
    scale = min(DOTS_PER_INCH / POINTS_PER_INCH, LONGEST_PX / longest)
    return _grey(sheet.render(scale=scale, grayscale=True).to_pil())


def _own_pixels(sheet: pdfium.PdfPage) -> Pixels | None:
    """The pixels of the picture that fills the page; None where there is more or less on it."""
    objects = list(sheet.get_objects(max_depth=1))
    if len(objects) != 1 or not isinstance(objects[0], pdfium.PdfImage) or sheet.get_rotation():
        return None
    picture = objects[0]
    a, b, c, d, left, bottom = picture.get_matrix().get()
    x0, y0, x1, y1 = sheet.get_cropbox()
    seen = min(left + a, x1) - max(left, x0), min(bottom + d, y1) - max(bottom, y0)
    covers = seen[0] >= _COVERS * (x1 - x0) and seen[1] >= _COVERS * (y1 - y0)
    inside = a * _COVERS <= x1 - x0 and d * _COVERS <= y1 - y0
    if max(abs(b), abs(c)) > 1e-3 or not covers or not inside:
        return None
    columns, rows = picture.get_px_size()
    if columns * rows > MAX_PIXELS:
        return None
    return _grey(picture.get_bitmap(render=False).to_pil())


def _grey(picture: Pillow.Image) -> Pixels:
    return np.asarray(picture.convert("L")).copy()
