"""UNet-IKEM: a U-Net whose input is fused with hints and whose last features the hints re-weigh.

Interactive keypoint estimation (MICCAI 2022) with a U-Net trunk. Parameter names and shapes are
those of the published checkpoints.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from models.vertebrae.interaction import (
    KEYPOINTS,
    HintFusionLayer,
    InteractionGuidedGating,
    enlarged,
)

_WIDTH_STEP = 4

Activation = Literal["leaky_relu", "relu"]
Head = Literal["two_layer", "single"]
MakeActivation = Callable[[], nn.Module]


@dataclass(frozen=True)
class UNetIkemConfig:
    """Which variant of the network.

    Args:
        width: channels after hint fusion; the published network has 64. A multiple of 4.
        gating: interaction-guided gating (IGG), by which a hint reaches the whole film.
        activation: "leaky_relu" as published last, "relu" in the version of August 2023.
        head: "two_layer" as published last, "single" convolution in the version of August 2023.
    """

    width: int = 64
    gating: bool = True
    activation: Activation = "leaky_relu"
    head: Head = "two_layer"

    def __post_init__(self) -> None:
        if self.width < _WIDTH_STEP or self.width % _WIDTH_STEP:
            msg = f"width must be a positive multiple of {_WIDTH_STEP}, not {self.width}"
            raise ValueError(msg)
        if self.activation not in ("leaky_relu", "relu"):
            msg = f"no activation is called {self.activation!r}"
            raise ValueError(msg)
        if self.head not in ("two_layer", "single"):
            msg = f"no head is called {self.head!r}"
            raise ValueError(msg)

    @property
    def make_activation(self) -> MakeActivation:
        """Maker of the trunk's and head's activation."""
        return nn.LeakyReLU if self.activation == "leaky_relu" else nn.ReLU


class DoubleConv(nn.Module):
    """Twice: 3x3 convolution, batch norm, activation."""

    def __init__(self, inputs: int, outputs: int, *, make: MakeActivation) -> None:
        super().__init__()
        self.double_conv = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            make(),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            make(),
        )

    def forward(self, features: Tensor) -> Tensor:
        """Features of the same size."""
        convolved: Tensor = self.double_conv(features)
        return convolved


class Down(nn.Module):
    """Halve the resolution, double the channels."""

    def __init__(self, inputs: int, *, make: MakeActivation) -> None:
        super().__init__()
        self.maxpool_conv = nn.Sequential(
            nn.MaxPool2d(2), DoubleConv(inputs, 2 * inputs, make=make)
        )

    def forward(self, features: Tensor) -> Tensor:
        """Features at half the resolution."""
        pooled: Tensor = self.maxpool_conv(features)
        return pooled


class Up(nn.Module):
    """Double the resolution, halve the channels, join what the encoder saw there."""

    def __init__(self, inputs: int, *, make: MakeActivation) -> None:
        super().__init__()
        self.up = nn.ConvTranspose2d(inputs, inputs // 2, 2, stride=2)
        self.conv = DoubleConv(inputs, inputs // 2, make=make)

    def forward(self, features: Tensor, *, skip: Tensor) -> Tensor:
        """Features at twice the resolution, that of `skip`."""
        joined: Tensor = self.conv(torch.cat([skip, self.up(features)], dim=1))
        return joined


class TwoLayerHead(nn.Module):
    """Two 1x1 convolutions with batch norm and activation between them."""

    def __init__(self, width: int, *, make: MakeActivation) -> None:
        super().__init__()
        self.aux_head = nn.Sequential(
            nn.Conv2d(width, width, 1),
            nn.BatchNorm2d(width),
            make(),
            nn.Conv2d(width, KEYPOINTS, 1),
        )

    def forward(self, features: Tensor) -> Tensor:
        """One logit map for each keypoint."""
        logits: Tensor = self.aux_head(features)
        return logits


class SingleHead(nn.Module):
    """One 1x1 convolution."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, KEYPOINTS, 1)

    def forward(self, features: Tensor) -> Tensor:
        """One logit map for each keypoint."""
        logits: Tensor = self.conv(features)
        return logits


class UNetIkem(nn.Module):
    """The network of the interactive vertebrae system, in any of its published variants."""

    def __init__(self, config: UNetIkemConfig) -> None:
        super().__init__()
        self.config = config
        width, make = config.width, config.make_activation
        self.hint_fusion_layer = HintFusionLayer(width)
        self.down1 = Down(width, make=make)
        self.down2 = Down(2 * width, make=make)
        self.down3 = Down(4 * width, make=make)
        self.down4 = Down(8 * width, make=make)
        self.up1 = Up(16 * width, make=make)
        self.up2 = Up(8 * width, make=make)
        self.up3 = Up(4 * width, make=make)
        self.up4 = Up(2 * width, make=make)
        self.iggnet = (
            InteractionGuidedGating(width, inputs=width, gated=width) if config.gating else None
        )
        two_layer = config.head == "two_layer"
        self.outc = TwoLayerHead(width, make=make) if two_layer else SingleHead(width)

    def forward(self, hint_maps: Tensor, previous_maps: Tensor, image: Tensor) -> Tensor:
        """Logits of the 68 heat-maps, as large as the input.

        Args:
            hint_maps: (B, 68, rows, columns), a Gaussian where a person placed a corner, else zero.
            previous_maps: (B, 68, rows, columns), sigmoid of the last logits, zero at first.
            image: (B, 3, rows, columns), grey three times, scaled to [-1, 1].
                Rows and columns are multiples of 64.
        """
        x1 = self.hint_fusion_layer(hint_maps, previous_maps, image)  # 1/4, width
        x2 = self.down1(x1)
        x3 = self.down2(x2)
        x4 = self.down3(x3)
        features = self.up1(self.down4(x4), skip=x4)
        features = self.up2(features, skip=x3)
        features = self.up3(features, skip=x2)
        features = self.up4(features, skip=x1)  # 1/4, width
        if self.iggnet is not None:
            features = features * self.iggnet(x1, hint_maps)
        return enlarged(self.outc(features))


def config_from_state(state: dict[str, Tensor]) -> UNetIkemConfig:
    """The variant that a state dict belongs to; the activation, unseen in keys, follows the head.

    Raises:
        KeyError: the state has no hint fusion layer.
        ValueError: its width fits no variant.
    """
    single = "outc.conv.weight" in state
    return UNetIkemConfig(
        width=int(state["hint_fusion_layer.last_encoder.0.weight"].shape[0]),
        gating=any(key.startswith("iggnet.") for key in state),
        activation="relu" if single else "leaky_relu",
        head="single" if single else "two_layer",
    )
