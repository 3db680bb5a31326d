"""Reads a DICOMDIR: which files it refers to, and which of those are there."""

from __future__ import annotations

import os
from pathlib import Path

from pydicom.dataset import Dataset

from app.io.dicom.source import read_header
from app.io.dicom.values import items, text, values
from app.io.dicom.words import DIRECTORY_CLASS, sop_class
from app.io.open import head_of
from app.io.readers.table import is_dicom
from domain.errors import UnreadableFile

ACTIVE = {"", "65535"}


def is_directory(path: Path) -> bool:
    """Whether a file is a DICOMDIR, asked of those alone that are called so."""
    if not path.name.upper().startswith("DICOMDIR") or not is_dicom(head_of(path)):
        return False
    try:
        return sop_class(read_header(path, tags=["SOPClassUID"])) == DIRECTORY_CLASS
    except UnreadableFile:
        return False


def references(path: Path) -> tuple[list[Path], list[Path]]:
    """Files that a DICOMDIR refers to: those that are there, those that are not.

    Only files below its own folder count; the case of names does not.

    Raises:
        UnreadableFile: it is no DICOMDIR, or damaged.
    """
    directory = read_header(path, tags=["SOPClassUID", "DirectoryRecordSequence"])
    records = items(directory, "DirectoryRecordSequence")
    if sop_class(directory) != DIRECTORY_CLASS and not records:
        raise UnreadableFile(
            f"“{path.name}” is no folder and no DICOMDIR.",
            why="It lists no other files.",
            remedy="Choose a folder, or the file DICOMDIR of a disc.",
        )
    found: dict[Path, None] = {}
    missing: dict[Path, None] = {}
    for parts in filter(None, map(_parts, records)):
        file = _inside(path.parent, parts)
        if file is None:
            missing[path.parent.joinpath(*parts)] = None
        else:
            found[file] = None
    return list(found), list(missing)


def _parts(record: Dataset) -> list[str]:
    """The path that a record names, part by part; empty where it names none or none inside."""
    if text(record, "RecordInUseFlag") not in ACTIVE:
        return []
    parts = [str(part) for name in values(record, "ReferencedFileID") for part in _split(name)]
    return [] if any(part in {"..", "."} or ":" in part for part in parts) else parts


def _split(name: object) -> list[str]:
    """Some writers put a whole path into one value."""
    return [part for part in str(name).replace("\\", "/").split("/") if part]


def _inside(folder: Path, parts: list[str]) -> Path | None:
    """The file below `folder`, whatever the case of its names."""
    place = folder
    for part in parts:
        try:
            names = os.listdir(place)
        except OSError:
            return None
        alike = [name for name in names if name.casefold() == part.casefold()]
        if not alike:
            return None
        place = place / (part if part in alike else alike[0])
    return place if place.is_file() else None
