"""Sees every vertebra of a column from close by and places its corners; hints are heard by all.

A small U-Net looks at each close-up. At its coarsest scale each vertebra becomes one token, told
its level and where a hand put its corners; the tokens of a column talk to one another, so that what
a hand shows at one vertebra is known at the others, and a vertebra that is hard to see leans on
its neighbours. Pixels are as the picture alone decides, and seen once; what a hand tells only says
where corners are roughly, and what to look for among the pixels: a drag costs little.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

CORNERS = 4
LEVELS = 17


@dataclass(frozen=True)
class RefinerConfig:
    """Sizes of a Refiner.

    Args:
        size: side of a crop in pixels; a multiple of 16.
        width: channels at half size; three, six and eight times below.
        layers: of the talk between vertebrae.
        heads: of its attention.
    """

    size: int = 96
    width: int = 16
    layers: int = 2
    heads: int = 4


class Seen(NamedTuple):
    """What each of N close-ups alone decides, whatever a hand tells.

    Args:
        token: (N, token) its coarsest map on the average.
        begun: the way up at 1/8 of the size before its first activation, less talk and hints.
        pixels: (N, keys, size/2, size/2) what corners are looked for in.
    """

    token: Tensor
    begun: Tensor
    pixels: Tensor


class Told(NamedTuple):
    """Where a hand put corners: (B, n, 4, 2) crop pixels, and (B, n, 4) which are meant."""

    points: Tensor
    mask: Tensor


def nothing_told(batch: int, vertebrae: int, *, device: torch.device | None = None) -> Told:
    """No hint at any corner."""
    mask = torch.zeros(batch, vertebrae, CORNERS, dtype=torch.bool, device=device)
    return Told(torch.zeros(*mask.shape, 2, device=device), mask)


def _conv(inputs: int, outputs: int, *, stride: int = 1, kernel: int = 3) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


def _up(image: Tensor) -> Tensor:
    return F.interpolate(image, scale_factor=2, mode="bilinear", align_corners=False)


class Refiner(nn.Module):
    """Crops (B, n, 1, size, size) to heat-map logits (B, n, 4, size/2, size/2)."""

    def __init__(self, config: RefinerConfig) -> None:
        super().__init__()
        self.config = config
        w = config.width
        widths = (w, 3 * w, 6 * w, 8 * w)  # at 1/2, 1/4, 1/8 and 1/16
        self.stem = nn.Sequential(_conv(1, w, stride=2, kernel=5), _conv(w, w))
        self.down = nn.ModuleList(
            nn.Sequential(_conv(a, b, stride=2), _conv(b, b)) for a, b in itertools.pairwise(widths)
        )
        token, keys = widths[-1], 2 * w
        self.level = nn.Embedding(LEVELS, token)
        self.hint = nn.Sequential(nn.Linear(3 * CORNERS, token), nn.GELU(), nn.Linear(token, token))
        layer = nn.TransformerEncoderLayer(
            token, config.heads, 2 * token, 0.0, "gelu", batch_first=True, norm_first=True
        )
        self.talk = nn.TransformerEncoder(layer, config.layers, enable_nested_tensor=False)
        self.spread = nn.Linear(token, token)
        self.hint_map = nn.Conv2d(CORNERS, widths[2], 1, bias=False)
        self.narrow = nn.Conv2d(token, widths[2], 1)
        self.up = _conv(widths[2], widths[2])
        self.rough = nn.Sequential(
            _conv(widths[2], keys), nn.Conv2d(keys, 4 * CORNERS, 1), nn.PixelShuffle(2)
        )
        self.fine = nn.ModuleList(
            (_conv(widths[2], widths[1]), _conv(widths[1], keys), _conv(keys, keys))
        )
        self.lift = nn.Conv2d(w, keys, 1)
        self.pixel = nn.Conv2d(keys, keys, 1)
        self.look = nn.Linear(token, CORNERS * keys)
        self.thirds: Tensor
        self.register_buffer("thirds", _thirds(config.size // 8), persistent=False)

    @property
    def _up_conv(self) -> nn.Conv2d:
        """The convolution that the way up begins with."""
        conv = self.up[0]
        assert isinstance(conv, nn.Conv2d)
        return conv

    @staticmethod
    def normalised(crops: Tensor) -> Tensor:
        """Grey values of each crop with mean 0 and deviation 1: films differ most in light."""
        flat = crops.flatten(-3)
        deviation = flat.std(-1).clamp_min(1.0)
        return (crops - flat.mean(-1)[..., None, None, None]) / deviation[..., None, None, None]

    def forward(self, crops: Tensor, levels: Tensor, told: Told) -> Tensor:
        """Heat-map logits of `normalised` crops at (B, n) levels, for what a hand told."""
        return self.place(self.see(crops.flatten(0, 1)), levels, told)

    def see(self, crops: Tensor) -> Seen:
        """What each of (N, 1, size, size) crops alone decides.

        The way up begins with the convolution of a sum: most of it is the crop's own, once for all.
        """
        half = self.stem(crops)
        quarter = self.down[0](half)
        eighth = self.down[1](quarter)
        coarsest = self.down[2](eighth)
        wide = _up(self.narrow(coarsest)) + eighth
        image = self.fine[1](_up(self.fine[0](wide)) + quarter)
        image = self.fine[2](_up(image) + self.lift(half))
        return Seen(coarsest.mean((-1, -2)), self._up_conv(wide), self.pixel(image))

    def place(self, seen: Seen, levels: Tensor, told: Told) -> Tensor:
        """Heat-map logits from what was seen, crop after crop, at (B, n) levels.

        Where each corner may be is found roughly from talk and hints; each then looks for what it
        is like among the pixels, as its vertebra knows itself after the talk.
        """
        batch, count = levels.shape
        talk = self._talk(seen.token, levels, told)
        image = self._with_talk(seen.begun, self.spread(talk))
        rough = _up(self.rough(self.up[1:](self._with_hints(image, told))))
        keys = self.look(talk).view(len(talk), CORNERS, -1) / math.sqrt(seen.pixels.shape[1])
        with torch.autocast(rough.device.type, enabled=False):  # eight bits are too few for logits
            pixels = seen.pixels.flatten(2).float()
            logits = torch.baddbmm(rough.flatten(2).float(), keys.float(), pixels)
        return logits.view(batch, count, *rough.shape[1:])

    def coordinates(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        """Expected corners (..., 4, 2) in crop pixels and their spread (..., 4), one deviation."""
        cells = torch.arange(logits.shape[-1], device=logits.device, dtype=torch.float32)
        place = (cells + 0.5) * (self.config.size / logits.shape[-1]) - 0.5
        chance = logits.float().flatten(-2).softmax(-1).view(logits.shape)
        means, variance = [], torch.zeros(logits.shape[:-2], device=logits.device)
        for axis in (-1, -2):
            along = chance.sum(axis)
            mean = along @ place
            means.append(mean)
            variance = variance + along @ place**2 - mean**2
        return torch.stack(means, dim=-1), variance.clamp_min(0).sqrt()

    def _talk(self, token: Tensor, levels: Tensor, told: Told) -> Tensor:
        """What each vertebra knows after all have talked, (B * n, token)."""
        unit = 2 * (told.points + 0.5) / self.config.size - 1
        known = told.mask.unsqueeze(-1).to(unit.dtype)
        heard = self.hint(torch.cat([unit * known, known], dim=-1).flatten(2))
        tokens = token.view(*levels.shape, -1) + self.level(levels) + heard
        mixed: Tensor = self.talk(tokens).flatten(0, 1)
        return mixed

    def _with_talk(self, begun: Tensor, talk: Tensor) -> Tensor:
        """The first step up with what the talk adds: the same all over, but at the edges."""
        even = F.linear(talk, self.narrow.weight.flatten(1))[..., None, None]
        thirds = F.conv2d(even.expand(-1, -1, 3, 3), self._up_conv.weight, padding=1)
        places = self.thirds.type_as(thirds).expand(len(begun), -1, -1)
        flat, added = (part.flatten(2).transpose(1, 2) for part in (begun, thirds))
        return torch.baddbmm(flat, places, added).transpose(1, 2).view(begun.shape)

    def _with_hints(self, image: Tensor, told: Told) -> Tensor:
        """The first step up with the hints of each close-up as round spots, one cell wide."""
        shown = told.mask.flatten(0, 1).any(-1).nonzero().flatten()
        points, mask = told.points.flatten(0, 1)[shown].float(), told.mask.flatten(0, 1)[shown]
        side = image.shape[-1]
        cells = torch.arange(side, device=image.device, dtype=torch.float32)
        centre = (points + 0.5) * (side / self.config.size) - 0.5
        bell = torch.exp(-0.5 * (cells - centre.unsqueeze(-1)) ** 2)  # hinted, 4, 2, side
        spots = bell[:, :, 0].unsqueeze(-1) * bell[:, :, 1].unsqueeze(-2) * mask[..., None, None]
        weight = torch.einsum(
            "oikl,ic->ockl", self._up_conv.weight, self.hint_map.weight.flatten(1)
        )
        return image.index_add_(0, shown, F.conv2d(spots.to(weight.dtype), weight, padding=1))


def _thirds(side: int) -> Tensor:
    """Which of 3 x 3 places each of side x side is like: corners, edges, all between; one-hot."""
    along = torch.ones(side, dtype=torch.long, device="cpu")
    along[0], along[-1] = 0, 2
    place = 3 * along.unsqueeze(1) + along
    return F.one_hot(place.flatten(), 9).float()
