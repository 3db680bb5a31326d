"""Writes files so that a reader finds the old one or the whole new one, never half of it."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from domain.errors import ExportFailed

_REASONS = {
    errno.ENOSPC: "The disk is full.",
    errno.EDQUOT: "Your share of the disk is used up.",
    errno.EACCES: "You may not write there.",
    errno.EPERM: "You may not write there.",
    errno.EROFS: "That disk can only be read.",
    errno.ENOENT: "The folder does not exist.",
    errno.ENOTDIR: "A part of the path is no folder.",
    errno.EISDIR: "A folder has that name.",
    errno.ENAMETOOLONG: "The name is too long.",
}


def write_atomically(path: Path, data: bytes) -> None:
    """Write beside the target, make it durable, then take the target's place.

    Raises:
        ExportFailed: with why; the file that was there is untouched.
    """
    write_together({path: data})


def write_json(path: Path, document: object, *, indent: int = 1) -> None:
    """Write a document as JSON; letters that are halves of characters become "?".

    Raises:
        ExportFailed: with why; the file that was there is untouched.
    """
    text = json.dumps(document, indent=indent, ensure_ascii=False, allow_nan=False)
    write_atomically(path, text.encode("utf-8", "replace") + b"\n")


def write_together(files: Mapping[Path, bytes]) -> None:
    """Write files that belong together: none takes its place before all are on the disk.

    Raises:
        ExportFailed: with why; the files that were there are untouched.
    """
    path, drafts = Path(), dict[Path, Path]()
    try:
        for path, data in files.items():
            target = Path(os.path.realpath(path))  # a link stays a link
            draft = target.with_name(f".{uuid4().hex}.tmp")
            drafts[draft] = target
            _write_durably(draft, data)
        for draft, target in drafts.items():
            os.replace(draft, target)
        for folder in {target.parent for target in drafts.values()}:
            _make_folder_durable(folder)
    except (OSError, ValueError) as error:
        for draft in drafts:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
        raise ExportFailed(
            f"“{path.name}” could not be written.",
            why=_reason(error),
            remedy="Choose another place or name; what is decided on the case is not touched.",
        ) from error


def _write_durably(draft: Path, data: bytes) -> None:
    with draft.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, OSError) and error.errno is not None:
        return _REASONS.get(error.errno, f"The system says: {error.strerror}.")
    return f"The system says: {error}."


def _make_folder_durable(folder: Path) -> None:
    """Where folders can be synced, so that the new name survives a power cut."""
    if os.name != "posix":
        return
    with suppress(OSError):  # some file systems refuse; the content is safe already
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
