"""How like a picture is to those that a ColumnNet learnt from, and how many vertebrae it shows.

Both are read from what the network makes of the whole picture anyway, the mean of its tokens. Where
that lies for a film that shows the vertebrae from one level on and so many of them is known from
films cut across; the picture is taken for the cut that it lies nearest to, by Mahalanobis (Lee et
al. 2018), and for unlike all of them where even that one is far. Linear probes, taught by films
that were changed, tell what lies too near for that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor, nn

from domain.doubts import Doubt, DoubtKind
from models.vertebrae.hints import VERTEBRAE

FEWEST = 4  # vertebrae of a cut
CUTS = tuple(
    (first, count)
    for count in range(FEWEST, VERTEBRAE + 1)
    for first in range(VERTEBRAE - count + 1)
)
_TERMS = 6
PROBES = ("flat", "rods, drawn", "mirrored")
"""What probes were taught to tell; the last one from how the picture's sides differ."""


class Nearest(NamedTuple):
    """The cut that a picture lies nearest to, and how far it lies: a film learnt from about 0.5."""

    distance: float
    first: int
    vertebrae: int


class Picture(NamedTuple):
    """The mean of a picture's tokens (width,), and by how much it is larger on the left."""

    mean: Tensor
    sides: Tensor


def terms(first: Tensor, count: Tensor) -> Tensor:
    """(n, 6) what the features of cuts depend on, as a polynomial of the second degree."""
    place, size = (first.float() - 2) / 3, (count.float() - 13) / 4
    one = torch.ones_like(place)
    return torch.stack([one, place, size, place * size, place**2, size**2], dim=-1)


def shapes(width: int) -> dict[str, tuple[int, ...]]:
    """The tensors of a Familiar by name."""
    return {
        "whiten": (width, width),
        "course": (_TERMS, width),
        "probes": (len(PROBES), width),
        "offsets": (len(PROBES),),
        "limits": (2,),
    }


class Familiar(nn.Module):
    """What the pictures that a network learnt from have in common.

    Its tensors are no part of the network's weights: they are fitted to them afterwards.

    Args:
        whiten: (width, width) makes the differences between films of one cut independent and alike.
        course: (6, width) where cuts lie, by their `terms`.
        probes: (3, width) and
        offsets: (3,) so that what a probe tells lies above 0.
        limits: the distance beyond which a picture is unlike, and the least count not told of.
    """

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        super().__init__()
        self.whiten: Tensor
        self.course: Tensor
        self.probes: Tensor
        self.offsets: Tensor
        self.limits: Tensor
        self.centres: Tensor
        first, count = torch.tensor(CUTS).T
        centres = terms(first, count) @ tensors["course"] @ tensors["whiten"]
        for name, tensor in {**tensors, "centres": centres}.items():
            self.register_buffer(name, tensor, persistent=False)

    def nearest(self, picture: Picture) -> Nearest:
        """The cut that a picture lies nearest to."""
        apart = (picture.mean @ self.whiten - self.centres).square().mean(1)
        place = int(apart.argmin())
        return Nearest(float(apart[place].sqrt()), *CUTS[place])

    def probed(self, picture: Picture) -> dict[str, float]:
        """How far above its limit each probe finds a picture."""
        sides = (picture.mean, picture.mean, picture.sides)
        above = (self.probes * torch.stack(sides)).sum(1) + self.offsets
        return dict(zip(PROBES, above.tolist(), strict=True))

    def doubts(self, picture: Picture) -> tuple[Doubt, ...]:
        """What is to be told of a picture, the gravest alone: of half a film no side is known."""
        farthest, enough = self.limits.tolist()
        found, probed = self.nearest(picture), self.probed(picture)
        is_like = found.distance <= farthest  # not where it is no number
        if not is_like or probed["flat"] > 0 or probed["rods, drawn"] > 0:
            return (Doubt(DoubtKind.UNLIKE),)
        if found.vertebrae < enough:
            return (Doubt(DoubtKind.FEW, found.vertebrae),)
        return (Doubt(DoubtKind.MIRRORED),) if probed["mirrored"] > 0 else ()


def picture_of(tokens: Tensor, *, columns: int) -> Picture:
    """A picture's features, from its tokens (1, T, width) at the look at the whole.

    Args:
        columns: of tokens, side by side.
    """
    grid = tokens[0].float().reshape(-1, columns, tokens.shape[-1])  # rows, columns, width
    left, right = grid.mean(0).chunk(2)
    return Picture(grid.mean((0, 1)), left.mean(0) - right.mean(0))
