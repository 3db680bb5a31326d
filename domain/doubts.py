"""What speaks against an answer, said by the network's side and kept with the corners."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class DoubtKind(StrEnum):
    """What is doubted."""

    UNLIKE = "unlike"
    FEW = "few_vertebrae"
    MIRRORED = "mirrored"
    SAME_PLACE = "same_place"
    ORDER = "order"
    SIDES = "sides"


@dataclass(frozen=True)
class Doubt:
    """One reason to distrust corners.

    Args:
        kind: what is doubted: the picture, or hints that cannot all be right.
        count: for FEW about how many vertebrae the picture shows; for hints how many pairs of them
            cannot both be right.
        landmarks: for hints the first such pair, by the network's own numbers.
    """

    kind: DoubtKind
    count: int = 0
    landmarks: tuple[int, ...] = ()
