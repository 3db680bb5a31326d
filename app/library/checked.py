"""What stands in a stored text is what it should be, or it is refused; each raises TypeError."""

from __future__ import annotations

import math
from typing import Any, NoReturn


def as_mapping(value: object) -> dict[str, Any]:
    """A group of fields."""
    if isinstance(value, dict):
        return value
    return _refuse(value, "a group of fields")


def as_list(value: object) -> list[Any]:
    """A list."""
    if isinstance(value, list):
        return value
    return _refuse(value, "a list")


def as_text(value: object) -> str:
    """Text."""
    if isinstance(value, str):
        return value
    return _refuse(value, "text")


def as_truth(value: object) -> bool:
    """True or false, and nothing that only counts as it."""
    if isinstance(value, bool):
        return value
    return _refuse(value, "true or false")


def as_integer(value: object) -> int:
    """A whole number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return _refuse(value, "a whole number")


def as_number(value: object) -> float:
    """A number, as a float."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return _refuse(value, "a number")


def known(value: float) -> float | None:
    """A number for a text; NaN, which nobody knows, is null."""
    return None if math.isnan(value) else float(value)


def as_known(value: object) -> float:
    """What `known` wrote.

    Always the same NaN, which tuples find equal to itself: what was read twice is equal.
    """
    return math.nan if value is None else as_number(value)


def _refuse(value: object, expected: str) -> NoReturn:
    msg = f"expected {expected}, found {str(value)[:40]!r}"
    raise TypeError(msg)
