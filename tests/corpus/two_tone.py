"""Pictures of black and white inside PDFs: fax and JBIG2, made without a writer of either."""

from __future__ import annotations

import io
import struct

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from tests.corpus.parts import pdf, raster, stream

Bits = NDArray[np.bool_]
KINDS = {"group4": b"-1", "group3": b"0", "group3-2d": b"1"}
_WHITE_IS_ZERO = {262: 0}


def two_tone(seed: int = 0, *, rows: int = 80, columns: int = 72) -> Bits:
    """Large shapes with a ragged edge; True is white."""
    y, x = np.mgrid[:rows, :columns]
    noise = np.random.default_rng(seed).normal(0, 0.3, (rows, columns))
    return np.asarray(np.sin(x / 9) + np.cos(y / 7) + noise > 0)


def fax(bits: Bits, kind: str = "group4") -> bytes:
    """The code of a fax without any container."""
    options = {292: 1} if kind == "group3-2d" else {}
    packed = raster(
        Pillow.fromarray(bits),
        "tiff",
        compression=kind.removesuffix("-2d"),
        tiffinfo={**_WHITE_IS_ZERO, 278: bits.shape[0], **options},
    )
    with Pillow.open(io.BytesIO(packed)) as film:
        (start,), (length,) = film.tag_v2[273], film.tag_v2[279]
    return packed[start : start + length]


def fax_pdf(bits: Bits, code: bytes, kind: str = "group4") -> bytes:
    """A PDF whose page is one fax picture."""
    rows, columns = bits.shape
    told = b"/DecodeParms<</K %s/Columns %d/Rows %d>>" % (KINDS[kind], columns, rows)
    return _page(bits, code, b"/Filter/CCITTFaxDecode" + told)


def jbig2(bits: Bits) -> bytes:
    """A page of one generic region, coded like a fax of group 4 (ITU-T T.88, 6.2.6)."""
    rows, columns = bits.shape
    region = struct.pack(">IIIIBB", columns, rows, 0, 0, 0, 1) + fax(bits)
    return _segment(0, 48, struct.pack(">IIIIBH", columns, rows, 0, 0, 0, 0)) + _segment(
        1, 38, region
    )


def jbig2_pdf(bits: Bits, segments: bytes) -> bytes:
    """A PDF whose page is one JBIG2 picture."""
    return _page(bits, segments, b"/Filter/JBIG2Decode")


def _segment(number: int, kind: int, data: bytes) -> bytes:
    return struct.pack(">IBBBI", number, kind, 0, 1, len(data)) + data


def _page(bits: Bits, data: bytes, told: bytes) -> bytes:
    rows, columns = bits.shape
    words = b"/Type/XObject/Subtype/Image/ColorSpace/DeviceGray/BitsPerComponent 1"
    words += b"/Width %d/Height %d" % (columns, rows) + told
    return pdf([stream(b"200 0 0 200 0 0 cm /X Do"), stream(data, words)])
