"""Files that must open, each with the pixels that it holds."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from pydicom.uid import DeflatedExplicitVRLittleEndian, JPEGLSLossless, RLELossless

from tests.corpus.moving import moving_to_open
from tests.corpus.parts import (
    Good,
    chunk,
    deep_colour,
    dicom,
    dicom_jpeg,
    dicom_lossless_jpeg,
    pdf_picture,
    raster,
)
from tests.corpus.two_tone import KINDS, fax, fax_pdf, jbig2, jbig2_pdf, two_tone

HUGE = 8 * 2**20


def must_open(seed: int = 0) -> list[Good]:
    """All of them; another seed gives other pixels."""
    rng = np.random.default_rng(seed)
    flat = rng.integers(0, 256, (48, 40), np.uint8)
    deep = rng.integers(0, 2**16, (48, 40), np.uint16)
    smooth = np.tile(np.linspace(20, 220, 64).astype(np.uint8), (48, 1))
    makers = (_sizes, _kinds, _deep, _fractions, _pages)
    found = [good for make in makers for good in make(flat, deep)]
    still = [*found, *_jpegs(smooth), *_dicoms(flat, deep), *_pdfs(flat)]
    return [*still, *moving_to_open(seed)]


def _sizes(flat: NDArray[np.uint8], deep: NDArray[np.uint16]) -> list[Good]:
    dot, wide = flat[:1, :1], np.tile(flat[:40], (5, 500))
    found = [Good(f"dot.{kind}", raster(dot, kind), dot) for kind in ("png", "tiff", "bmp")]
    found.append(Good("dot.jpeg", raster(dot, "jpeg", quality=95), dot, within=3))
    for name, film in (("wide", wide), ("tall", np.ascontiguousarray(wide.T))):
        found += [Good(f"{name}.{kind}", raster(film, kind), film) for kind in ("png", "tiff")]
        found.append(Good(f"{name}.dcm", dicom(film), film))
    return [*found, Good("dot.dcm", dicom(deep[:1, :1]), deep[:1, :1])]


def _kinds(flat: NDArray[np.uint8], deep: NDArray[np.uint16]) -> list[Good]:
    """RGBA, palette, 1 bit, CMYK."""
    alpha = np.where(deep > 2**15, 255, 0).astype(np.uint8)
    clear = Pillow.fromarray(np.dstack([flat, flat, flat, alpha]))
    shown = np.where(alpha, flat, 0)
    palette = Pillow.fromarray(flat, mode="P")
    palette.putpalette([255 - value for value in range(256) for _ in range(3)])
    bits = flat > 127
    white = np.where(bits, 255, 0)
    grey = Pillow.fromarray(flat)
    ink = grey.convert("RGB").convert("CMYK")
    return [
        *(Good(f"rgba.{kind}", raster(clear, kind), shown) for kind in ("png", "tiff")),
        *(Good(f"palette.{kind}", raster(palette, kind), 255 - flat) for kind in ("png", "tiff")),
        *(Good(f"bit.{kind}", raster(bits, kind), white) for kind in ("png", "tiff", "bmp")),
        Good("fax.tiff", raster(bits, "tiff", compression="group4"), white),
        Good("cmyk.tiff", raster(ink, "tiff"), flat, within=1),
    ]


def _deep(flat: NDArray[np.uint8], deep: NDArray[np.uint16]) -> list[Good]:
    """16 bit, and what is packed."""
    return [
        *(Good(f"deep.{kind}", raster(deep, kind), deep) for kind in ("png", "tiff")),
        *(Good(f"deep-colour{end}", deep_colour(deep, end), deep) for end in (".png", ".tiff")),
        *(
            Good(f"{name}.tiff", raster(flat, "tiff", compression=name), flat)
            for name in ("tiff_lzw", "tiff_adobe_deflate", "packbits")
        ),
    ]


def _fractions(flat: NDArray[np.uint8], deep: NDArray[np.uint16]) -> list[Good]:
    """Fractions of one become 16 bits from least to most; NaN is as dark as the darkest."""
    shares = deep.astype(np.float32) / 2**16
    reach = int(deep.max()) - int(deep.min())
    scaled = (deep.astype(float) - int(deep.min())) * 65535 / reach
    holes = shares.copy()
    holes[3:5] = np.nan
    holes[5, 0] = np.inf
    real = holes[np.isfinite(holes)].astype(float)
    dark = np.where(np.isfinite(holes), holes, real.min())
    shown = (dark - real.min()) * 65535 / (real.max() - real.min())
    return [
        Good("float.tiff", raster(shares, "tiff"), np.rint(scaled), within=1),
        Good("float-whole.tiff", raster(deep.astype(np.float32), "tiff"), deep),
        Good("float-holes.tiff", raster(holes, "tiff"), np.rint(shown), within=1),
        Good("int32.tiff", raster(deep.astype(np.int32), "tiff"), deep),
    ]


def _pages(flat: NDArray[np.uint8], deep: NDArray[np.uint16]) -> list[Good]:
    others = [Pillow.fromarray(np.ascontiguousarray(flat[::-1])), Pillow.fromarray(deep)]
    many = raster(flat, "tiff", save_all=True, append_images=others)
    return [Good("pages.tiff", many, flat, pages=3)]


def _jpegs(smooth: NDArray[np.uint8]) -> list[Good]:
    """Progressive, Adobe-marked, and what cameras and scanners write about a picture."""
    grey = Pillow.fromarray(smooth)
    colour = grey.convert("RGB")
    ink = colour.convert("CMYK")
    plain = raster(grey, "jpeg", quality=95)
    exif = Pillow.Exif()
    exif[0x010E] = "x" * 65_000
    about = [b"\xff\xe1\xff\xff" + bytes(65_533)] * (HUGE // 2**16)
    notes = chunk(b"eXIf", b"MM\0*\0\0\0\x08\0\0\0\0\0\0" + bytes(HUGE))
    flat_png = raster(grey, "png")
    return [
        Good("progressive.jpeg", raster(grey, "jpeg", quality=95, progressive=True), smooth, 4),
        Good("adobe-rgb.jpeg", raster(colour, "jpeg", quality=95, keep_rgb=True), smooth, 4),
        Good("adobe-cmyk.jpeg", raster(ink, "jpeg", quality=95), smooth, 6),
        Good("ycc.jpeg", raster(colour, "jpeg", quality=95), smooth, 4),
        Good("exif.jpeg", raster(grey, "jpeg", quality=95, exif=exif), smooth, 4),
        Good("exif-many.jpeg", plain[:2] + b"".join(about) + plain[2:], smooth, 4),
        Good("exif.png", flat_png[:33] + notes + flat_png[33:], smooth),
        Good("exif.tiff", raster(grey, "tiff", description="x" * HUGE), smooth),
    ]


def _dicoms(flat: NDArray[np.uint8], deep: NDArray[np.uint16]) -> list[Good]:
    whole = dicom(deep)
    start = whole.index(b"\x08\0\x16\0")
    odd = {"0.1\\0.3": (0.1, 0.3), "0\\0": None, "-1\\2": None, "1\\2\\3": None, "1e9\\1": None}
    spaced = [
        Good(
            f"spacing-{number}.dcm", _spaced(deep, spacing), deep, facts={"spacing_mm": understood}
        )
        for number, (spacing, understood) in enumerate(odd.items())
    ]
    return [
        Good("plain.dcm", whole, deep),
        Good("no-preamble.dcm", whole[start:], deep),
        Good("named-otherwise.png", whole, deep),
        Good(
            "monochrome1.dcm",
            dicom(deep, PhotometricInterpretation="MONOCHROME1"),
            deep,
            facts={"inverted": True},
        ),
        Good("deflated.dcm", dicom(deep, syntax=DeflatedExplicitVRLittleEndian), deep),
        Good("rle.dcm", dicom(deep, syntax=RLELossless), deep),
        Good("jpeg-ls.dcm", dicom(deep, syntax=JPEGLSLossless), deep),
        Good(
            "jpeg.dcm",
            dicom_jpeg(np.tile(flat[:1, :1], (48, 48))),
            np.tile(flat[0, 0], (48, 48)),
            2,
        ),
        Good("jpeg-lossless.dcm", dicom_lossless_jpeg(flat), flat),
        Good("jpeg-lossless-16.dcm", dicom_lossless_jpeg(deep), deep),
        Good("frames.dcm", dicom(np.stack([deep, deep[::-1]])), deep, pages=2),
        Good("bits.dcm", _one_bit(flat[:8, :8] > 127), (flat[:8, :8] > 127).astype(int)),
        *spaced,
    ]


def _spaced(pixels: NDArray[np.uint16], spacing: str) -> bytes:
    """Values that pydicom would refuse to write are put into its bytes."""
    content = dicom(pixels, PixelSpacing=[0.25, 0.75])
    said = struct.pack("<HH2sH", 0x28, 0x30, b"DS", 10) + b"0.25\\0.75 "
    assert said in content
    return content.replace(said, said[:8] + spacing.ljust(10).encode())


def _one_bit(bits: NDArray[np.bool_]) -> bytes:
    made = np.packbits(bits, axis=None, bitorder="little")
    return dicom(
        bits.astype(np.uint8),
        BitsAllocated=1,
        BitsStored=1,
        HighBit=0,
        PixelData=made.tobytes(),
    )


def _pdfs(flat: NDArray[np.uint8]) -> list[Good]:
    bits = two_tone()
    shown = np.where(bits, 255, 0)
    packed = zlib.compress(flat.tobytes())
    return [
        Good("scan.pdf", pdf_picture(*flat.shape, data=packed, filter_name=b"FlateDecode"), flat),
        *(Good(f"{kind}.pdf", fax_pdf(bits, fax(bits, kind), kind), shown) for kind in KINDS),
        Good("jbig2.pdf", jbig2_pdf(bits, jbig2(bits)), shown),
    ]
