"""Whether a JBIG2 picture inside a PDF has all its segments (ITU-T T.88, 7.2).

Damage inside a segment is noticed by nobody: whatever the bits are, they decode to a picture.
"""

from __future__ import annotations

import struct

UNSEEN = "JBIG2 picture: damage would not be noticed"
_UNKNOWN_LENGTH = 0xFFFFFFFF
_LONG_FORM = 7
_REGIONS = {6, 7, 22, 23, 38, 39, 42, 43}  # text, halftone, generic, refined; each immediate


def require_whole_jbig2(data: bytes) -> tuple[str, ...]:
    """Marks for a person.

    Raises:
        ValueError: a segment is cut short, or the one with the picture is missing.
    """
    place, kinds = 0, set[int]()
    end = len(data.rstrip(b"\0\r\n"))  # what writers fill up with
    while place < end:
        try:
            kind, place, length = _segment(data, place)
        except (struct.error, IndexError) as error:
            msg = "a segment's header is cut short"
            raise ValueError(msg) from error
        kinds.add(kind)
        if length == _UNKNOWN_LENGTH:
            break
        place += length
        if place > len(data):
            msg = "a segment is cut short"
            raise ValueError(msg)
    if not kinds & _REGIONS:
        msg = "no segment holds a picture"
        raise ValueError(msg)
    return (UNSEEN,)


def _segment(data: bytes, place: int) -> tuple[int, int, int]:
    """Of which kind a segment is, where its data begin, and how long they are."""
    number, flags, count = struct.unpack_from(">IBB", data, place)
    referred, place = count >> 5, place + 6
    if referred == _LONG_FORM:
        (referred,) = struct.unpack_from(">I", data, place - 1)
        referred &= 0x1FFFFFFF
        place += 3 + (referred + 8) // 8
    place += referred * (1 if number <= 256 else 2 if number <= 65536 else 4)
    place += 4 if flags & 0x40 else 1  # the page it belongs to
    (length,) = struct.unpack_from(">I", data, place)
    return flags & 0x3F, place + 4, length
