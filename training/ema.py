"""Weights averaged while a network learns: they ship, for they are steadier than the last ones."""

from __future__ import annotations

import torch
from torch import nn


class Ema:
    """Weights averaged over the last samples, by half-life."""

    def __init__(self, network: nn.Module, *, half_life: float) -> None:
        self.half_life = half_life
        self.state = {k: v.detach().clone() for k, v in network.state_dict().items()}

    def update(self, network: nn.Module, *, samples: int, seen: float) -> None:
        """Take in a step; early on the average is as young as the run."""
        keep = 0.5 ** (samples / min(self.half_life, max(1.0, 0.3 * seen)))
        with torch.no_grad():
            for name, value in network.state_dict().items():
                if value.is_floating_point():
                    self.state[name].lerp_(value, 1 - keep)
                else:
                    self.state[name].copy_(value)
