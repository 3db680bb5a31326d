"""What the corpus is made of: a file with what should come of it, and writers of small files."""

from __future__ import annotations

import io
import struct
import tempfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import gdcm
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from pydicom import dcmread
from pydicom.uid import ExplicitVRLittleEndian, JPEGLosslessSV1

from tests.app.io.dicom.makers import dataset, saved, saved_as_jpeg

UIDS = {
    f"{level}InstanceUID": f"1.2.826.0.1.3680043.8.498.{number}"
    for number, level in enumerate(("SOP", "Study", "Series"), start=1)
}


@dataclass(frozen=True)
class Good:
    """A file that must open.

    Args:
        name: of the file.
        content: its bytes.
        pixels: what it holds; None where only its `shape` is known.
        within: how far a grey value may be off (lossy formats).
        pages: how many pictures it holds.
        facts: of the study's image: inverted, spacing_mm, frames; `pixels` are the first frame.
    """

    name: str
    content: bytes
    pixels: NDArray[np.generic]
    within: int = 0
    pages: int = 1
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Bad:
    """A file that must be refused in a sentence."""

    name: str
    content: bytes


def raster(pixels: NDArray[np.generic] | Pillow.Image, kind: str, **how: Any) -> bytes:
    """A file written by Pillow."""
    picture = pixels if isinstance(pixels, Pillow.Image) else Pillow.fromarray(pixels)
    buffer = io.BytesIO()
    picture.save(buffer, kind, **how)
    return buffer.getvalue()


def deep_colour(pixels: NDArray[np.uint16], ending: str) -> bytes:
    """A file with three channels of 16 bits."""
    done, data = cv2.imencode(ending, np.stack([pixels] * 3, axis=-1))
    assert done
    return data.tobytes()


def dicom(
    pixels: NDArray[Any] | None, *, syntax: str = ExplicitVRLittleEndian, **tags: Any
) -> bytes:
    """A DICOM file, the same bytes for the same pixels."""
    with tempfile.TemporaryDirectory() as folder:
        made = dataset(pixels, **(UIDS | tags))
        return saved(made, Path(folder) / "film.dcm", syntax=syntax).read_bytes()


def dicom_jpeg(pixels: NDArray[np.uint8]) -> bytes:
    """A DICOM file around a baseline JPEG."""
    with tempfile.TemporaryDirectory() as folder:
        return saved_as_jpeg(pixels, Path(folder) / "film.dcm", **UIDS).read_bytes()


def dicom_lossless_jpeg(pixels: NDArray[Any]) -> bytes:
    """A DICOM file around a JPEG without loss; the same bytes for the same pixels."""
    with tempfile.TemporaryDirectory() as folder:
        plain, packed = Path(folder) / "plain.dcm", Path(folder) / "packed.dcm"
        plain.write_bytes(dicom(pixels))
        reader, change = gdcm.ImageReader(), gdcm.ImageChangeTransferSyntax()
        reader.SetFileName(str(plain))
        assert reader.Read()
        change.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.JPEGLosslessProcess14_1))
        change.SetInput(reader.GetImage())
        assert change.Change()
        writer = gdcm.ImageWriter()
        writer.SetFileName(str(packed))
        writer.SetFile(reader.GetFile())
        writer.SetImage(change.GetOutput())
        assert writer.Write()
        made = dataset(pixels, **UIDS)
        made.PixelData = dcmread(packed).PixelData
        made["PixelData"].is_undefined_length = True
        return saved(made, packed, syntax=JPEGLosslessSV1).read_bytes()


def chunk(name: bytes, content: bytes) -> bytes:
    """A chunk of a PNG."""
    head = struct.pack(">I", len(content)) + name + content
    return head + struct.pack(">I", zlib.crc32(name + content))


def png(rows: int, columns: int, *, packed: bytes, more: bytes = b"", depth: int = 8) -> bytes:
    """A grey PNG of any claimed size around rows that are packed already."""
    header = struct.pack(">IIBBBBB", columns, rows, depth, 0, 0, 0, 0)
    end = chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + more + end


def zeros(count: int) -> bytes:
    """So many zero bytes as zlib packs them, at once: one packed mebibyte again and again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    rest = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    end = rest.compress(bytes(count % 2**20)) + rest.flush()
    check = struct.pack(">I", (count % 65521) << 16 | 1)  # Adler-32 of nothing but zeros
    return b"\x78\xda" + block * (count // 2**20) + end + check


def tiff(tags: dict[int, tuple[int, int]], *, body: bytes, directories: int = 1) -> bytes:
    """A little-endian TIFF: tag -> (type, value); its strip, at byte 8, is shared by all pages."""
    told = {273: (4, 8), 277: (3, 1), 279: (4, len(body)), 262: (3, 1), 259: (3, 1), **tags}
    size = 2 + 12 * len(told) + 4
    start = 8 + len(body) + len(body) % 2
    entries = b"".join(
        struct.pack("<HHII", tag, kind, 1, value) for tag, (kind, value) in sorted(told.items())
    )
    listing = bytearray()
    for number in range(1, directories + 1):
        following = start + number * size if number < directories else 0
        listing += struct.pack("<H", len(told)) + entries + struct.pack("<I", following)
    return b"II*\0" + struct.pack("<I", start) + body + bytes(len(body) % 2) + bytes(listing)


def pdf(
    objects: list[bytes], *, page: bytes = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]"
) -> bytes:
    """A PDF of one page; its objects begin with number 4, the page's content."""
    listed = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        page + b"/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>>>",
        *objects,
    ]
    made, places = b"%PDF-1.4\n", []
    for number, content in enumerate(listed, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(listed) + 1)
    trailer = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    return made + head + table + trailer % (len(listed) + 1, len(made))


def stream(content: bytes, words: bytes = b"") -> bytes:
    """A stream of a PDF."""
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (words, len(content), content)


def pdf_picture(rows: int, columns: int, *, data: bytes, filter_name: bytes) -> bytes:
    """A PDF whose page is one grey picture."""
    words = b"/Type/XObject/Subtype/Image/ColorSpace/DeviceGray/BitsPerComponent 8"
    words += b"/Width %d/Height %d/Filter/%s" % (columns, rows, filter_name)
    return pdf([stream(b"200 0 0 200 0 0 cm /X Do"), stream(data, words)])
