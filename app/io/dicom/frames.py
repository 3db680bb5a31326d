"""One picture of a DICOM file as numbers, before anything is said about how to show them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset
from pydicom.encaps import parse_basic_offsets, parse_fragments
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.processing import apply_color_lut
from pydicom.pixels.utils import pixel_array
from pydicom.uid import (
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    RLELossless,
)

from app.io.dicom.source import DAMAGE
from app.io.dicom.values import items, number, text, whole
from app.io.readers.jpeg_damage import marks_by
from app.io.readers.raster import MAX_PIXELS
from app.io.readers.said_aside import caught
from domain.errors import UnreadableFile

Stored = NDArray[np.integer]
GREY = {"MONOCHROME1", "MONOCHROME2"}
COLOURS = {"RGB", "PALETTE COLOR", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT"}

_JPEGS = {JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLossless, JPEGLosslessSV1}
_PADDING_BITS = 15  # at most, after the last picture: data are whole words


def prepare(dataset: FileDataset, *, path: Path) -> int:
    """Fill what a picture's description leaves out, check what it claims; gives its pages.

    Nothing is decoded and no memory taken for what a header merely claims.

    Raises:
        UnreadableFile: the claims cannot be true, or are beyond what a film is.
    """
    rows, columns = whole(dataset, "Rows"), whole(dataset, "Columns")
    if min(rows, columns) < 1 or whole(dataset, "BitsAllocated") < 1:
        raise _refusal(path, "It does not say how large its picture is.")
    if rows * columns > MAX_PIXELS:
        raise UnreadableFile(
            f"“{path.name}” cannot be read.",
            why=f"It claims {rows} × {columns} pixels; the limit is {MAX_PIXELS // 10**6} million.",
            remedy="Save it smaller and open it again.",
        )
    claimed = max(whole(dataset, "NumberOfFrames", default=1), 1)
    try:
        _fill(dataset)
        least, most = _frames(dataset)
    except DAMAGE as error:
        raise _refusal(path, "Its pixels are damaged, or packed as nobody knows.") from error
    if most < 1:
        raise _refusal(path, "It holds fewer pixels than its picture should have.")
    if not least <= claimed <= most:
        held = least if claimed < least else most
        raise _refusal(path, f"It claims {claimed} pictures, but holds {held}.")
    dataset.NumberOfFrames = claimed
    return claimed


def stored_values(dataset: FileDataset, page: int) -> Stored:
    """(rows, columns) values as stored, or (rows, columns, 3) red, green and blue.

    Unused bits are cut off, signs are extended, colours of any kind become RGB.

    Raises:
        ValueError: no codec can read it, or what it decodes to is no picture.
    """
    high, bits = whole(dataset, "HighBit") + 1, whole(dataset, "BitsStored")
    shift = high - bits if bits < high <= whole(dataset, "BitsAllocated") else 0
    if shift:  # pydicom takes the lowest bits whatever High Bit says
        dataset.BitsStored = high
    values = pixel_array(dataset, index=page)
    dataset.BitsStored = bits
    if shift:
        values = values >> shift
    if text(dataset, "PhotometricInterpretation") == "PALETTE COLOR":
        values = apply_color_lut(values, dataset)
    if not np.issubdtype(values.dtype, np.integer):
        msg = "fractions are no grey values"
        raise ValueError(msg)
    return values


def decoded(dataset: FileDataset, page: int, *, path: Path) -> tuple[Stored, tuple[str, ...]]:
    """See `stored_values`; and marks for a person, of a JPEG whose decoder said something.

    Raises:
        UnreadableFile: there is no codec for it, or it is damaged.
    """
    colours = text(dataset, "PhotometricInterpretation")
    if colours not in GREY | COLOURS:
        raise _refusal(path, "Its colours are of a kind that no film uses.")
    syntax = dataset.file_meta.TransferSyntaxUID
    try:
        is_known = get_decoder(syntax).is_available
    except NotImplementedError:
        is_known = False
    if not is_known:
        name = syntax.name if syntax.name[:1].isalpha() else "of an unknown kind"
        raise _undecodable(path, f"Its compression ({name}) is one that nothing here can read.")
    try:
        lines: list[str] = []
        with caught(lines):
            values = stored_values(dataset, page)
        return values, marks_by(lines) if syntax in _JPEGS else ()
    except (*DAMAGE, RuntimeError) as error:
        if "12-bit" in str(error):
            why = "Its compression (JPEG with 12 bits a pixel) is one that nothing here can read."
            raise _undecodable(path, why) from error
        raise _refusal(path, "Its pixels are damaged or cut short.") from error


def group(dataset: Dataset, page: int, keyword: str) -> Dataset:
    """What a frame says in one of its functional groups; the whole object where it has none."""
    per_frame = items(dataset, "PerFrameFunctionalGroupsSequence")
    shared = items(dataset, "SharedFunctionalGroupsSequence")
    own = per_frame[page : page + 1] if page < len(per_frame) else []
    for place in (*own, *shared[:1]):
        found = items(place, keyword)
        if found:
            return found[0]
    return dataset


def _fill(dataset: FileDataset) -> None:
    """Defaults for what careless writers leave out."""
    samples = max(whole(dataset, "SamplesPerPixel", default=1), 1)
    bits = whole(dataset, "BitsStored") or whole(dataset, "BitsAllocated")
    dataset.SamplesPerPixel = samples
    dataset.BitsStored = bits
    dataset.PixelRepresentation = whole(dataset, "PixelRepresentation")
    if number(dataset, "HighBit") is None:
        dataset.HighBit = bits - 1
    if not text(dataset, "PhotometricInterpretation"):
        dataset.PhotometricInterpretation = "MONOCHROME2" if samples == 1 else "RGB"
    if samples > 1:
        dataset.PlanarConfiguration = whole(dataset, "PlanarConfiguration")


def _frames(dataset: FileDataset) -> tuple[int, int]:
    """The least and most pictures that it has data for; compressed ones may be in many pieces."""
    data = dataset.get("PixelData") or b""
    syntax = dataset.file_meta.TransferSyntaxUID
    if syntax.is_compressed:
        pieces = parse_fragments(data)[0] - 1  # the first is the table of offsets
        least = pieces if syntax == RLELossless else len(parse_basic_offsets(data))
        return min(least, pieces), pieces
    bits = whole(dataset, "Rows") * whole(dataset, "Columns") * whole(dataset, "BitsAllocated")
    bits *= whole(dataset, "SamplesPerPixel")
    if text(dataset, "PhotometricInterpretation") == "YBR_FULL_422":
        bits = bits * 2 // 3
    held = len(data) * 8 // bits
    return held if bits > _PADDING_BITS else -(-(len(data) * 8 - _PADDING_BITS) // bits), held


def _refusal(path: Path, why: str) -> UnreadableFile:
    return UnreadableFile(
        f"“{path.name}” cannot be read.", why=why, remedy="Copy it again from its source."
    )


def _undecodable(path: Path, why: str) -> UnreadableFile:
    return UnreadableFile(
        f"“{path.name}” cannot be read.", why=why, remedy="Export it uncompressed, or as PNG."
    )
