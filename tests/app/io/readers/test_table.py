"""First bytes decide which reader is asked."""

from __future__ import annotations

import gzip
import io

import numpy as np
import pytest
from PIL import Image as Pillow

from app.io.readers.spec import HEAD_BYTES
from app.io.readers.table import READERS, is_dicom, reader_for

MOVING = {
    "MP4": b"\0\0\0\x1cftypisom\0\0\2\0isomiso2mp41",
    "MOV": b"\0\0\0\x14ftypqt  \0\0\2\0qt  \0\0\0\x08wide",
    "AVI": b"RIFF\x26\x10\0\0AVI LIST",
    "NIfTI": (348).to_bytes(4, "little") + bytes(340) + b"n+1\0",
}


def head_of_a(name: str) -> bytes:
    buffer = io.BytesIO()
    if name == "DICOM":
        return bytes(128) + b"DICM\2\0\0\0UL\4\0"
    if name in MOVING:
        return MOVING[name]
    Pillow.fromarray(np.zeros((9, 9), np.uint8)).save(buffer, name)
    return buffer.getvalue()[:HEAD_BYTES]


@pytest.mark.parametrize("spec", READERS, ids=lambda spec: spec.name)
def test_each_reader_knows_its_own_files_and_nobody_elses(spec) -> None:
    head = head_of_a(spec.name)
    assert [other.name for other in READERS if other.sniff(head)] == [spec.name]
    assert reader_for(head) is spec


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\0\0\0\x08wide\0\0\x10\0mdat", "MOV"),
        (b"\x1d\xcd\x65\0mdat", "MOV"),
        (b"\0\0\x10\0moov\0\0\0\x6cmvhd", "MOV"),
        (b"\0\0\0\x18ftypmp42", "MP4"),
        (gzip.compress(MOVING["NIfTI"] + bytes(99), mtime=0), "NIfTI"),
        ((540).to_bytes(4, "little") + b"n+2\0\r\n\x1a\n", "NIfTI"),
    ],
)
def test_other_beginnings_of_what_moves(head: bytes, name: str) -> None:
    spec = reader_for(head)
    assert spec is not None
    assert spec.name == name


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"BMW drivers",
        b"II*",
        b"GIF89a",
        b"PDF-1.7",
        bytes(512),
        b"DICM",
        b"\2\0" * 40,
        b"\0\0\0\x18ftypheic",
        b"\0\0\0\x18ftypavif",
        b"RIFF\0\0\0\0WAVE",
        gzip.compress(b"text", mtime=0),
        b"\x1f\x8b broken",
    ],
)
def test_nobody_reads_other_bytes(head: bytes) -> None:
    assert reader_for(head) is None


@pytest.mark.parametrize(
    "head",
    [
        b"\2\0\0\0UL\4\0\xc0\0\0\0",
        b"\x08\0\5\0CS\12\0ISO_IR 100",
        b"\x08\0\5\0\12\0\0\0ISO_IR 100",
    ],
)
def test_dicom_that_lost_its_preamble_is_known(head: bytes) -> None:
    assert is_dicom(head)


def test_dicom_whose_preamble_is_the_header_of_a_tiff_is_dicom() -> None:
    spec = reader_for(b"II*\0".ljust(128, b"\0") + b"DICM")
    assert spec is not None
    assert spec.name == "DICOM"


def test_endings_are_lower_case_and_belong_to_one_reader() -> None:
    endings = [ending for spec in READERS for ending in spec.endings]
    assert all(ending.startswith(".") and ending == ending.lower() for ending in endings)
    assert len(set(endings)) == len(endings)
