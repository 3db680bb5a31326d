"""Which files a DICOMDIR refers to, and which of those are there."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


def references(folder: Path, names: Iterable[tuple[str, ...]]) -> tuple[list[Path], list[Path]]:
    """Files below a folder: those that are there, those that are not.

    Args:
        names: as `Headers.names` gives them: they lead nowhere but down. Their case does not count.
    """
    found: dict[Path, None] = {}
    missing: dict[Path, None] = {}
    for parts in names:
        file = _inside(folder, parts)
        if file is None:
            missing[folder.joinpath(*parts)] = None
        else:
            found[file] = None
    return list(found), list(missing)


def _inside(folder: Path, parts: tuple[str, ...]) -> Path | None:
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
