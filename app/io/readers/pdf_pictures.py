"""Whether the pictures on a PDF's page are whole; pdfium draws over damage without a word."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray

from app.io.readers.fax_damage import is_whole_fax
from app.io.readers.jbig2_damage import require_whole_jbig2
from app.io.readers.jpeg_damage import require_whole_jpeg
from app.io.readers.raster import MAX_PIXELS
from domain.errors import UnreadableFile

_DEPTH = 3  # forms inside forms
_MOST_OBJECTS = 20_000
_END_OF_IMAGE = b"\xff\xd9"
_JPEGS = {"DCTDecode", "JPXDecode"}


def require_whole_pictures(sheet: pdfium.PdfPage, *, path: Path) -> tuple[str, ...]:
    """Marks for a person, from a look through every picture of a page.

    Raises:
        UnreadableFile: one is damaged or cut short, or far larger than a film.
    """
    marks: dict[str, None] = {}
    for found in islice(sheet.get_objects(max_depth=_DEPTH), _MOST_OBJECTS):
        if isinstance(found, pdfium.PdfImage):
            columns, rows = found.get_px_size()
            if columns * rows > MAX_PIXELS:
                raise _refusal(
                    path,
                    why=f"A picture in it claims {rows} × {columns} pixels; "
                    f"the limit is {MAX_PIXELS // 10**6} million.",
                )
            try:
                marks |= dict.fromkeys(_require_whole(found, columns=columns, rows=rows))
            except ValueError as error:
                why = f"A picture in it is damaged or cut short ({error})."
                raise _refusal(path, why=why) from error
    return tuple(marks)


def _require_whole(picture: pdfium.PdfImage, *, columns: int, rows: int) -> tuple[str, ...]:
    """Marks for a person; ValueError where it lacks data or they are damaged."""
    left = picture.get_filters(skip_simple=True)
    data = bytes(picture.get_data(decode_simple=True))
    kind = left[-1] if left else ""
    if not kind and len(data) < (columns * picture.get_metadata().bits_per_pixel + 7) // 8 * rows:
        msg = "pixels are missing"
        raise ValueError(msg)
    if kind in _JPEGS and _END_OF_IMAGE not in data[-64:]:
        msg = "its end is missing"
        raise ValueError(msg)
    if kind == "CCITTFaxDecode" and not is_whole_fax(data, _shown(picture)):
        msg = "its fax code is broken, or of a kind that cannot be checked"
        raise ValueError(msg)
    if kind == "DCTDecode":
        return require_whole_jpeg(data)
    return require_whole_jbig2(data) if kind == "JBIG2Decode" else ()


def _shown(picture: pdfium.PdfImage) -> NDArray[np.uint8]:
    return np.asarray(picture.get_bitmap(render=False).to_pil().convert("L"))


def _refusal(path: Path, *, why: str) -> UnreadableFile:
    return UnreadableFile(
        f"“{path.name}” cannot be read.", why=why, remedy="Copy it again from its source."
    )
