"""What a reader is: one frozen value a format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from domain.image import Study

HEAD_BYTES = 512


@dataclass(frozen=True)
class ReaderSpec:
    """A file format as a value.

    Args:
        name: what people call the format.
        endings: the usual endings, lower case, with the dot; they only help to find files.
        sniff: whether the first `HEAD_BYTES` bytes of a file are of this format; this decides.
        read: path -> study; raises `UnreadableFile`.
    """

    name: str
    endings: tuple[str, ...]
    sniff: Callable[[bytes], bool]
    read: Callable[[Path], Study]
