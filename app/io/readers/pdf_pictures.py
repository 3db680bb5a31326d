"""Whether the pictures on a PDF's page are whole; pdfium draws what a broken one lacks as blank."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pypdfium2 as pdfium

from app.io.readers.raster import MAX_PIXELS
from domain.errors import UnreadableFile

_DEPTH = 3  # forms inside forms
_MOST_OBJECTS = 20_000
_END_OF_IMAGE = b"\xff\xd9"
_JPEGS = {"DCTDecode", "JPXDecode"}


def require_whole_pictures(sheet: pdfium.PdfPage, *, path: Path) -> None:
    """Refuse a page with a picture that is cut short, or far larger than a film.

    Raises:
        UnreadableFile: it has one.
    """
    for found in islice(sheet.get_objects(max_depth=_DEPTH), _MOST_OBJECTS):
        if isinstance(found, pdfium.PdfImage):
            columns, rows = found.get_px_size()
            if columns * rows > MAX_PIXELS:
                raise _refusal(
                    path,
                    why=f"A picture in it claims {rows} × {columns} pixels; "
                    f"the limit is {MAX_PIXELS // 10**6} million.",
                )
            if not _is_whole(found, columns=columns, rows=rows):
                raise _refusal(path, why="A picture in it is cut short.")


def _is_whole(picture: pdfium.PdfImage, *, columns: int, rows: int) -> bool:
    """Whether it has the bytes it should; fax and JBIG2 pictures tell no size, and pass."""
    left = picture.get_filters(skip_simple=True)
    if not left:
        bits = picture.get_metadata().bits_per_pixel
        needed: int = (columns * bits + 7) // 8 * rows
        return len(bytes(picture.get_data(decode_simple=True))) >= needed
    if left[-1] in _JPEGS:
        return bytes(picture.get_data(decode_simple=True))[-64:].find(_END_OF_IMAGE) >= 0
    return True


def _refusal(path: Path, *, why: str) -> UnreadableFile:
    return UnreadableFile(
        f"“{path.name}” cannot be read.", why=why, remedy="Copy it again from its source."
    )
