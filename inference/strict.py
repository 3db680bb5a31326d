"""How a state dict differs from what a network expects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from torch import Tensor

_NAMED = 5


@dataclass(frozen=True)
class Differences:
    """What is missing, unexpected, or of another shape; false where nothing is.

    Args:
        missing: keys the network needs.
        unexpected: keys the network does not have.
        shapes: "key: has [..], needs [..]".
    """

    missing: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
    shapes: tuple[str, ...] = ()

    @classmethod
    def between(cls, needed: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> Differences:
        """Compare two state dicts by keys and shapes."""
        both = sorted(needed.keys() & given.keys())
        return cls(
            missing=tuple(sorted(needed.keys() - given.keys())),
            unexpected=tuple(sorted(given.keys() - needed.keys())),
            shapes=tuple(
                f"{key}: has {list(given[key].shape)}, needs {list(needed[key].shape)}"
                for key in both
                if given[key].shape != needed[key].shape
            ),
        )

    def __bool__(self) -> bool:
        return bool(self.missing or self.unexpected or self.shapes)

    @property
    def words(self) -> str:
        """For people: counts, and the first few of each kind."""
        told = (
            ("missing", self.missing),
            ("unexpected", self.unexpected),
            ("of another shape", self.shapes),
        )
        return "; ".join(f"{len(keys)} {kind} ({_few(keys)})" for kind, keys in told if keys) + "."


def _few(keys: Iterable[str]) -> str:
    names = list(keys)
    return ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
