"""The residual block of the network, told the noise level ("Diffusion Models Beat GANs", 2021)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.implant.pseudo_conv import PseudoConv3d, frame_by_frame

_GROUPS = 32
Resampling = Literal["down", "up"]


class GroupNorm(nn.GroupNorm):
    """Groups over all frames at once, 32 where they fit; in float32 where maps are narrower."""

    def __init__(self, channels: int) -> None:
        super().__init__(math.gcd(_GROUPS, channels), channels)

    def forward(self, maps: Tensor) -> Tensor:
        """Normed maps, in the number format they came in."""
        wide = torch.promote_types(maps.dtype, torch.float32)
        weight, bias = self.weight.to(wide), self.bias.to(wide)
        normed = F.group_norm(maps.to(wide), self.num_groups, weight, bias, self.eps)
        return normed.to(maps.dtype)


class ResidualBlock(nn.Module):
    """Two convolutions around a scale and shift by the noise level, added to what came in.

    Args:
        inputs: channels in.
        outputs: channels out.
        embedding: length of the vector that tells the level.
        dropout: share of values dropped before the second convolution.
        resampling: "down" halves, "up" doubles rows and columns, in both branches.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        embedding: int,
        dropout: float,
        resampling: Resampling | None = None,
    ) -> None:
        super().__init__()
        self.in_layers = nn.Sequential(GroupNorm(inputs), nn.SiLU(), PseudoConv3d(inputs, outputs))
        self.emb_layers = nn.Sequential(nn.SiLU(), nn.Linear(embedding, 2 * outputs))
        self.out_layers = nn.Sequential(
            GroupNorm(outputs), nn.SiLU(), nn.Dropout(dropout), PseudoConv3d(outputs, outputs)
        )
        self.skip_connection = (
            nn.Identity() if inputs == outputs else PseudoConv3d(inputs, outputs, kernel=1)
        )
        self._resampled = _RESAMPLED[resampling]

    def forward(self, maps: Tensor, level: Tensor) -> Tensor:
        """Maps (B, outputs, F, H, W), with half or twice the rows and columns where resampled.

        Args:
            maps: (B, inputs, F, H, W).
            level: (B, embedding).
        """
        told = self.emb_layers(level)[..., None, None, None]
        scale, shift = told.chunk(2, dim=1)
        norm, activate, convolve = self.in_layers
        inner = convolve(self._resampled(activate(norm(maps))))
        norm, *rest = self.out_layers
        inner = norm(inner) * (1 + scale) + shift
        for layer in rest:
            inner = layer(inner)
        kept: Tensor = self.skip_connection(self._resampled(maps)) + inner
        return kept


def _same(maps: Tensor) -> Tensor:
    return maps


def _halved(maps: Tensor) -> Tensor:
    return frame_by_frame(lambda frames: F.avg_pool2d(frames, 2), maps)


def _doubled(maps: Tensor) -> Tensor:
    return frame_by_frame(lambda frames: F.interpolate(frames, scale_factor=2.0), maps)


_RESAMPLED: dict[Resampling | None, Callable[[Tensor], Tensor]] = {
    None: _same,
    "down": _halved,
    "up": _doubled,
}
