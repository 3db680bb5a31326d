"""What makes a network interactive: hints fused with the film, and gates that hints open.

From "Morphology-Aware Interactive Keypoint Estimation" (MICCAI 2022); both published vertebrae
networks have these parts, under these names.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

KEYPOINTS = 68
FRAME = (512, 256)  # rows, columns of everything that goes in and comes out
_SQUEEZED = 4  # the narrow layers of hint fusion and gating have width / 4 channels
_WIDENED = 4


def halved(inputs: int, outputs: int) -> list[nn.Module]:
    """A 3x3 convolution that halves the resolution, and batch norm."""
    return [nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(outputs)]


def same(inputs: int, outputs: int) -> list[nn.Module]:
    """A 3x3 convolution that keeps the resolution, and batch norm."""
    return [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs)]


class HintFusionLayer(nn.Module):
    """Image, hints and previous answer become one map at a quarter of the resolution."""

    def __init__(self, width: int) -> None:
        super().__init__()
        squeezed = width // _SQUEEZED
        self.scale = nn.Parameter(torch.full((1,), 0.05))
        self.hintmap_encoder = nn.Sequential(
            nn.Conv2d(2 * KEYPOINTS, squeezed, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(squeezed, width, 3, stride=2, padding=1),
        )
        self.image_encoder = nn.Sequential(*halved(3, width), nn.ReLU())
        self.last_encoder = nn.Sequential(*halved(width, width), nn.ReLU())

    def forward(self, hint_maps: Tensor, previous_maps: Tensor, image: Tensor) -> Tensor:
        """Fused features (B, width, rows / 4, columns / 4)."""
        told = self.hintmap_encoder(torch.cat([hint_maps, previous_maps], dim=1))
        fused: Tensor = self.last_encoder(self.image_encoder(image) + self.scale.abs() * told)
        return fused


class HintEncoder(nn.Module):
    """Three convolutions over features and hints."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.convs = nn.Sequential(
            nn.Sequential(*halved(inputs, outputs), nn.ReLU()),
            *(nn.Sequential(*same(outputs, outputs), nn.ReLU()) for _ in range(2)),
        )

    def forward(self, features: Tensor) -> Tensor:
        """Encoded features at half the resolution."""
        encoded: Tensor = self.convs(features)
        return encoded


class InteractionGuidedGating(nn.Module):
    """Weights of the last features' channels, from all hints at once by a global maximum.

    Args:
        width: channels after hint fusion.
        inputs: channels of the features that are looked at beside the hints.
        gated: channels of the features that are weighed.
    """

    def __init__(self, width: int, *, inputs: int, gated: int) -> None:
        super().__init__()
        hidden, squeezed = _WIDENED * width, width // _SQUEEZED
        self.hintEncoder = HintEncoder(inputs + KEYPOINTS, hidden)
        self.conv1 = nn.Conv2d(hidden, squeezed, 1)
        self.conv2 = nn.Conv2d(squeezed, gated, 1)

    def forward(self, features: Tensor, hint_maps: Tensor) -> Tensor:
        """Gates (B, gated, 1, 1) between 0 and 1."""
        small = F.interpolate(
            hint_maps, size=features.shape[-2:], mode="bilinear", align_corners=True
        )
        encoded = self.hintEncoder(torch.cat([features, small], dim=1))
        strongest = encoded.amax(dim=(2, 3), keepdim=True)
        return torch.sigmoid(self.conv2(F.relu(self.conv1(strongest))))


def enlarged(logits: Tensor) -> Tensor:
    """Logits four times as large, as both networks leave their last layer."""
    return F.interpolate(logits, scale_factor=4.0, mode="bilinear", align_corners=True)
