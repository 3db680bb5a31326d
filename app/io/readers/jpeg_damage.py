"""Asks libjpeg what it noticed about a file's data: Pillow decodes over damage without a word.

OpenCV's libjpeg writes its first complaint to the standard error, which is caught meanwhile. The
smallest copy is asked for: all data are read for it, little is computed.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import numpy as np

STRAY = "stray data in the file: check the picture"
_ERRORS = 2  # the standard error, as the C library knows it
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
    words = _complaint(data)
    stray = _STRAY.search(words)
    if stray and int(stray[1]) <= _MOST_STRAY:
        return (STRAY,)
    if any(sign in words for sign in _LOST_WORDS):
        raise ValueError(words)
    return ()


def _complaint(data: bytes) -> str:
    """What libjpeg says first of these bytes; "" for nothing."""
    import cv2  # costs a tenth of a second

    with _caught_errors() as caught:
        try:
            cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_REDUCED_GRAYSCALE_8)
        except cv2.error:
            return ""  # a kind that OpenCV does not know; Pillow has decoded it
        caught.seek(0)
        lines = caught.read().decode("utf-8", "replace").splitlines()
    return next((line for line in lines if any(sign in line for sign in _LOST_WORDS)), "")


@contextmanager
def _caught_errors() -> Iterator[BinaryIO]:
    """What is written to the standard error meanwhile, by C libraries too."""
    with tempfile.TemporaryFile() as file:
        try:
            kept = os.dup(_ERRORS)
        except OSError:  # a program without a console has none
            kept = os.open(os.devnull, os.O_WRONLY)
        os.dup2(file.fileno(), _ERRORS)
        try:
            yield file
        finally:
            os.dup2(kept, _ERRORS)
            os.close(kept)
