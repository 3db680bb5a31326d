"""Convolutions whose weights lie in memory as oneDNN reads them, for maps of one size.

torch lays a convolution's weights out anew at each call, for which many channels over few places
take longer than they compute. It offers no public way to keep them so; what its own compiler calls
is used where it is there.
"""

from __future__ import annotations

import platform

import torch
from torch import Tensor, nn

_OPS = torch.ops.mkldnn
_NEEDED = ("_reorder_convolution_weight", "_convolution_pointwise")
_MACHINES = ("x86_64", "AMD64")  # measured on no other


class PackedConv2d(nn.Module):
    """A convolution as `packed` makes it."""

    def __init__(self, conv: nn.Conv2d, *, size: tuple[int, int]) -> None:
        super().__init__()
        self.bias = conv.bias
        padding = [int(by) for by in conv.padding]
        self._how = (padding, list(conv.stride), list(conv.dilation), conv.groups)
        shape = [1, conv.in_channels, *size]
        self._weight = _OPS._reorder_convolution_weight(conv.weight, *self._how, shape)

    def forward(self, maps: Tensor) -> Tensor:
        """What the convolution itself gives; best on maps of the size it was packed for."""
        convolved: Tensor = _OPS._convolution_pointwise(
            maps, self._weight, self.bias, *self._how, "none", [], ""
        )
        return convolved


def packed(conv: nn.Conv2d, *, size: tuple[int, int]) -> nn.Module:
    """The convolution with its weights packed for maps of so many rows and columns.

    It comes back as it is where packing is not to be had: another device or number format than
    float32 on an x86-64 processor, or a torch without it.
    """
    weight = conv.weight
    can = weight.device.type == "cpu" and weight.dtype == torch.float32
    there: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    there = there and all(hasattr(_OPS, name) for name in _NEEDED)
    return PackedConv2d(conv, size=size) if can and there and _is_known_machine() else conv


def pack_inside(module: nn.Module, *, size: tuple[int, int]) -> None:
    """Pack, in place, every convolution within a module that works at one size."""
    for part in list(module.modules()):
        for name, layer in list(part.named_children()):
            if isinstance(layer, nn.Conv2d):
                setattr(part, name, packed(layer, size=size))


def _is_known_machine() -> bool:
    return platform.machine() in _MACHINES
