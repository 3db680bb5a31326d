"""The one list of readers."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path

from app.io.readers.spec import HEAD_BYTES, ReaderSpec
from domain.image import Study


def _starts_with(*signatures: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(signatures)


def _is_bmp(head: bytes) -> bool:
    """ "BM" alone would also be the beginning of a text: the four reserved bytes are zero too."""
    return head.startswith(b"BM") and head[6:10] == bytes(4)


def is_dicom(head: bytes) -> bool:
    """Whether these first bytes begin a DICOM file, also one that lost its preamble.

    Without a preamble the first element must be of group 2 or 8 and have a plausible start.
    """
    if head[128:132] == b"DICM":
        return True
    group, element = head[0:2], head[2:4]
    if len(head) < 12 or group not in {b"\2\0", b"\x08\0"} or element[1:] != b"\0":
        return False
    is_explicit = head[4:6] in {b"UL", b"UI", b"CS", b"SH", b"DA", b"TM", b"LO", b"OB", b"DT"}
    length = int.from_bytes(head[4:8], "little")
    return is_explicit or (0 < length <= 64 and length % 2 == 0)


def _is_mp4(head: bytes) -> bool:
    """MP4, not the still pictures that lie in the same container (HEIF, AVIF)."""
    brand = head[8:12]
    is_still = brand[:3] in {b"hei", b"hev", b"mif", b"msf", b"avi"}
    return head[4:8] == b"ftyp" and brand != _QUICKTIME and not is_still


def _is_mov(head: bytes) -> bool:
    """QuickTime; old files begin with the frames or their list."""
    if head[4:8] == b"ftyp":
        return head[8:12] == _QUICKTIME
    return head[4:8] in {b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}


def is_nifti(head: bytes) -> bool:
    """A volume in one file, packed or not."""
    if head.startswith(b"\x1f\x8b"):
        try:
            head = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(head, HEAD_BYTES)
        except zlib.error:
            return False
    return head[344:348] == b"n+1\0" or head[4:8] == b"n+2\0"


_QUICKTIME = b"qt  "
_TIFF = _starts_with(b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def _read_raster(path: Path, *, page: int = 0) -> Study:
    from app.io.readers.raster import read_raster  # Pillow: only the child needs it

    return read_raster(path, page=page)


def _read_dicom(path: Path, *, page: int = 0) -> Study:
    from app.io.readers.dicom import read_dicom  # pydicom costs a fifth of a second

    return read_dicom(path, page=page)


def _read_pdf(path: Path, *, page: int = 0) -> Study:
    from app.io.readers.pdf import read_pdf  # few people open one

    return read_pdf(path, page=page)


def _read_mp4(path: Path, *, page: int = 0) -> Study:
    from app.io.readers.video import read_mp4  # a fifth of a second for the codecs

    return read_mp4(path, page=page)


def _read_avi(path: Path, *, page: int = 0) -> Study:
    from app.io.readers.video import read_avi

    return read_avi(path, page=page)


def _read_nifti(path: Path, *, page: int = 0) -> Study:
    from app.io.readers.volume import read_nifti  # nibabel takes its time

    return read_nifti(path, page=page)


# DICOM first: its preamble may be the header of a TIFF.
READERS: tuple[ReaderSpec, ...] = (
    ReaderSpec("DICOM", (".dcm", ".dicom", ".dic"), is_dicom, _read_dicom),
    ReaderSpec("JPEG", (".jpg", ".jpeg", ".jpe"), _starts_with(b"\xff\xd8\xff"), _read_raster),
    ReaderSpec("PNG", (".png",), _starts_with(b"\x89PNG\r\n\x1a\n"), _read_raster),
    ReaderSpec("TIFF", (".tif", ".tiff"), _TIFF, _read_raster),
    ReaderSpec("BMP", (".bmp", ".dib"), _is_bmp, _read_raster),
    ReaderSpec("PDF", (".pdf",), lambda head: b"%PDF-" in head, _read_pdf),
    ReaderSpec("MP4", (".mp4", ".m4v"), _is_mp4, _read_mp4),
    ReaderSpec("MOV", (".mov", ".qt"), _is_mov, _read_mp4),
    ReaderSpec("AVI", (".avi",), lambda head: head[:4] + head[8:12] == b"RIFFAVI ", _read_avi),
    ReaderSpec("NIfTI", (".nii", ".nii.gz"), is_nifti, _read_nifti),
)


def reader_for(head: bytes) -> ReaderSpec | None:
    """The reader whose format these first bytes of a file are, None where nobody knows it."""
    return next((spec for spec in READERS if spec.sniff(head)), None)
