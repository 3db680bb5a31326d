"""The space-time diffusion U-Net of the implant task: a clip and its noise level in, noise out.

The U-Net of "Diffusion Autoencoders" (2022) with convolutions and attention taken apart into space
and time. Parameter names and shapes are those of the published checkpoints.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from domain.implant import CLIP as CLIP
from models.diffusion.prediction import Predicts
from models.implant.attention import SpaceTimeAttention
from models.implant.pseudo_conv import PseudoConv3d
from models.implant.residual import GroupNorm, Resampling, ResidualBlock

_LONGEST_PERIOD = 10_000.0


@dataclass(frozen=True)
class SpaceTimeUNetConfig:
    """Which variant of the network; as it stands the published one.

    Args:
        width: channels at the finest level.
        multipliers: channels at each level, over `width`; each level has half the rows.
        blocks: residual blocks of a level on the way down; one more on the way up.
        embedding: length of the vector that tells the noise level.
        attention: rows of the levels that attend, as the network's inside counts them.
        heads: of attention.
        dropout: in the residual blocks, while training.
        side: rows and columns of a frame.
        frames: frames of a study that have a learned map of their own.
        unshuffle: pixels of a square, so wide, become channels of one place inside the network.
        predicts: what the network was taught to say of a noised clip.
    """

    width: int = 64
    multipliers: tuple[int, ...] = (1, 2, 2, 4)
    blocks: int = 2
    embedding: int = 512
    attention: tuple[int, ...] = (32, 16)
    heads: int = 4
    dropout: float = 0.1
    side: int = 128
    frames: int = 16
    unshuffle: int = 1
    predicts: Predicts = Predicts.EPS

    def __post_init__(self) -> None:
        object.__setattr__(self, "predicts", Predicts(self.predicts))
        object.__setattr__(self, "multipliers", tuple(self.multipliers))  # JSON knows lists alone
        object.__setattr__(self, "attention", tuple(self.attention))
        for name in ("width", "blocks", "embedding", "heads", "side", "frames", "unshuffle"):
            if getattr(self, name) < 1:
                msg = f"{name} must be 1 or more, not {getattr(self, name)}"
                raise ValueError(msg)
        if min(self.multipliers, default=0) < 1:
            msg = f"multipliers must be 1 or more, not {self.multipliers}"
            raise ValueError(msg)
        if any(channels % self.heads for channels in self.channels):
            msg = f"width {self.width} cannot be shared between {self.heads} heads"
            raise ValueError(msg)
        if self.side % (self.unshuffle * 2 ** (len(self.multipliers) - 1)):
            msg = f"side {self.side} cannot be halved {len(self.multipliers) - 1} times"
            raise ValueError(msg)

    @property
    def channels(self) -> tuple[int, ...]:
        """Channels at each level, the finest first."""
        return tuple(self.width * each for each in self.multipliers)

    @property
    def sides(self) -> tuple[int, ...]:
        """Rows at each level, the finest first."""
        return tuple(
            self.side // (self.unshuffle * 2**level) for level in range(len(self.multipliers))
        )


class Stage(nn.ModuleList):
    """Layers one after the other, each told what it needs to know."""

    def forward(self, maps: Tensor, level: Tensor, start: Tensor) -> Tensor:
        """Maps after the last layer."""
        for layer in self:
            if isinstance(layer, ResidualBlock):
                maps = layer(maps, level)
            elif isinstance(layer, SpaceTimeAttention):
                maps = layer(maps, start)
            else:
                maps = layer(maps)
        return maps


class SpaceTimeUNet(nn.Module):
    """The network of the implant task, in the published size or another."""

    def __init__(self, config: SpaceTimeUNetConfig) -> None:
        super().__init__()
        self.config = config
        pixels = config.unshuffle**2
        self.time_embed = nn.Sequential(
            nn.Linear(config.width, config.embedding),
            nn.SiLU(),
            nn.Linear(config.embedding, config.embedding),
        )
        stem = Stage([PseudoConv3d(pixels, config.channels[0])])
        down, laterals = _down(config)
        self.input_blocks = nn.ModuleList([stem, *down])
        deepest, side = config.channels[-1], config.sides[-1]
        self.middle_block = Stage(
            [
                _residual(config, deepest, deepest),
                _attention(config, deepest, side=side),
                _residual(config, deepest, deepest),
            ]
        )
        self.output_blocks = nn.ModuleList(_up(config, laterals))
        self.out = nn.Sequential(
            GroupNorm(config.channels[0]), nn.SiLU(), PseudoConv3d(config.channels[0], 2 * pixels)
        )

    def forward(self, clips: Tensor, level: Tensor, start: Tensor) -> Tensor:
        """(B, 2, F, side, side): what it predicts, and where the variance lies between its bounds.

        Args:
            clips: (B, 1, F, side, side), frames one after the other, scaled to [-1, 1] and noised.
            level: (B,) noise level of each clip.
            start: (B,) which frame of its study each clip begins with.
        """
        told = self.time_embed(level_waves(level, self.config.width, dtype=clips.dtype))
        maps = _unshuffled(clips, self.config.unshuffle)
        laterals = []
        for stage in self.input_blocks:
            maps = stage(maps, told, start)
            laterals.append(maps)
        maps = self.middle_block(maps, told, start)
        for stage in self.output_blocks:
            maps = stage(torch.cat([maps, laterals.pop()], dim=1), told, start)
        return _shuffled(self.out(maps), self.config.unshuffle)


def _residual(
    config: SpaceTimeUNetConfig, inputs: int, outputs: int, *, resampling: Resampling | None = None
) -> ResidualBlock:
    return ResidualBlock(
        inputs,
        outputs,
        embedding=config.embedding,
        dropout=config.dropout,
        resampling=resampling,
    )


def _attention(config: SpaceTimeUNetConfig, channels: int, *, side: int) -> SpaceTimeAttention:
    return SpaceTimeAttention(channels, heads=config.heads, frames=config.frames, side=side)


def _down(config: SpaceTimeUNetConfig) -> tuple[list[Stage], list[int]]:
    """The way down, and the channels of all that the way up will join, the stem's first."""
    stages, laterals, now = [], [config.channels[0]], config.channels[0]
    for depth, (channels, side) in enumerate(zip(config.channels, config.sides, strict=True)):
        if depth:
            stages.append(Stage([_residual(config, now, now, resampling="down")]))
            laterals.append(now)
        for number in range(config.blocks):
            stage = Stage([_residual(config, now, channels)])
            if side in config.attention and number == config.blocks - 1:
                stage.append(_attention(config, channels, side=side))
            stages.append(stage)
            laterals.append(channels)
            now = channels
    return stages, laterals


