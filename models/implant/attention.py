"""Attention within frames, then between them, and a feed-forward that looks one frame back.

After make-a-video-pytorch 0.3.1, with a learned map added for each frame of a study.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.implant.relative_bias import RelativePositionBias

_WIDENED = 8 / 3  # the feed-forward's inner channels, over those outside


class RMSNorm(nn.Module):
    """Vectors scaled to a root mean square of `gamma`."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(channels))

    def forward(self, vectors: Tensor) -> Tensor:
        """Normed along the last dimension."""
        normed: Tensor = F.normalize(vectors, dim=-1) * len(self.gamma) ** 0.5 * self.gamma
        return normed


class Attention(nn.Module):
    """Heads over a row of vectors, with a bias for each pair of places."""

    def __init__(self, channels: int, *, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = RMSNorm(channels)
        self.to_q = nn.Linear(channels, channels, bias=False)
        self.to_kv = nn.Linear(channels, 2 * channels, bias=False)
        self.to_out = nn.Linear(channels, channels, bias=False)

    def forward(self, vectors: Tensor, bias: Tensor) -> Tensor:
        """What is added to vectors (rows, places, C); bias is (heads, places, places)."""
        normed = self.norm(vectors)
        query, key, value = (
            each.unflatten(2, (self.heads, -1)).transpose(1, 2)
            for each in (self.to_q(normed), *self.to_kv(normed).chunk(2, dim=2))
        )
        mask = bias.to(query.dtype).unsqueeze(0)
        seen = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        added: Tensor = self.to_out(seen.transpose(1, 2).flatten(2))
        return added


class FeedForward(nn.Module):
    """Each place alone, but for half of its inner channels, which come from the frame before."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        inner = int(_WIDENED * channels)
        self.proj_in = nn.Sequential(nn.Conv3d(channels, 2 * inner, 1, bias=False))
        self.proj_out = nn.Sequential(RMSNorm(inner), nn.Conv3d(inner, channels, 1, bias=False))

    def forward(self, vectors: Tensor) -> Tensor:
        """What is added to vectors (B, F, places, C)."""
        told, gate = _applied(self.proj_in[0], vectors).chunk(2, dim=-1)
        now, before = (told * F.gelu(gate)).chunk(2, dim=-1)
        before = F.pad(before[:, :-1], (0, 0, 0, 0, 1, 0))  # nothing is before the first frame
        return _applied(self.proj_out[1], self.proj_out[0](torch.cat([now, before], dim=-1)))


def _applied(conv: nn.Module, vectors: Tensor) -> Tensor:
    """A convolution of one place alone, on vectors whose channels come last."""
    assert isinstance(conv, nn.Conv3d)
    return F.linear(vectors, conv.weight.flatten(1))


class SpaceTimeAttention(nn.Module):
    """The block: frame maps, attention in space, attention in time, feed-forward.

    Args:
        channels: of the maps.
        heads: of both attentions.
        frames: how many places in a study have a learned map of their own.
        side: rows and columns of the maps.

    `alone` leaves attention in time out, as if it had nothing to add.
    """

    def __init__(self, channels: int, *, heads: int, frames: int, side: int) -> None:
        super().__init__()
        self.alone = False
        self.spatial_attn = Attention(channels, heads=heads)
        self.spatial_rel_pos_bias = RelativePositionBias(2, hidden=channels // 2, heads=heads)
        self.temporal_attn = Attention(channels, heads=heads)
        self.temporal_rel_pos_bias = RelativePositionBias(1, hidden=channels // 2, heads=heads)
        self.ff = FeedForward(channels)
        self.temporal_pos_embedding = nn.Embedding(frames, side * side)

    def forward(self, maps: Tensor, start: Tensor) -> Tensor:
        """Maps of the same size.

        Args:
            maps: (B, C, F, side, side).
            start: (B,) which frame of its study each clip begins with; what lies beyond the last
                frame that has a map gets the last map.
        """
        batch, _, frames, rows, columns = maps.shape
        vectors = maps.permute(0, 2, 3, 4, 1).flatten(2, 3)  # (B, F, H * W, C)
        places = start[:, None] + torch.arange(frames, device=start.device)
        embedding = self.temporal_pos_embedding
        vectors = vectors + embedding(places.clamp_max(embedding.num_embeddings - 1))[..., None]

        across = vectors.flatten(0, 1)  # (B * F, H * W, C)
        across = across + self.spatial_attn(across, self.spatial_rel_pos_bias(rows, columns))
        vectors = across.unflatten(0, (batch, frames))
        if not self.alone:
            along = vectors.transpose(1, 2).flatten(0, 1)  # (B * H * W, F, C)
            along = along + self.temporal_attn(along, self.temporal_rel_pos_bias(frames))
            vectors = along.unflatten(0, (batch, rows * columns)).transpose(1, 2)

        vectors = vectors + self.ff(vectors)
        done: Tensor = vectors.reshape(batch, frames, rows, columns, -1)
        return done.permute(0, 4, 1, 2, 3)
