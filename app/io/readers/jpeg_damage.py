"""Asks libjpeg what it noticed about a file's data: Pillow decodes over damage without a word.

The smallest copy is asked for: all data are read for it, little is computed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from app.io.readers.said_aside import said_of

STRAY = "stray data in the file: check the picture"
_SMALLEST = 64  # cv2.IMREAD_REDUCED_GRAYSCALE_8
_STRAY = re.compile(r"(\d+) extraneous bytes before marker 0xd9")  # the end of the picture
_MOST_STRAY = 64
"""Some programs fill up the end; more is a part of the picture that lost its place."""
_LOST_WORDS = (
    "Premature end of JPEG file",
    "Corrupt JPEG data",  # premature end of data segment, bad code, found marker instead of RST
    "Inconsistent progression sequence",
)


def require_whole_jpeg(data: bytes) -> tuple[str, ...]:
    """Marks for a person, where bytes lie in the data that belong to nothing.

    A byte that was changed to another lawful one is noticed by nobody: JPEG has no checksum.

    Raises:
        ValueError: data are missing or damaged, so that some of the pixels are made up.
    """
    _, lines = said_of(data, reading=_SMALLEST)  # what OpenCV cannot decode another has
    return marks_by(lines)


def marks_by(lines: Iterable[str]) -> tuple[str, ...]:
    """Marks for a person, by what a decoder said of a JPEG; its first complaint counts.

    Raises:
        ValueError: as for `require_whole_jpeg`.
    """
    words = next((line for line in lines if any(sign in line for sign in _LOST_WORDS)), "")
    stray = _STRAY.search(words)
    if stray and int(stray[1]) <= _MOST_STRAY:
        return (STRAY,)
    if words:
        raise ValueError(words)
    return ()