def _up(config: SpaceTimeUNetConfig, laterals: Iterable[int]) -> list[Stage]:
    stages, lateral, now = [], list(laterals), config.channels[-1]
    levels = list(zip(config.channels, config.sides, strict=True))
    for depth in reversed(range(len(levels))):
        channels, side = levels[depth]
        for number in range(config.blocks + 1):
            stage = Stage([_residual(config, now + lateral.pop(), channels)])
            if side in config.attention and number == config.blocks - 1:
                stage.append(_attention(config, channels, side=side))
            if depth and number == config.blocks:
                stage.append(_residual(config, channels, channels, resampling="up"))
            stages.append(stage)
            now = channels
    return stages


def level_waves(level: Tensor, length: int, *, dtype: torch.dtype = torch.float32) -> Tensor:
    """(B, length) cosines, then sines, of each level at falling frequencies."""
    half, wide = length // 2, torch.promote_types(dtype, torch.float32)
    places = torch.arange(half, dtype=wide, device=level.device)
    frequencies = torch.exp(-math.log(_LONGEST_PERIOD) * places / half)
    angles = level[:, None].to(wide) * frequencies
    waves = torch.cat([angles.cos(), angles.sin()], dim=1).to(dtype)
    return F.pad(waves, (0, length % 2))


def _unshuffled(clips: Tensor, by: int) -> Tensor:
    """(B, C, F, H, W) to (B, C * by * by, F, H / by, W / by)."""
    return F.pixel_unshuffle(clips.transpose(1, 2), by).transpose(1, 2) if by > 1 else clips


def _shuffled(maps: Tensor, by: int) -> Tensor:
    return F.pixel_shuffle(maps.transpose(1, 2), by).transpose(1, 2) if by > 1 else maps


def config_from_state(state: Mapping[str, Tensor]) -> SpaceTimeUNetConfig:
    """The variant that a state dict belongs to, by its sizes; the rest is taken as published.

    Raises:
        KeyError: the state has no stem, no middle or no time embedding.
        ValueError: its sizes fit no variant.
    """
    published = SpaceTimeUNetConfig()
    width, pixels = state["input_blocks.0.0.spatial_conv.weight"].shape[:2]
    frames, places = state["middle_block.1.temporal_pos_embedding.weight"].shape
    unshuffle = math.isqrt(pixels)
    return SpaceTimeUNetConfig(
        width=width,
        embedding=state["time_embed.0.weight"].shape[0],
        heads=state["middle_block.1.spatial_rel_pos_bias.net.2.weight"].shape[0],
        side=math.isqrt(places) * unshuffle * 2 ** (len(published.multipliers) - 1),
        frames=frames,
        unshuffle=unshuffle,
    )
