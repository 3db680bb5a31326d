"""EfficientNet-Lite: its shapes, its padding, and the way public weights come in."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from models.vertebrae.efficientnet_lite import EfficientNetLite, SameConv, load_imagenet

CHANNELS = {0: (16, 24, 40, 112, 320), 1: (16, 24, 40, 112, 320), 2: (16, 24, 48, 120, 352)}
BLOCKS = {0: 16, 1: 21, 2: 21}


@pytest.mark.parametrize("variant", CHANNELS)
def test_features_at_five_strides(variant: int) -> None:
    encoder = EfficientNetLite(variant).eval()
    with torch.inference_mode():
        taps = encoder(torch.zeros(1, 1, 64, 32))
    assert [tap.shape[1] for tap in taps] == list(CHANNELS[variant])
    assert encoder.channels == CHANNELS[variant]
    assert [tuple(tap.shape[2:]) for tap in taps] == [(32, 16), (16, 8), (8, 4), (4, 2), (2, 1)]


def test_stride_two_pads_the_end() -> None:
    conv = SameConv(1, 1, 3, stride=2, groups=1)
    image = torch.randn(1, 1, 8, 8)
    wanted = functional.conv2d(functional.pad(image, (0, 1, 0, 1)), conv.weight, stride=2)
    assert torch.allclose(conv(image), wanted)


@pytest.mark.parametrize("variant", CHANNELS)
def test_colour_filters_become_one_grey_filter(variant: int) -> None:
    encoder = EfficientNetLite(variant).eval()
    published = _published(encoder)
    filters = torch.randn(32, 3, 3, 3)
    published["_conv_stem.weight"] = filters
    load_imagenet(encoder, published)
    grey = torch.randn(1, 1, 16, 16)
    colour = functional.conv2d(
        functional.pad(grey.expand(1, 3, 16, 16), (0, 1, 0, 1)), filters, stride=2
    )
    assert torch.allclose(encoder.stem[0](grey), colour, atol=1e-5)


def _published(encoder: EfficientNetLite) -> dict[str, torch.Tensor]:
    """A state dict with the public names and this encoder's shapes."""
    state = dict(_norm("_bn0", 32))
    index = 0
    for stage in encoder.stages:
        for block in stage:
            convs = [layer for layer in block.layers if isinstance(layer, SameConv)]
            names = [
                ("_expand_conv", "_bn0"),
                ("_depthwise_conv", "_bn1"),
                ("_project_conv", "_bn2"),
            ]
            for (conv, norm), layer in zip(names[-len(convs) :], convs, strict=True):
                state[f"_blocks.{index}.{conv}.weight"] = torch.randn_like(layer.weight)
                state |= _norm(f"_blocks.{index}.{norm}", layer.out_channels)
            index += 1
    assert index == BLOCKS[encoder.variant]
    return state


def _norm(name: str, channels: int) -> dict[str, torch.Tensor]:
    parts = ("weight", "bias", "running_mean", "running_var")
    return {f"{name}.{part}": torch.rand(channels) + 0.5 for part in parts}
