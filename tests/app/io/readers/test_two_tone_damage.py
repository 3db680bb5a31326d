"""Fax and JBIG2 pictures: what is broken in them is refused, what nobody could notice is said."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from app.io.readers.fax_damage import is_whole_fax
from app.io.readers.jbig2_damage import UNSEEN, require_whole_jbig2
from app.io.readers.pdf import read_pdf
from app.io.readers.raster import read_raster
from domain.errors import UnreadableFile
from tests.corpus.two_tone import KINDS, fax, fax_pdf, jbig2, jbig2_pdf, two_tone

BITS = two_tone(1)
SHOWN = np.where(BITS, 255, 0)
OTHER = two_tone(2)


def broken(code: bytes) -> bytes:
    middle = len(code) // 2
    return code[:middle] + bytes(8) + code[middle + 8 :]


def fax_tiff(*pages: np.ndarray) -> bytes:
    first, *others = (Pillow.fromarray(page) for page in pages)
    buffer, how = io.BytesIO(), {"compression": "group4", "tiffinfo": {262: 0}}
    first.save(buffer, "tiff", save_all=True, append_images=others, **how)
    return buffer.getvalue()


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_a_whole_fax_is_known_whatever_its_kind(kind: str) -> None:
    code = fax(BITS, kind)
    assert is_whole_fax(code, BITS)
    assert is_whole_fax(code, ~BITS)
    assert not is_whole_fax(broken(code), BITS)
    assert not is_whole_fax(code, np.vstack([BITS, BITS[:1]]))
    assert not is_whole_fax(b"", BITS)


def test_two_decoders_must_agree_on_a_fax() -> None:
    other = BITS.copy()
    other[-1, -1] ^= True
    assert not is_whole_fax(fax(BITS), other)


@pytest.mark.parametrize("kind", KINDS)
def test_a_fax_in_a_pdf_opens_or_is_refused(tmp_path: Path, kind: str) -> None:
    code = fax(BITS, kind)
    whole = read_pdf(written(tmp_path / "whole.pdf", fax_pdf(BITS, code, kind))).image
    np.testing.assert_array_equal(whole.pixels, SHOWN)
    assert whole.presentation.marks == ()
    with pytest.raises(UnreadableFile, match="fax code is broken"):
        read_pdf(written(tmp_path / "broken.pdf", fax_pdf(BITS, broken(code), kind)))


def test_each_page_of_a_fax_tiff_answers_for_itself(tmp_path: Path) -> None:
    content = fax_tiff(BITS, OTHER)
    code = fax(OTHER)
    assert code in content
    path = written(tmp_path / "fax.tif", content.replace(code, broken(code)))
    np.testing.assert_array_equal(read_raster(path, page=0).image.pixels, SHOWN)
    with pytest.raises(UnreadableFile, match="fax code is broken"):
        read_raster(path, page=1)


def test_a_jbig2_picture_opens_with_a_warning(tmp_path: Path) -> None:
    image = read_pdf(written(tmp_path / "film.pdf", jbig2_pdf(BITS, jbig2(BITS)))).image
    np.testing.assert_array_equal(image.pixels, SHOWN)
    assert image.presentation.marks == (UNSEEN,)


@pytest.mark.parametrize("length", [3, 10, 25, 31, 45, 200])
def test_a_jbig2_picture_that_is_cut_short_is_refused(tmp_path: Path, length: int) -> None:
    segments = jbig2(BITS)
    assert length < len(segments)
    with pytest.raises(UnreadableFile, match="segment"):
        read_pdf(written(tmp_path / "film.pdf", jbig2_pdf(BITS, segments[:length])))


@pytest.mark.parametrize(
    "header",
    [
        b"\0\0\0\1\x26\0\1" + b"\0\0\0\3",  # no segment is referred to
        b"\0\0\0\1\x66\0\0\0\0\1" + b"\0\0\0\3",  # the page's number is long
        b"\0\0\0\1\x26\x40\0\0\1" + b"\0\0\0\3",  # two are referred to
        b"\0\0\1\1\x26\x40\0\0\0\0\1" + b"\0\0\0\3",  # by numbers of two bytes
        b"\0\0\0\1\x26\xe0\0\0\6\0" + bytes(6) + b"\1" + b"\0\0\0\3",  # six, in the long form
    ],
)
def test_every_form_of_a_segments_header_is_understood(header: bytes) -> None:
    assert require_whole_jbig2(header + b"abc") == (UNSEEN,)
    assert require_whole_jbig2(header + b"abc\r\n\0") == (UNSEEN,)
    with pytest.raises(ValueError, match="cut short"):
        require_whole_jbig2(header + b"ab")


def test_a_segment_of_unknown_length_is_the_last_that_is_looked_at() -> None:
    assert require_whole_jbig2(b"\0\0\0\1\x26\0\1" + b"\xff" * 4 + b"anything") == (UNSEEN,)
