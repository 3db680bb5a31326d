"""A convolution over space and one over time, in place of one over both ("Make-A-Video", 2022).

Maps are (B, C, frames, rows, columns). Best laid out channels-last: then no step copies them.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class PseudoConv3d(nn.Module):
    """Each frame convolved alone, then each pixel along time; a 1x1 kernel has no part in time.

    `alone` leaves time out, as if its part were the identity; single frames are taught so.
    """

    def __init__(self, inputs: int, outputs: int, *, kernel: int = 3) -> None:
        super().__init__()
        self.alone = False
        self.spatial_conv = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2)
        self.temporal_conv = (
            nn.Conv1d(outputs, outputs, kernel, padding=kernel // 2) if kernel > 1 else None
        )

    def forward(self, maps: Tensor) -> Tensor:
        """Maps of the same size."""
        seen = frame_by_frame(self.spatial_conv, maps)
        if self.temporal_conv is None or self.alone:
            return seen
        # The same numbers as a convolution over one dimension, and faster as one over two.
        kernel, bias = self.temporal_conv.weight.unsqueeze(-1), self.temporal_conv.bias
        if seen.is_contiguous(memory_format=torch.channels_last_3d):  # not to be seen in one clip
            kernel = kernel.contiguous(memory_format=torch.channels_last)
        along = F.conv2d(seen.flatten(3), kernel, bias, padding=(1, 0))
        return along.reshape(seen.shape)


def frame_by_frame(do: Callable[[Tensor], Tensor], maps: Tensor) -> Tensor:
    """What something makes of pictures (B * F, C, H, W), done to maps (B, C, F, H, W)."""
    batch, _, frames = maps.shape[:3]
    done = do(maps.transpose(1, 2).flatten(0, 1))
    return done.reshape(batch, frames, *done.shape[1:]).transpose(1, 2)
