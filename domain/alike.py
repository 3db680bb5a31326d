"""Equality of values whose numbers may be unknown: to Python no NaN is equal to any other."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any


class Alike:
    """For frozen dataclasses with `eq=False`: what is unknown (NaN) in both is the same."""

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return _known(self) == _known(other)

    def __hash__(self) -> int:
        return hash(_known(self))


def _known(value: Any) -> tuple[Any, ...]:
    """The fields, None for what is unknown."""
    found = (getattr(value, field.name) for field in fields(value))
    return tuple(None if isinstance(one, float) and math.isnan(one) else one for one in found)
