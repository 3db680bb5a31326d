"""HRNet-W32, the trunk: maps at four resolutions side by side that inform one another.

"Deep High-Resolution Representation Learning for Visual Recognition" (Wang et al. 2020), without
its stem, which the hint fusion layer holds. Parameter names are those of the published files.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.vertebrae.interaction import halved, same

BRANCHES = 4
_BLOCKS = 4  # in each branch of a module, and in layer1
_EXPANSION = 4  # of a bottleneck
_MODULES = {2: 1, 3: 4, 4: 3}  # how often the resolutions exchange, by stage


class Seen(NamedTuple):
    """Features at a quarter of the film: of the first layer, and of all resolutions together."""

    early: Tensor  # (B, 4 * stem, rows / 4, columns / 4)
    all: Tensor  # (B, 15 * width, rows / 4, columns / 4)


class Bottleneck(nn.Module):
    """1x1, 3x3, 1x1 convolutions beside a shortcut."""

    def __init__(self, inputs: int, planes: int) -> None:
        super().__init__()
        outputs = _EXPANSION * planes
        self.conv1 = nn.Conv2d(inputs, planes, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.conv3 = nn.Conv2d(planes, outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.downsample = _narrowed(inputs, outputs) if inputs != outputs else None

    def forward(self, features: Tensor) -> Tensor:
        """Features of the same size, 4 * planes channels."""
        kept = features if self.downsample is None else self.downsample(features)
        found = F.relu(self.bn1(self.conv1(features)))
        found = F.relu(self.bn2(self.conv2(found)))
        return F.relu(self.bn3(self.conv3(found)) + kept)


class BasicBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = same(channels, channels)
        self.conv2, self.bn2 = same(channels, channels)

    def forward(self, features: Tensor) -> Tensor:
        """Features of the same shape."""
        found = F.relu(self.bn1(self.conv1(features)))
        return F.relu(self.bn2(self.conv2(found)) + features)


def _narrowed(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs))


def _lowered(channels: list[int], source: int, target: int) -> nn.Sequential:
    """From a resolution to a coarser one, by halves; the last one brings the other channels."""
    steps = [
        nn.Sequential(*halved(channels[source], channels[source]), nn.ReLU())
        for _ in range(target - source - 1)
    ]
    return nn.Sequential(*steps, nn.Sequential(*halved(channels[source], channels[target])))


class Exchange(nn.Module):
    """Blocks at each resolution; then each takes up what all the others found."""

    def __init__(self, channels: list[int]) -> None:
        super().__init__()
        self.branches = nn.ModuleList(
            nn.Sequential(*(BasicBlock(wide) for _ in range(_BLOCKS))) for wide in channels
        )
        self.fuse_layers = nn.ModuleList(
            nn.ModuleList(self._link(channels, source, target) for source in range(len(channels)))
            for target in range(len(channels))
        )

    @staticmethod
    def _link(channels: list[int], source: int, target: int) -> nn.Module:
        if source == target:
            return nn.Identity()
        if source < target:
            return _lowered(channels, source, target)
        return _narrowed(channels[source], channels[target])

    def forward(self, maps: list[Tensor]) -> list[Tensor]:
        """A map for each resolution, finest first."""
        own = [branch(each) for branch, each in zip(self.branches, maps, strict=True)]
        fused = []
        for links, like in zip(self.fuse_layers, own, strict=True):
            assert isinstance(links, nn.ModuleList)
            told = [_sized(link(each), like=like) for link, each in zip(links, own, strict=True)]
            fused.append(F.relu(torch.stack(told).sum(0)))
        return fused


def _sized(features: Tensor, *, like: Tensor) -> Tensor:
    size = like.shape[-2:]
    if features.shape[-2:] == size:
        return features
    return F.interpolate(features, size=size, mode="bilinear", align_corners=True)


class HRNet(nn.Module):
    """The trunk.

    Args:
        width: channels at the finest resolution; twice as many at each coarser one.
        stem: channels that come in.
    """

    def __init__(self, width: int, *, stem: int) -> None:
        super().__init__()
        channels = [width * 2**level for level in range(BRANCHES)]
        early = _EXPANSION * stem
        inputs = [stem] + [early] * (_BLOCKS - 1)
        self.layer1 = nn.Sequential(*(Bottleneck(each, stem) for each in inputs))
        self.transition1 = nn.ModuleList(
            [
                nn.Sequential(*same(early, channels[0]), nn.ReLU()),
                _coarser(early, channels[1]),
            ]
        )
        self.stage2 = _stage(2, channels)
        self.transition2 = _transition(channels, level=2)
        self.stage3 = _stage(3, channels)
        self.transition3 = _transition(channels, level=3)
        self.stage4 = _stage(4, channels)

    def forward(self, fused: Tensor) -> Seen:
        """Features of (B, stem, rows / 4, columns / 4); rows and columns are multiples of 32."""
        early = self.layer1(fused)
        maps = self.stage2([step(early) for step in self.transition1])
        maps = self.stage3([*maps, self.transition2[-1](maps[-1])])
        maps = self.stage4([*maps, self.transition3[-1](maps[-1])])
        return Seen(early, torch.cat([_sized(each, like=maps[0]) for each in maps], dim=1))


def _stage(number: int, channels: list[int]) -> nn.Sequential:
    return nn.Sequential(*(Exchange(channels[:number]) for _ in range(_MODULES[number])))


def _coarser(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Sequential(*halved(inputs, outputs), nn.ReLU()))


def _transition(channels: list[int], *, level: int) -> nn.ModuleList:
    """Resolutions that are there stay as they are; a coarser one begins."""
    kept = [nn.Identity() for _ in range(level)]
    return nn.ModuleList([*kept, _coarser(channels[level - 1], channels[level])])
