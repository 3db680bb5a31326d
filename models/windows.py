"""Parts of maps, and layers computed anew where a change reaches them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn


class Window(NamedTuple):
    """A part of a map, half-open."""

    top: int
    bottom: int
    left: int
    right: int

    @classmethod
    def whole(cls, maps: Tensor) -> Window:
        """All of (..., rows, columns)."""
        return cls(0, maps.shape[-2], 0, maps.shape[-1])

    def grown(self, by: int, *, within: torch.Size) -> Window:
        """So many places larger on each side, as far as a map (..., rows, columns) goes."""
        rows, columns = within[-2:]
        return Window(
            max(self.top - by, 0),
            min(self.bottom + by, rows),
            max(self.left - by, 0),
            min(self.right + by, columns),
        )

    def strided(self) -> Window:
        """What a 3x3 convolution of stride 2, or a pooling of two, makes of a change here."""
        return Window(self.top // 2, self.bottom // 2 + 1, self.left // 2, self.right // 2 + 1)

    def times(self, stride: int) -> Window:
        """The same part of a map so many times larger."""
        return Window(*(stride * edge for edge in self))

    def inside(self, other: Window) -> Window:
        """As counted from another window's corner."""
        return Window(
            self.top - other.top,
            self.bottom - other.top,
            self.left - other.left,
            self.right - other.left,
        )

    def of(self, maps: Tensor) -> Tensor:
        """This part of (..., rows, columns); no copy."""
        return maps[..., self.top : self.bottom, self.left : self.right]


def redone(
    blocks: Sequence[nn.Module], source: Tensor, *, before: Tensor, reached: Window, stride: int
) -> tuple[Tensor, Window]:
    """What blocks of one 3x3 convolution each make of a source that changed in one place.

    Only what is near the change is computed. At the edges of a part that the frame does not bound
    each block's outermost places are wrong, and are cut off.

    Args:
        before: what they made of the source that was.
        reached: what the first block makes of the change.
        stride: how much larger the source is.

    Returns:
        The new maps, and where they differ from `before`.
    """
    size, count = before.shape, len(blocks)
    changed = reached.grown(count - 1, within=size)
    window = changed.grown(count, within=size)
    maps = window.times(stride).of(source)
    for done, block in enumerate(blocks, start=1):
        right = changed.grown(count - done, within=size)
        maps = right.inside(window).of(block(maps))
        window = right
    return pasted(before, changed, maps), changed


def pasted(before: Tensor, window: Window, part: Tensor) -> Tensor:
    """A copy of maps with another part in a window."""
    after = before.clone()
    window.of(after).copy_(part)
    return after
