"""What is wrong inside a JPEG is told, not shown as grey."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.io.open import read_study
from app.io.readers.jpeg_damage import STRAY
from app.io.readers.raster import read_raster
from domain.errors import UnreadableFile
from tests.corpus.parts import dicom_jpeg, pdf_picture, raster

KINDS: tuple[dict[str, Any], ...] = ({}, {"progressive": True}, {"restart_marker_rows": 1})


def jpeg(how: dict[str, Any]) -> bytes:
    return raster(np.random.default_rng(5).integers(0, 256, (80, 72), np.uint8), "jpeg", **how)


def written(folder: Path, content: bytes) -> Path:
    path = folder / "film.jpg"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("how", KINDS)
def test_a_whole_one_opens_without_a_mark(tmp_path: Path, how: dict[str, Any]) -> None:
    assert read_raster(written(tmp_path, jpeg(how))).image.presentation.marks == ()


@pytest.mark.parametrize("how", KINDS)
def test_one_without_its_middle_is_refused(tmp_path: Path, how: dict[str, Any]) -> None:
    content = jpeg(how)
    quarter = len(content) // 4
    with pytest.raises(UnreadableFile, match="damaged"):
        read_raster(written(tmp_path, content[:quarter] + content[3 * quarter :]))


def test_filled_up_ends_open_and_say_so(tmp_path: Path) -> None:
    content = jpeg({})
    film = read_raster(written(tmp_path, content[:-2] + bytes(20) + content[-2:]))
    assert film.image.presentation.marks == (STRAY,)


def test_filled_up_ends_inside_a_pdf_and_a_dicom_file_say_so_too(tmp_path: Path) -> None:
    content = jpeg({})
    filled = content[:-2] + bytes(20) + content[-2:]
    page = pdf_picture(80, 72, data=filled, filter_name=b"DCTDecode")
    (tmp_path / "film.pdf").write_bytes(page)
    assert read_study(tmp_path / "film.pdf").image.presentation.marks == (STRAY,)
    film = dicom_jpeg(np.zeros((16, 16), np.uint8))
    start, end = film.index(b"\xff\xd8\xff"), film.rindex(b"\xff\xd9")
    length = int.from_bytes(film[start - 4 : start], "little") + 20
    item = length.to_bytes(4, "little") + film[start:end] + bytes(20) + film[end:]
    (tmp_path / "film.dcm").write_bytes(film[: start - 4] + item)
    assert STRAY in read_study(tmp_path / "film.dcm").image.presentation.marks
