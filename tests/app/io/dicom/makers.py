"""DICOM files for tests, written by pydicom: an asymmetric phantom in many encodings."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
    generate_uid,
)

Pixels = NDArray[Any]
CR = "1.2.840.10008.5.1.4.1.1.1"
CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
NATIVE = (
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
)
COMPRESSED = (RLELossless, JPEGLSLossless, JPEG2000Lossless)
LOSSLESS = (*NATIVE, *COMPRESSED)


def phantom(
    rows: int = 80, columns: int = 64, *, kind: type[np.integer[Any]] = np.uint16
) -> Pixels:
    """No turn, flip or swap of it is itself: a ramp that grows by row and column, and a corner.

    JPEG 2000 needs 64 pixels a side.
    """
    down, across = np.mgrid[:rows, :columns]
    picture: Pixels = (2 * down + across).astype(kind)
    picture[: rows // 4, : columns // 3] = np.iinfo(kind).max // 16
    return picture


def dataset(pixels: Pixels | None = None, **tags: Any) -> Dataset:
    """A computed radiograph; `tags` add to it or replace what it says, None takes one out."""
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.SOPClassUID, made.Modality = CR, "CR"
    made.SOPInstanceUID, made.StudyInstanceUID = generate_uid(), generate_uid()
    made.SeriesInstanceUID = generate_uid()
    if pixels is not None:
        _describe(made, pixels)
        made.PixelData = pixels.tobytes() + bytes(pixels.nbytes % 2)
    for keyword, content in tags.items():
        if content is None:
            delattr(made, keyword)
        else:
            setattr(made, keyword, content)
    return made


def _describe(made: Dataset, pixels: Pixels) -> None:
    """Grey pictures are (rows, columns) or (frames, rows, columns) integers, colours end in 3."""
    is_colour = pixels.ndim > 2 and pixels.shape[-1] == 3
    size = pixels.shape[:-1] if is_colour else pixels.shape
    made.Rows, made.Columns = size[-2:]
    if len(size) == 3:
        made.NumberOfFrames = size[0]
    made.SamplesPerPixel = 3 if is_colour else 1
    made.PhotometricInterpretation = "RGB" if is_colour else "MONOCHROME2"
    if is_colour:
        made.PlanarConfiguration = 0
    made.BitsAllocated = made.BitsStored = 8 * pixels.dtype.itemsize
    made.HighBit = made.BitsStored - 1
    made.PixelRepresentation = int(np.issubdtype(pixels.dtype, np.signedinteger))


def saved(made: Dataset, path: Path, *, syntax: str = ExplicitVRLittleEndian) -> Path:
    """Write it; compressed syntaxes are encoded here."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made.file_meta.MediaStorageSOPClassUID = UID(made.get("SOPClassUID") or CR)
    made.file_meta.MediaStorageSOPInstanceUID = made.get("SOPInstanceUID") or generate_uid()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    if syntax in COMPRESSED:
        made.compress(syntax, generate_instance_uid=False)
    elif syntax == ExplicitVRBigEndian and "PixelData" in made and made.BitsAllocated > 8:
        words = np.frombuffer(made.PixelData, f"u{made.BitsAllocated // 8}")
        made.PixelData = words.byteswap().tobytes()
        made["PixelData"].VR = "OW"
    made.file_meta.TransferSyntaxUID = UID(syntax)
    made.save_as(path, enforce_file_format=True)
    return path


def saved_as_jpeg(pixels: NDArray[np.uint8], path: Path, *, quality: int = 95, **tags: Any) -> Path:
    """Baseline JPEG, one frame."""
    buffer = io.BytesIO()
    Pillow.fromarray(pixels).save(buffer, "JPEG", quality=quality)
    made = dataset(pixels, **tags)
    made.PixelData = encapsulate([buffer.getvalue()])
    made["PixelData"].is_undefined_length = True
    if pixels.ndim == 3:
        made.PhotometricInterpretation = "YBR_FULL_422"
    return saved(made, path, syntax=JPEGBaseline8Bit)


def film(path: Path, pixels: Pixels, *, syntax: str = ExplicitVRLittleEndian, **tags: Any) -> Path:
    """A whole file in one call."""
    return saved(dataset(pixels, **tags), path, syntax=syntax)


def item(**tags: Any) -> Dataset:
    """An item of a sequence."""
    made = Dataset()
    for keyword, content in tags.items():
        setattr(made, keyword, content)
    return made


def sequence(*items: Dataset) -> Sequence:
    """A sequence of items."""
    return Sequence(items)


def table(entries: list[int], *, first: int = 0, bits: int = 16, name: str = "") -> Dataset:
    """An item that holds a lookup table."""
    made = Dataset()
    made.add_new("LUTDescriptor", "US", [len(entries) % 2**16, first, bits])
    made.add_new("LUTData", "US", entries)
    if name:
        made.LUTExplanation = name
    return made
