"""What a child says, taken only as the kind of value that it should be."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from domain.errors import FileMissing, UnreadableFile

Made = TypeVar("Made")


def made_of(path: Path, head: Any, make: Callable[[Any], Made]) -> Made:
    """What `make` makes of an answer about a file.

    Raises:
        UnreadableFile: the refusal that the child wrote down, or an answer that makes no sense.
        FileMissing: the refusal of a file that is not there.
    """
    try:
        if "refused" not in head:
            return make(head)
        what, why, remedy = (text(words) for words in head["refused"])
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableFile(
            f"“{path.name}” cannot be read.",
            why="What its reader answers makes no sense.",
            remedy="The file is damaged; copy it again from its source.",
        ) from error
    kind = UnreadableFile if path.exists() else FileMissing
    raise kind(what, why=why, remedy=remedy)


def text(said: object) -> str:
    """A text, or TypeError."""
    if not isinstance(said, str):
        raise TypeError(type(said).__name__)
    return said


def flag(said: object) -> bool:
    """True or False, or TypeError."""
    if not isinstance(said, bool):
        raise TypeError(type(said).__name__)
    return said


def number(said: object) -> float:
    """A finite number, or ValueError."""
    if isinstance(said, bool) or not isinstance(said, int | float) or not math.isfinite(said):
        msg = "no finite number"
        raise ValueError(msg)
    return float(said)


def whole(said: object) -> int:
    """An integer, or ValueError."""
    if isinstance(said, bool) or not isinstance(said, int):
        msg = "no whole number"
        raise ValueError(msg)
    return said


def count(said: object) -> int:
    """An integer from 0, or ValueError."""
    if whole(said) < 0:
        msg = "no count"
        raise ValueError(msg)
    return whole(said)
