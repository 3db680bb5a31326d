"""Whether a PNG holds all the rows that it claims; decoders make up those that are missing."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # colour type -> values a pixel
# Adam7: first column, first row, step across, step down.
_PASSES = (
    (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)
)  # fmt: skip
_PIECE = 2**20
_START = 8  # the signature


def require_all_rows(data: bytes) -> None:
    """Refuse a PNG whose packed rows end before its picture does.

    Raises:
        ValueError: they do, or cannot be unpacked.
    """
    missing = _unpacked_size(data)
    unpacking = zlib.decompressobj()
    for packed in _packed(data):
        rest = packed
        while rest and missing > 0:
            missing -= len(unpacking.decompress(rest, _PIECE))
            rest = unpacking.unconsumed_tail
    missing -= len(unpacking.flush()) if missing > 0 else 0
    if missing > 0:
        msg = "rows are missing at its end"
        raise ValueError(msg)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = _START
    while place + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, place)
        yield name, data[place + 8 : place + 8 + length]
        place += 12 + length


def _packed(data: bytes) -> Iterator[bytes]:
    return (content for name, content in _chunks(data) if name == b"IDAT")


def _unpacked_size(data: bytes) -> int:
    """Bytes of all rows, each with the one that names its filter."""
    columns, rows, bits, colour, _, _, interlaced = struct.unpack_from(">IIBBBBB", data, 16)
    depth = bits * _CHANNELS.get(colour, 1)
    passes = _PASSES if interlaced else ((0, 0, 1, 1),)
    total = 0
    for left, top, across, down in passes:
        wide, high = -(-(columns - left) // across), -(-(rows - top) // down)
        if wide > 0 and high > 0:
            total += high * (1 + (wide * depth + 7) // 8)
    return total
