"""Files that must be refused in a sentence."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from pydicom.encaps import encapsulate
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from tests.corpus.moving import moving_to_refuse, whole_moving
from tests.corpus.parts import (
    Bad,
    chunk,
    deep_colour,
    dicom,
    dicom_jpeg,
    dicom_lossless_jpeg,
    pdf,
    pdf_picture,
    png,
    raster,
    stream,
    tiff,
    zeros,
)
from tests.corpus.two_tone import fax, fax_pdf, jbig2, jbig2_pdf, two_tone

ENDINGS = (".png", ".jpg", ".tif", ".bmp", ".dcm", ".pdf", ".mp4", ".avi", ".nii.gz")
TWENTIETHS = range(1, 20)
SIZE = {256: (4, 100_000), 257: (4, 100_000), 258: (3, 8), 278: (4, 100_000)}


def must_refuse(seed: int = 0) -> list[Bad]:
    """All of them; another seed gives other pixels."""
    rng = np.random.default_rng(seed)
    flat = rng.integers(0, 256, (80, 72), np.uint8)
    deep = rng.integers(0, 2**16, (80, 72), np.uint16)
    return [
        *_cut_short(flat, deep),
        *_cut_inside(flat, deep),
        *_two_tone(seed),
        *_renamed(flat),
        *_claims(flat, deep),
        *_bombs(),
        *_lies(deep),
        *_nowhere_a_number(flat.shape),
        *moving_to_refuse(seed),
    ]


def whole_files(flat: NDArray[np.uint8], deep: NDArray[np.uint16]) -> dict[str, bytes]:
    """One sound file of each kind."""
    packed = zlib.compress(flat.tobytes())
    jpeg = raster(flat, "jpeg")
    bits = two_tone()
    return {
        "flat.png": raster(flat, "png"),
        "deep.png": raster(deep, "png"),
        "colour.png": deep_colour(deep, ".png"),
        "film.jpg": jpeg,
        "progressive.jpg": raster(flat, "jpeg", progressive=True),
        "plain.tif": raster(deep, "tiff"),
        "lzw.tif": raster(deep, "tiff", compression="tiff_lzw"),
        "zip.tif": raster(flat, "tiff", compression="tiff_adobe_deflate"),
        "colour.tif": deep_colour(deep, ".tif"),
        "film.bmp": raster(flat, "bmp"),
        "explicit.dcm": dicom(deep),
        "implicit.dcm": dicom(deep, syntax=ImplicitVRLittleEndian),
        "frames.dcm": dicom(np.stack([deep] * 5)),
        "deflated.dcm": dicom(deep, syntax=DeflatedExplicitVRLittleEndian),
        "rle.dcm": dicom(deep, syntax=RLELossless),
        "jpeg-ls.dcm": dicom(deep, syntax=JPEGLSLossless),
        "jpeg-2000.dcm": dicom(deep, syntax=JPEG2000Lossless),
        "jpeg.dcm": dicom_jpeg(flat),
        "fax.pdf": fax_pdf(bits, fax(bits)),
        "jbig2.pdf": jbig2_pdf(bits, jbig2(bits)),
        "zip.pdf": pdf_picture(*flat.shape, data=packed, filter_name=b"FlateDecode"),
        "jpeg.pdf": pdf_picture(*flat.shape, data=jpeg, filter_name=b"DCTDecode"),
    }


def _cut_short(flat: NDArray[np.uint8], deep: NDArray[np.uint16]) -> list[Bad]:
    """At every twentieth of the length."""
    return [
        Bad(f"{share:02}-of-20-{name}", content[: len(content) * share // 20])
        for name, content in (whole_files(flat, deep) | whole_moving()).items()
        for share in TWENTIETHS
    ]


def _cut_inside(flat: NDArray[np.uint8], deep: NDArray[np.uint16]) -> list[Bad]:
    """A sound container around fewer pixels than it claims."""
    rows, columns = flat.shape
    lines = b"".join(b"\0" + line.tobytes() for line in flat)
    half = len(lines) // 2
    jpeg, packed = raster(flat, "jpeg"), zlib.compress(flat.tobytes()[:half])
    short = {256: (4, columns), 257: (4, rows), 258: (3, 8), 278: (4, rows)}
    jpegs_whole = {
        "film.jpg": jpeg,
        "progressive.jpg": raster(flat, "jpeg", progressive=True),
        "restarts.jpg": raster(flat, "jpeg", restart_marker_rows=1),
    }
    frames = {
        "jpeg": dicom_jpeg(flat),
        "jpeg-lossless": dicom_lossless_jpeg(flat),
        "jpeg-lossless-16": dicom_lossless_jpeg(deep),
        "jpeg-ls": dicom(deep, syntax=JPEGLSLossless),
        "jpeg-2000": dicom(deep, syntax=JPEG2000Lossless),
        "rle": dicom(deep, syntax=RLELossless),
    }
    return [
        Bad("half.png", png(rows, columns, packed=zlib.compress(lines[:half]))),
        Bad("half.tif", tiff(short, body=flat.tobytes()[:half])),
        Bad("half-zip.tif", tiff(short | {259: (3, 8)}, body=packed)),
        *(Bad(f"no-middle-{name}", _without_middle(kind)) for name, kind in jpegs_whole.items()),
        Bad("half.bmp", raster(flat, "bmp")[:-half]),
        Bad(
            "half-jpeg.pdf",
            pdf_picture(rows, columns, data=jpeg[: len(jpeg) // 2], filter_name=b"DCTDecode"),
        ),
        Bad("half-zip.pdf", pdf_picture(rows, columns, data=packed, filter_name=b"FlateDecode")),
        *(
            Bad(
                f"no-middle-{name}.pdf",
                pdf_picture(rows, columns, data=_without_middle(kind), filter_name=b"DCTDecode"),
            )
            for name, kind in jpegs_whole.items()
        ),
        Bad(
            "no-middle-jpeg-2000.pdf",
            pdf_picture(
                rows,
                columns,
                data=_without_middle(raster(flat, "jpeg2000")),
                filter_name=b"JPXDecode",
            ),
        ),
        *(
            Bad(f"{how}-{name}.dcm", _other_frame(content, cut))
            for name, content in frames.items()
            for how, cut in (("half", _first_half), ("no-middle", _without_middle))
        ),
    ]


def _two_tone(seed: int) -> list[Bad]:
    """Fax and JBIG2, over whose damage every reader draws on."""
    bits = two_tone(seed)
    codes, segments, fills = fax(bits), jbig2(bits), {262: (3, 0), 258: (3, 1), 259: (3, 4)}
    rows, columns = bits.shape
    sizes = {256: (4, columns), 257: (4, rows), 278: (4, rows)}
    broken = {"half": _first_half, "no-middle": _without_middle, "zeros": _with_zeros}
    return [
        *(Bad(f"{name}-fax.pdf", fax_pdf(bits, break_(codes))) for name, break_ in broken.items()),
        *(
            Bad(f"{name}-fax.tif", tiff(sizes | fills, body=break_(codes)))
            for name, break_ in broken.items()
        ),
        Bad("half-jbig2.pdf", jbig2_pdf(bits, _first_half(segments))),
        Bad("no-middle-jbig2.pdf", jbig2_pdf(bits, _without_middle(segments))),
        Bad("head-jbig2.pdf", jbig2_pdf(bits, segments[:35])),
    ]


def _without_middle(content: bytes) -> bytes:
    """Half of it is gone; both ends are sound."""
    return content[: len(content) // 4] + content[len(content) * 3 // 4 :]


def _first_half(content: bytes) -> bytes:
    return content[: len(content) // 4 * 2]


def _with_zeros(content: bytes) -> bytes:
    """Some of its middle is lost to zeros."""
    middle = len(content) // 2
    return content[:middle] + bytes(8) + content[middle + 8 :]


def _other_frame(content: bytes, cut: Callable[[bytes], bytes]) -> bytes:
    """A DICOM file whose only frame is cut, its item telling the right length."""
    place = content.index(b"\xfe\xff\x00\xe0", content.index(b"\xe0\x7f\x10\x00")) + 8
    place = content.index(b"\xfe\xff\x00\xe0", place)
    (length,) = struct.unpack_from("<I", content, place + 4)
    frame = cut(content[place + 8 : place + 8 + length])
    frame += bytes(len(frame) % 2)
    item = content[place : place + 4] + struct.pack("<I", len(frame)) + frame
    return content[:place] + item + b"\xfe\xff\xdd\xe0" + bytes(4)


def _renamed(flat: NDArray[np.uint8]) -> list[Bad]:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(zipfile.ZipInfo("film.png"), raster(flat, "png"))
    others = {
        "empty": b"",
        "byte": b"\0",
        "text": b"This is no film. " * 100,
        "page": b"<!doctype html><img src=film.png>" * 20,
        "zip": archive.getvalue(),
        "program": b"MZ" + bytes(200) + b"PE\0\0" + bytes(600),
        "elf": b"\x7fELF" + bytes(600),
        "gif": raster(flat, "gif"),
        "pickle": b"\x80\x04\x95" + bytes(100) + b".",
    }
    return [
        Bad(f"{name}{ending}", content) for name, content in others.items() for ending in ENDINGS
    ]


def _claims(flat: NDArray[np.uint8], deep: NDArray[np.uint16]) -> list[Bad]:
    """A hundred thousand pixels a side, or as many as the format can say."""
    jpeg = bytearray(raster(flat, "jpeg"))
    place = jpeg.index(b"\xff\xc0") + 5
    jpeg[place : place + 4] = struct.pack(">HH", 65_500, 65_500)
    bmp = bytearray(raster(flat, "bmp"))
    bmp[18:26] = struct.pack("<ii", 100_000, 100_000)
    wide = {"Rows": 65_535, "Columns": 65_535}
    huge = png(100_000, 100_000, packed=zeros(1000))
    data = zlib.compress(bytes(10**6))
    return [
        Bad("claims.png", huge),
        Bad("claims-16.png", png(100_000, 100_000, packed=zeros(1000), depth=16)),
        Bad("claims.jpg", bytes(jpeg)),
        Bad("claims.tif", tiff(SIZE, body=bytes(1000))),
        Bad("claims-zip.tif", tiff(SIZE | {259: (3, 8)}, body=data)),
        Bad("claims.bmp", bytes(bmp)),
        Bad("claims.dcm", dicom(deep, **wide)),
        Bad("claims-rle.dcm", _claimed(dicom(deep, syntax=RLELossless))),
        Bad("claims-jpeg.dcm", _claimed(dicom_jpeg(flat))),
        Bad("claims-2000.dcm", _claimed(dicom(deep, syntax=JPEG2000Lossless))),
        Bad("claims.pdf", pdf_picture(100_000, 100_000, data=data, filter_name=b"FlateDecode")),
    ]


def _claimed(content: bytes) -> bytes:
    """A DICOM file with other rows and columns than it was written with."""
    for element, size in ((0x10, 80), (0x11, 72)):
        said = struct.pack("<HH2sH", 0x28, element, b"US", 2)
        assert said + struct.pack("<H", size) in content
        content = content.replace(said + struct.pack("<H", size), said + struct.pack("<H", 65_535))
    return content


def _bombs() -> list[Bad]:
    """Small files that unpack to what no memory holds, or that take for ever."""
    side = {256: (4, 9000), 257: (4, 9000), 258: (3, 8), 278: (4, 9000), 259: (3, 8)}
    note = b"Comment\0\0" + zeros(200 * 2**20)
    dot = {256: (4, 1), 257: (4, 1), 258: (3, 8), 278: (4, 1)}
    laugh = [stream(b"/X Do")] + [
        stream(
            b"/X Do " * 10,
            b"/Type/XObject/Subtype/Form/BBox[0 0 200 200]/Resources<</XObject<</X %d 0 R>>>>"
            % (6 + level),
        )
        for level in range(9)
    ]
    dots = stream(b"0 0 100 100 re f " * 10, b"/Type/XObject/Subtype/Form/BBox[0 0 200 200]")
    twice = zlib.compress(zeros(2**30))
    return [
        Bad("bomb.png", png(9000, 9000, packed=zeros(9000 * 9001))),
        Bad("bomb-note.png", png(4, 4, packed=zeros(20), more=chunk(b"zTXt", note))),
        Bad("bomb-zip.tif", tiff(side, body=zeros(9000 * 9000))),
        Bad("bomb-pages.tif", tiff(dot, body=b"\0", directories=100_000)),
        Bad("bomb-deflate.dcm", _deflate_bomb()),
        Bad("bomb-rle.dcm", _rle_bomb()),
        Bad("bomb-forms.pdf", pdf([*laugh, dots])),
        Bad(
            "bomb-twice.pdf",
            pdf([stream(twice, b"/Filter[/FlateDecode/FlateDecode]"), stream(b"", b"")]),
        ),
    ]


def _deflate_bomb() -> bytes:
    """A gigabyte of zeros behind a sound header."""
    head = dicom(np.zeros((8, 8), np.uint8), syntax=DeflatedExplicitVRLittleEndian)
    start = 132 + 12 + struct.unpack_from("<I", head, 140)[0]
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    said = packer.compress(struct.pack("<HH2sHI", 0x7FE0, 0x10, b"OB", 0, 2**30))
    return head[:start] + said + packer.flush(zlib.Z_FULL_FLUSH) + zeros(2**30)[2:-4]


def _rle_bomb() -> bytes:
    """Runs of the greatest length in pictures of the greatest size."""
    header = struct.pack("<16I", 1, 64, *([0] * 14))
    frames = [header + bytes([129, 0]) * (9000 * 9000 // 128)] * 4
    return _encapsulated(frames, rows=9000, columns=9000)


def _encapsulated(frames: list[bytes], *, rows: int, columns: int) -> bytes:
    small = dicom(np.zeros((80, 72), np.uint8), syntax=RLELossless)
    place = small.index(b"\xe0\x7f\x10\x00")
    head = small[:place]
    for element, size, wanted in ((0x10, 80, rows), (0x11, 72, columns)):
        said = struct.pack("<HH2sH", 0x28, element, b"US", 2)
        head = head.replace(said + struct.pack("<H", size), said + struct.pack("<H", wanted))
    return (
        head
        + struct.pack("<HH2sHI", 0x7FE0, 0x10, b"OB", 0, 2**32 - 1)
        + encapsulate(frames)
        + b"\xfe\xff\xdd\xe0"
        + bytes(4)
    )


def _lies(deep: NDArray[np.uint16]) -> list[Bad]:
    """Counts of frames that are not what is there."""
    three = np.stack([deep] * 3)
    counted = {"too-many": 5, "far-too-many": 10**9, "too-few": 2}
    return [
        Bad(f"frames-{name}{kind}.dcm", _recounted(dicom(three, syntax=syntax), count))
        for name, count in counted.items()
        for kind, syntax in (("", "1.2.840.10008.1.2.1"), ("-rle", RLELossless))
    ]


def _recounted(content: bytes, count: int) -> bytes:
    said = struct.pack("<HH2sH", 0x28, 0x08, b"IS", 2) + b"3 "
    assert said in content
    words = str(count).encode()
    words += b" " * (len(words) % 2)
    return content.replace(said, struct.pack("<HH2sH", 0x28, 0x08, b"IS", len(words)) + words)


def _nowhere_a_number(shape: tuple[int, ...]) -> list[Bad]:
    return [
        Bad(f"{name}.tif", raster(np.full(shape, value, np.float32), "tiff"))
        for name, value in (("nan", np.nan), ("infinite", np.inf))
    ]
