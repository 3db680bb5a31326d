"""First bytes decide which reader is asked."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image as Pillow

from app.io.readers.spec import HEAD_BYTES
from app.io.readers.table import READERS, is_dicom, reader_for


def head_of_a(name: str) -> bytes:
    buffer = io.BytesIO()
    if name == "DICOM":
        return bytes(128) + b"DICM\2\0\0\0UL\4\0"
    Pillow.fromarray(np.zeros((9, 9), np.uint8)).save(buffer, name)
    return buffer.getvalue()[:HEAD_BYTES]


@pytest.mark.parametrize("spec", READERS, ids=lambda spec: spec.name)
def test_each_reader_knows_its_own_files_and_nobody_elses(spec) -> None:
    head = head_of_a(spec.name)
    assert [other.name for other in READERS if other.sniff(head)] == [spec.name]
    assert reader_for(head) is spec


@pytest.mark.parametrize(
    "head", [b"", b"BMW drivers", b"II*", b"GIF89a", b"PDF-1.7", bytes(512), b"DICM", b"\2\0" * 40]
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
