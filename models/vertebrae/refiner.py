"""A small U-Net that sees one vertebra from close by and places its four corners."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

CORNERS = 4
LEVELS = 17


@dataclass(frozen=True)
class RefinerConfig:
    """Sizes of a Refiner.

    Args:
        size: side of a crop in pixels; a multiple of 8.
        width: channels at full size; doubled, four and six times below.
    """

    size: int = 64
    width: int = 16


def _twice(inputs: int, outputs: int, *, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
        nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class Refiner(nn.Module):
    """Crops (N, 1, size, size) and their levels (N,) to heat-map logits (N, 4, size/2, size/2)."""

    def __init__(self, config: RefinerConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.stem = nn.Sequential(
            nn.Conv2d(1, width, 5, stride=2, padding=2, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
        )
        self.at_half = _twice(width, 2 * width, stride=1)
        self.at_quarter = _twice(2 * width, 4 * width, stride=2)
        self.at_eighth = _twice(4 * width, 6 * width, stride=2)
        self.level = nn.Embedding(LEVELS, 6 * width)
        self.to_quarter = _twice(10 * width, 4 * width, stride=1)
        self.to_half = _twice(6 * width, 2 * width, stride=1)
        self.head = nn.Conv2d(2 * width, CORNERS, 1)

    @staticmethod
    def normalised(crops: Tensor) -> Tensor:
        """Grey values of each crop with mean 0 and deviation 1: films differ most in light."""
        flat = crops.flatten(1)
        deviation = flat.std(1).clamp_min(1.0)
        return (crops - flat.mean(1)[:, None, None, None]) / deviation[:, None, None, None]

    def forward(self, crops: Tensor, levels: Tensor) -> Tensor:
        """Heat-map logits of `normalised` crops."""
        half = self.at_half(self.stem(crops))  # N, 2w, size/2
        quarter = self.at_quarter(half)
        eighth = self.at_eighth(quarter)
        eighth = eighth + self.level(levels)[:, :, None, None].to(eighth.dtype)
        up = F.interpolate(eighth, scale_factor=2, mode="bilinear", align_corners=False)
        quarter = self.to_quarter(torch.cat([up, quarter], dim=1))
        up = F.interpolate(quarter, scale_factor=2, mode="bilinear", align_corners=False)
        logits: Tensor = self.head(self.to_half(torch.cat([up, half], dim=1)))
        return logits

    def coordinates(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        """Expected corners (N, 4, 2) in crop pixels and their spread (N, 4), one deviation."""
        cells = torch.arange(logits.shape[-1], device=logits.device, dtype=torch.float32)
        place = (cells + 0.5) * (self.config.size / logits.shape[-1]) - 0.5
        chance = logits.float().flatten(2).softmax(-1).view(logits.shape)
        means, variance = [], torch.zeros(logits.shape[:2], device=logits.device)
        for axis in (-1, -2):
            along = chance.sum(axis)
            mean = along @ place
            means.append(mean)
            variance = variance + along @ place**2 - mean**2
        return torch.stack(means, dim=-1), variance.clamp_min(0).sqrt()
