"""The bytes of a file that a person named, or a sentence why there are none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from domain.errors import UnreadableFile

MAX_FILE_BYTES = 512 * 2**20


def read_bytes(path: Path) -> bytes:
    """The bytes of a regular file of reasonable size.

    Raises:
        UnreadableFile: not there, not allowed, not a file, empty or too large.
    """
    with opened(path, most_bytes=MAX_FILE_BYTES) as file:
        return file.read()


@contextmanager
def opened(path: Path, *, most_bytes: int | None = None) -> Iterator[BinaryIO]:
    """A regular file of at most that size, to be read.

    Raises:
        UnreadableFile: see `read_bytes`; also where the system refuses while it is read.
    """
    try:
        if not path.is_file():
            raise _no_file(path)
        size = path.stat().st_size
        if most_bytes is not None and size > most_bytes:
            raise unreadable(
                path,
                why=f"It has {size / 2**20:.0f} MiB; the limit is {most_bytes // 2**20} MiB.",
                remedy="Save the film alone in a smaller file.",
            )
        if not size:
            remedy = "Copy it again from its source."
            raise unreadable(path, why="The file is empty.", remedy=remedy)
        with path.open("rb") as file:
            yield file
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise unreadable(
            path, why=f"The system says: {reason}.", remedy="Check the path and your rights to it."
        ) from error


def _no_file(path: Path) -> UnreadableFile:
    if path.exists():
        why, remedy = "It is no ordinary file.", "Check the path and open it again."
    else:
        why = "There is no such file."
        remedy = "Was it moved? The window looks for it by File › Find missing films…"
    return unreadable(path, why=why, remedy=remedy)


def unreadable(path: Path, *, why: str, remedy: str) -> UnreadableFile:
    """What is said of a file that is no film."""
    return UnreadableFile(f"“{path.name}” cannot be read.", why=why, remedy=remedy)
