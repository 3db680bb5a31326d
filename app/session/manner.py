"""How a person wants cases asked in the background, where a task alone would ask otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.session.session import OpenCase
from inference.contracts import Request


@dataclass(frozen=True)
class Manner:
    """One wish for many cases.

    Args:
        action: what histories call the answer.
        adapt: gives a question as it is wanted.
        is_done: whether a case has that answer already.
        done: what is said of such a case.
    """

    action: str
    adapt: Callable[[Request], Request]
    is_done: Callable[[OpenCase], bool]
    done: str

    def is_same_as(self, other: Manner | None) -> bool:
        """Whether both wish the same of a case."""
        return other is not None and other.adapt == self.adapt
