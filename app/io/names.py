"""Names of files: made from names of cases, so that any system can hold them, and sorted."""

from __future__ import annotations

import re
from collections.abc import Iterable

_FORBIDDEN = '<>:"/\\|?*'
_RESERVED = frozenset(
    ("con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)))
)  # of Windows
_MOST_BYTES = 180  # file systems take 255; an ending and a number must fit
_NAMELESS = "film"
_NUMBER = re.compile("[0-9]+")


def file_stem(name: str) -> str:
    """The name as a file can have it, without an ending."""
    whole = name.encode("utf-8", "replace").decode()
    plain = "".join(s if s.isprintable() and s not in _FORBIDDEN else "_" for s in whole)
    short = plain.encode()[:_MOST_BYTES].decode(errors="ignore").strip(" .")
    if short.partition(".")[0].lower() in _RESERVED:
        return f"_{short}"
    return short or _NAMELESS


def file_stems(names: Iterable[str]) -> tuple[str, ...]:
    """One name each, numbered where another case has it; upper and lower case are the same."""
    taken: set[str] = set()
    stems = []
    for name in names:
        stem = first = file_stem(name)
        number = 1
        while stem.casefold() in taken:
            number += 1
            stem = f"{first}-{number}"
        taken.add(stem.casefold())
        stems.append(stem)
    return tuple(stems)


def natural_key(name: str) -> str:
    """Sorts numbers inside names by value, before any letter: a text, for such sort quickest."""
    return _NUMBER.sub(_by_value, name.casefold())


def _by_value(number: re.Match[str]) -> str:
    """A number as text that sorts by its value: how many digits it has, then the digits."""
    digits = number[0].lstrip("0")
    return f"\0{chr(len(digits))}{digits}"
