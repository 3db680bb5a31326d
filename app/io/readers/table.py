"""The one list of readers."""

from __future__ import annotations

from collections.abc import Callable

from app.io.readers.raster import read_raster
from app.io.readers.spec import ReaderSpec


def _starts_with(*signatures: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(signatures)


def _is_bmp(head: bytes) -> bool:
    """ "BM" alone would also be the beginning of a text: the four reserved bytes are zero too."""
    return head.startswith(b"BM") and head[6:10] == bytes(4)


_TIFF = _starts_with(b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

READERS: tuple[ReaderSpec, ...] = (
    ReaderSpec("JPEG", (".jpg", ".jpeg", ".jpe"), _starts_with(b"\xff\xd8\xff"), read_raster),
    ReaderSpec("PNG", (".png",), _starts_with(b"\x89PNG\r\n\x1a\n"), read_raster),
    ReaderSpec("TIFF", (".tif", ".tiff"), _TIFF, read_raster),
    ReaderSpec("BMP", (".bmp", ".dib"), _is_bmp, read_raster),
)


def reader_for(head: bytes) -> ReaderSpec | None:
    """The reader whose format these first bytes of a file are, None where nobody knows it."""
    return next((spec for spec in READERS if spec.sniff(head)), None)
