"""Asks libtiff what it noticed about fax pictures: every reader draws on over damage in them.

As with JPEG, a bit that turned into another lawful code is noticed by nobody.
"""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from app.io.readers.said_aside import said_of

# Compression and options of a TIFF: group 4, group 3 in one and in two dimensions, and by rows.
_KINDS = ((4, 0), (3, 0), (3, 1), (2, 0))
_COMPLAINT = "Fax"  # so its decoders are called: Fax4Decode, Fax3Decode1D …
_GREYSCALE = 0  # cv2.IMREAD_GRAYSCALE


def require_whole_fax_page(data: bytes, page: int) -> None:
    """Look through a picture of a TIFF that is packed as a fax.

    Raises:
        ValueError: it is damaged, so that some of the pixels are made up.
    """
    _, lines = said_of(data, reading=_GREYSCALE, page=page)
    if _complains(lines):
        msg = "its fax code is broken"
        raise ValueError(msg)


def is_whole_fax(data: bytes, shown: NDArray[np.generic]) -> bool:
    """Whether these bytes of no known kind of fax are a picture without damage.

    Args:
        shown: (rows, columns) as another decoder has it. After some damage one of the two goes on
            in silence, and the other does not.
    """
    for packed, options in _KINDS:
        content = _as_tiff(data, shown.shape[:2], packed=packed, options=options)
        picture, lines = said_of(content, reading=_GREYSCALE)
        if picture is not None and not _complains(lines):
            return np.array_equal(_tones(picture), _tones(shown))
    return False


def _tones(picture: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Where a picture of two tones is as its first pixel: what is black in it does not matter."""
    return np.asarray(picture == picture[0, 0], dtype=np.bool_)


def _complains(lines: list[str]) -> bool:
    return any(_COMPLAINT in line for line in lines)


def _as_tiff(data: bytes, size: tuple[int, ...], *, packed: int, options: int) -> bytes:
    """The same bytes as the one strip of a TIFF."""
    rows, columns = size
    tags = {256: columns, 257: rows, 258: 1, 259: packed, 262: 0, 273: 8, 277: 1, 278: rows}
    tags |= {279: len(data)} | ({292: options} if packed == 3 else {})
    body = data + bytes(len(data) % 2)
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    listing = struct.pack("<H", len(tags)) + entries + bytes(4)
    return b"II*\0" + struct.pack("<I", 8 + len(body)) + body + listing
