"""What mixes tokens of pictures, corners and hints, and the waves that tell where each is."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Attention(nn.Module):
    """Pre-norm transformer layer: self-attention, then a two-layer perceptron."""

    def __init__(self, width: int, *, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.norm_in = nn.LayerNorm(width)
        self.to_qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm_mlp = nn.LayerNorm(width)
        self.mlp = nn.Sequential(
            nn.Linear(width, 3 * width), nn.GELU(), nn.Linear(3 * width, width)
        )
        self.drop = nn.Dropout(dropout) if dropout else nn.Identity()

    def forward(self, tokens: Tensor, position: Tensor, *, keep: Tensor | None = None) -> Tensor:
        """New tokens (B, T, width); `keep` (B, 1, 1, T) is false for padding."""
        batch, count, width = tokens.shape
        qkv = self.to_qkv(self.norm_in(tokens) + position)
        query, key, value = qkv.view(batch, count, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=keep)
        tokens = tokens + self.drop(self.out(mixed.transpose(1, 2).reshape(batch, count, width)))
        thought: Tensor = self.drop(self.mlp(self.norm_mlp(tokens)))
        return tokens + thought


class PositionCode(nn.Module):
    """Waves of a position, the same for a place in the picture and for a hint."""

    def __init__(self, width: int, *, bands: int) -> None:
        super().__init__()
        self.waves: Tensor
        self.register_buffer(
            "waves", math.pi * 2.0 ** torch.linspace(0, 6, bands, device="cpu"), persistent=False
        )
        self.mix = nn.Linear(4 * bands, width)

    def forward(self, unit: Tensor) -> Tensor:
        """Codes (..., width) of positions (..., 2) that run from 0 to 1 over the frame."""
        angles = (unit.unsqueeze(-1) * self.waves).flatten(-2)
        code: Tensor = self.mix(torch.cat([angles.sin(), angles.cos()], dim=-1))
        return code
