"""The bytes of a file that a person named, or a sentence why there are none."""

from __future__ import annotations

from pathlib import Path

from domain.errors import UnreadableFile

MAX_FILE_BYTES = 512 * 2**20


def read_bytes(path: Path) -> bytes:
    """The bytes of a regular file of reasonable size.

    Raises:
        UnreadableFile: not there, not allowed, not a file, empty or too large.
    """
    try:
        if not path.is_file():
            if path.exists():
                kind, remedy = "It is no ordinary file.", "Check the path and open it again."
            else:
                kind = "There is no such file."
                remedy = "Was it moved? The window looks for it by File › Find missing films…"
            raise unreadable(path, why=kind, remedy=remedy)
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise unreadable(
                path,
                why=f"It has {size / 2**20:.0f} MiB; the limit is {MAX_FILE_BYTES // 2**20} MiB.",
                remedy="Save the film alone in a smaller file.",
            )
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise unreadable(
            path, why=f"The system says: {reason}.", remedy="Check the path and your rights to it."
        ) from error
    if not data:
        raise unreadable(path, why="The file is empty.", remedy="Copy it again from its source.")
    return data


def unreadable(path: Path, *, why: str, remedy: str) -> UnreadableFile:
    """What is said of a file that is no film."""
    return UnreadableFile(f"“{path.name}” cannot be read.", why=why, remedy=remedy)
