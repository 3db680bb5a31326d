"""Object-contextual representations (Yuan et al. 2020): each pixel looks at all soft regions."""

from __future__ import annotations

import torch
from torch import Tensor, nn

_DROPOUT = 0.05


def gather_regions(features: Tensor, regions: Tensor) -> Tensor:
    """What each region looks like, (B, channels, regions, 1).

    Args:
        features: (B, channels, rows, columns).
        regions: (B, regions, rows, columns), logits; each region's softmax over all pixels weighs
            what it sees.
    """
    weights = regions.flatten(2).softmax(dim=2)  # B, regions, pixels
    looks = weights @ features.flatten(2).transpose(1, 2)  # B, regions, channels
    return looks.transpose(1, 2).unsqueeze(3)


def _mixed(inputs: int, outputs: int) -> list[nn.Module]:
    activated = nn.Sequential(nn.BatchNorm2d(outputs), nn.ReLU())
    return [nn.Conv2d(inputs, outputs, 1, bias=False), activated]


class ObjectAttention(nn.Module):
    """Attention of pixels to regions."""

    def __init__(self, channels: int, *, keys: int) -> None:
        super().__init__()
        self.keys = keys
        self.f_pixel = nn.Sequential(*_mixed(channels, keys), *_mixed(keys, keys))
        self.f_object = nn.Sequential(*_mixed(channels, keys), *_mixed(keys, keys))
        self.f_down = nn.Sequential(*_mixed(channels, keys))
        self.f_up = nn.Sequential(*_mixed(keys, channels))

    def forward(self, features: Tensor, looks: Tensor) -> Tensor:
        """The context of each pixel, shaped as `features` (B, channels, rows, columns).

        Args:
            features: what each pixel looks like.
            looks: (B, channels, regions, 1) what each region looks like.
        """
        query = self.f_pixel(features).flatten(2).transpose(1, 2)  # B, pixels, keys
        key = self.f_object(looks).flatten(2)  # B, keys, regions
        value = self.f_down(looks).flatten(2).transpose(1, 2)  # B, regions, keys
        attention = (query @ key * self.keys**-0.5).softmax(dim=-1)
        context = (attention @ value).transpose(1, 2)  # B, keys, pixels
        told: Tensor = self.f_up(context.unflatten(2, features.shape[-2:]))
        return told


class RegionContext(nn.Module):
    """Features together with their context in regions."""

    def __init__(self, channels: int, *, keys: int) -> None:
        super().__init__()
        self.object_context_block = ObjectAttention(channels, keys=keys)
        self.conv_bn_dropout = nn.Sequential(
            *_mixed(2 * channels, channels), nn.Dropout2d(_DROPOUT)
        )

    def forward(self, features: Tensor, looks: Tensor) -> Tensor:
        """Features of the same shape."""
        context = self.object_context_block(features, looks)
        joined: Tensor = self.conv_bn_dropout(torch.cat([context, features], dim=1))
        return joined
