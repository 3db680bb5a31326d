"""How a space-time U-Net begins before it has learned anything."""

from __future__ import annotations

from enum import StrEnum

from torch import nn

from models.implant.attention import SpaceTimeAttention
from models.implant.pseudo_conv import PseudoConv3d
from models.implant.residual import ResidualBlock
from models.implant.space_time_unet import SpaceTimeUNet

_FAITHFUL_GAIN = 0.02


class Beginning(StrEnum):
    """A choice of first weights."""

    FAITHFUL = "faithful"  # as the published trainer leaves it: Xavier, gain 0.02, everywhere
    IMPROVED = "improved"  # every block the identity, every frame alone; says no noise


def initialise(network: SpaceTimeUNet, beginning: Beginning) -> None:
    """Set the first weights, drawn from torch's own generator."""
    for module in network.modules():
        if isinstance(module, nn.Conv1d | nn.Conv2d | nn.Conv3d | nn.Linear):
            if beginning is Beginning.FAITHFUL:
                _shrink(module)
            else:
                module.reset_parameters()
        elif isinstance(module, nn.Embedding):
            module.reset_parameters()
    if beginning is Beginning.IMPROVED:
        _make_identity(network)


def _shrink(layer: nn.Conv1d | nn.Conv2d | nn.Conv3d | nn.Linear) -> None:
    nn.init.xavier_normal_(layer.weight, gain=_FAITHFUL_GAIN)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)


def _make_identity(network: SpaceTimeUNet) -> None:
    for module in network.modules():
        if isinstance(module, PseudoConv3d) and module.temporal_conv is not None:
            nn.init.dirac_(module.temporal_conv.weight)
            _zero_bias(module.temporal_conv)
        elif isinstance(module, ResidualBlock):
            _silence(module.out_layers[3])
        elif isinstance(module, SpaceTimeAttention):
            nn.init.zeros_(module.spatial_attn.to_out.weight)
            nn.init.zeros_(module.temporal_attn.to_out.weight)
            _zero_weight(module.ff.proj_out[1])
            nn.init.zeros_(module.temporal_pos_embedding.weight)
    _silence(network.out[2])


def _silence(conv: nn.Module) -> None:
    assert isinstance(conv, PseudoConv3d)
    nn.init.zeros_(conv.spatial_conv.weight)
    _zero_bias(conv.spatial_conv)


def _zero_weight(layer: nn.Module) -> None:
    assert isinstance(layer, nn.Conv3d)
    nn.init.zeros_(layer.weight)


def _zero_bias(conv: nn.Conv1d | nn.Conv2d) -> None:
    assert conv.bias is not None
    nn.init.zeros_(conv.bias)
