"""First bytes decide which reader is asked."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image as Pillow

from app.io.readers.spec import HEAD_BYTES
from app.io.readers.table import READERS, reader_for


@pytest.mark.parametrize("spec", READERS, ids=lambda spec: spec.name)
def test_each_reader_knows_its_own_files_and_nobody_elses(spec) -> None:
    buffer = io.BytesIO()
    Pillow.fromarray(np.zeros((9, 9), np.uint8)).save(buffer, spec.name)
    head = buffer.getvalue()[:HEAD_BYTES]
    assert [other.name for other in READERS if other.sniff(head)] == [spec.name]
    assert reader_for(head) is spec


@pytest.mark.parametrize("head", [b"", b"BMW drivers", b"II*", b"GIF89a", b"%PDF-1.7", bytes(512)])
def test_nobody_reads_other_bytes(head: bytes) -> None:
    assert reader_for(head) is None


def test_endings_are_lower_case_and_belong_to_one_reader() -> None:
    endings = [ending for spec in READERS for ending in spec.endings]
    assert all(ending.startswith(".") and ending == ending.lower() for ending in endings)
    assert len(set(endings)) == len(endings)
