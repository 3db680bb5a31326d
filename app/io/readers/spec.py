"""What a reader is: one frozen value a format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from domain.image import Study

HEAD_BYTES = 512


class ReadPage(Protocol):
    """Reads one picture of a file; raises UnreadableFile."""

    def __call__(self, path: Path, *, page: int = 0) -> Study:
        """The picture number `page`, from 0."""


@dataclass(frozen=True)
class ReaderSpec:
    """A file format as a value.

    Args:
        name: what people call the format.
        endings: the usual endings, lower case, with the dot; they only help to find files.
        sniff: whether the first `HEAD_BYTES` bytes of a file are of this format; this decides.
        read: path and page -> study; raises `UnreadableFile`.
    """

    name: str
    endings: tuple[str, ...]
    sniff: Callable[[bytes], bool]
    read: ReadPage
