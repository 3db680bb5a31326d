"""What a drag costs: answering from the cached film against asking the network anew."""

from __future__ import annotations

import numpy as np
import torch

from benchmarks.timing import Measured, compare
from domain.annotation import Hint
from inference.vertebrae import column_net
from models.vertebrae.column import ColumnNet, ColumnNetConfig
from models.vertebrae.heatmaps import hint_maps

FILM = (2375, 891)  # the median AASCE film
HINT = Hint(20, 900.0, 450.0)


def measure() -> list[Measured]:
    """Every ratio of this task."""
    return [_drag(), _hint_map()]


def _drag() -> Measured:
    torch.manual_seed(0)
    net = ColumnNet(ColumnNetConfig(refiner_size=64)).eval()
    film = np.random.default_rng(0).integers(0, 255, FILM, dtype=np.uint8)
    seen = column_net.see(net, film)
    return compare(
        "vertebrae: answer a drag (cached features against the whole way)",
        plain=lambda: column_net.answer(net, column_net.see(net, film), (HINT,)),
        ours=lambda: column_net.answer(net, seen, (HINT,)),
        budget=3.0,
    )


def _hint_map() -> Measured:
    centre, index = torch.tensor([[222.4, 83.2]]), torch.tensor([20])
    rows, columns = torch.meshgrid(torch.arange(512.0), torch.arange(256.0), indexing="ij")

    def dense() -> torch.Tensor:
        """All 68 target maps, then the hinted one alone, as the original does."""
        distance = (rows - centre[0, 0]) ** 2 + (columns - centre[0, 1]) ** 2
        maps = torch.exp(-0.5 * distance / 7.5**2).repeat(68, 1, 1)
        keep = torch.zeros(68, 1, 1)
        keep[20] = 1
        return maps * keep

    return compare(
        "vertebrae: one hint map (separable against all 68)",
        plain=dense,
        ours=lambda: hint_maps(centre, index=index),
        budget=1.5,
    )
