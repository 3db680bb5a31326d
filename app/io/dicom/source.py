"""Opens DICOM files within bounds: with or without preamble, deflated or not, whole or headers."""

from __future__ import annotations

import io
import logging
import struct
import warnings
import zlib
from pathlib import Path
from typing import BinaryIO

import pydicom
from pydicom import config
from pydicom.dataset import FileDataset
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from app.io.readers.file_bytes import MAX_FILE_BYTES, opened
from domain.errors import UnreadableFile

# Values are checked where they are used. What pydicom says about them would put a patient's data
# and the names of files into logs and on the terminal.
config.settings.reading_validation_mode = config.IGNORE
warnings.filterwarnings("ignore", module=r"pydicom\.")
logging.getLogger("pydicom").setLevel(logging.CRITICAL + 1)

PREAMBLE = bytes(128) + b"DICM"
META_BYTES = 2**16
UNPACKED_BYTES = 256 * 2**20  # of a deflated file; the largest film at 16 bit takes 153 MiB

# What pydicom raises on damaged files, wherever the damage meets it.
DAMAGE = (
    InvalidDicomError,
    BytesLengthException,
    OSError,
    EOFError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    OverflowError,
    NotImplementedError,
    RecursionError,
    LookupError,
    struct.error,
    zlib.error,
)


def read_dataset(path: Path) -> FileDataset:
    """Everything in a DICOM file.

    Raises:
        UnreadableFile: not there, too large, or damaged beyond reading.
    """
    with opened(path, most_bytes=MAX_FILE_BYTES) as file:
        return _dataset(file, path=path)


def read_header(path: Path, *, tags: list[str]) -> FileDataset:
    """Some elements of a DICOM file, read without its pixels.

    Raises:
        UnreadableFile: not there, too large, or damaged beyond reading.
    """
    try:
        with path.open("rb") as file:
            return _dataset(file, path=path, tags=tags)
    except OSError as error:
        raise damaged(path, error) from error


def damaged(path: Path, error: object) -> UnreadableFile:
    """The refusal of a file that nobody can make sense of; never says what stands in it."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else ""
    return UnreadableFile(
        f"“{path.name}” cannot be read.",
        why=f"The system says: {reason}." if reason else "Its DICOM data are damaged or cut short.",
        remedy="Copy it again from its source.",
    )


def _dataset(file: BinaryIO, *, path: Path, tags: list[str] | None = None) -> FileDataset:
    try:
        dataset = pydicom.dcmread(
            _inflated(file, path=path),
            force=True,
            stop_before_pixels=tags is not None,
            specific_tags=list(tags) if tags is not None else None,
        )
        if "TransferSyntaxUID" not in dataset.file_meta:
            dataset.file_meta.TransferSyntaxUID = _guessed_syntax(dataset)
    except DAMAGE as error:
        raise damaged(path, error) from error
    return dataset


def _guessed_syntax(dataset: FileDataset) -> UID:
    """How a file without a preamble was found to be written."""
    is_implicit, is_little = dataset.original_encoding
    if is_implicit:
        return ImplicitVRLittleEndian
    return ExplicitVRLittleEndian if is_little else ExplicitVRBigEndian


def _inflated(file: BinaryIO, *, path: Path) -> BinaryIO:
    """The file; where it is deflated as a whole, unpacked here, because pydicom has no bound."""
    head = file.read(META_BYTES)
    syntax, end = _syntax(head)
    file.seek(0)
    if syntax != DeflatedExplicitVRLittleEndian:
        return file
    file.seek(end)
    unpacking = zlib.decompressobj(-zlib.MAX_WBITS)
    content = unpacking.decompress(file.read(MAX_FILE_BYTES), UNPACKED_BYTES)
    if not unpacking.eof and not unpacking.unconsumed_tail:
        raise EOFError("deflated data without an end")
    if unpacking.unconsumed_tail:
        raise UnreadableFile(
            f"“{path.name}” cannot be read.",
            why=f"It unpacks to more than {UNPACKED_BYTES // 2**20} MiB.",
            remedy="Save the film alone in a smaller file.",
        )
    return io.BytesIO(content)


def _syntax(head: bytes) -> tuple[str, int]:
    """The transfer syntax that the first bytes of a file name, and where its data begin."""
    place, syntax = len(PREAMBLE), ""
    if not head.startswith(b"DICM", 128):
        return "", 0
    while head[place : place + 2] == b"\2\0" and len(head) >= place + 12:
        element, kind, length = struct.unpack_from("<2xH2sH", head, place)
        place += 8
        if kind in {b"OB", b"UN", b"OW", b"SQ", b"UT"}:
            (length,) = struct.unpack_from("<I", head, place)
            place += 4
        if element == 0x0010:
            syntax = head[place : place + length].rstrip(b"\0 ").decode("ascii", "replace")
        place += length
    return syntax, place
