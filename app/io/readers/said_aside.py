"""What a C library says of the data it decodes: it writes it to the standard error, and goes on."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

_ERRORS = 2  # the standard error, as the C library knows it


def said_of(
    data: bytes, *, reading: int, page: int = 0
) -> tuple[NDArray[np.generic] | None, list[str]]:
    """What OpenCV decodes of a picture in memory, and lines that its libraries write meanwhile.

    Args:
        reading: one of OpenCV's `IMREAD_…`.
        page: which picture of a TIFF.
    """
    import cv2  # costs a tenth of a second

    before = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_WARNING)
    lines: list[str] = []
    try:
        with caught(lines):
            buffer = np.frombuffer(data, np.uint8)
            done, pictures = cv2.imdecodemulti(buffer, reading, range=(page, page + 1))
    except cv2.error:
        return None, lines
    finally:
        cv2.utils.logging.setLogLevel(before)
    return (pictures[0] if done else None), lines


@contextmanager
def caught(lines: list[str]) -> Iterator[None]:
    """What is written to the standard error meanwhile, by C libraries too."""
    with tempfile.TemporaryFile() as file:
        try:
            kept = os.dup(_ERRORS)
        except OSError:  # a program without a console has none
            kept = os.open(os.devnull, os.O_WRONLY)
        os.dup2(file.fileno(), _ERRORS)
        try:
            yield
        finally:
            os.dup2(kept, _ERRORS)
            os.close(kept)
            file.seek(0)
            lines += file.read().decode("utf-8", "replace").splitlines()
