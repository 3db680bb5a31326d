"""How much two places attend to each other for lying as they do: learned from their offset."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class RelativePositionBias(nn.Module):
    """A small network from the offset of two places, in whole steps, to a bias for each head."""

    def __init__(self, dimensions: int, *, hidden: int, heads: int) -> None:
        super().__init__()
        self.net = nn.ModuleList(
            [
                nn.Sequential(nn.Linear(dimensions, hidden), nn.SiLU()),
                nn.Sequential(nn.Linear(hidden, hidden), nn.SiLU()),
                nn.Linear(hidden, heads),
            ]
        )

    def forward(self, *sizes: int) -> Tensor:
        """(heads, places, places) for a grid of those sizes, row by row; first the asking place."""
        weight = next(self.parameters())
        device = weight.device
        offsets = _grid([torch.arange(1 - size, size, device=device) for size in sizes])
        biases: Tensor = offsets.to(weight.dtype)
        for layer in self.net:
            biases = layer(biases)  # one row for each offset there is
        places = _grid([torch.arange(size, device=device) for size in sizes])
        apart = places[:, None] - places[None, :]
        row = torch.zeros_like(apart[..., 0])
        for axis, size in enumerate(sizes):
            row = row * (2 * size - 1) + apart[..., axis] + size - 1
        return biases[row].permute(2, 0, 1)


def _grid(axes: list[Tensor]) -> Tensor:
    """(places, dimensions), the last axis running fastest."""
    return torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1).flatten(0, -2)
