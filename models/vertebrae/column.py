"""ColumnNet: 68 corners of a spine at once; every hint reaches all seventeen vertebrae.

A convolutional encoder turns the picture into 128 tokens. A transformer mixes them with one query
for each corner and one token for each hint, so that a single hint can move the whole column; each
query is also told where plain reasoning (`expect`) would move its corner for these hints. Each
query then looks at a finer map of pixels and answers with a heat-map. What depends on the picture
alone (`encode`) is kept apart from what depends on the hints (`decode`): a drag costs a decode.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.vertebrae.attention import Attention, PositionCode
from models.vertebrae.chain import Told, read_column
from models.vertebrae.efficientnet_lite import EfficientNetLite
from models.vertebrae.familiar import Familiar
from models.vertebrae.hints import (
    CORNERS,
    POINTS,
    VERTEBRAE,
    Hints,
    counted,
    expect,
    heard,
    no_hints,
    read_hints,
)
from models.vertebrae.refiner import Refiner, RefinerConfig
from models.vertebrae.territory import Territory

TOKENS = 4  # strides of the finest map that one token spans
# What looks like a corner of any vertebra counts more when corners are read than while learning,
# and the course comes from blurred maps: on validation people -2 px, more levels told apart.
_TRUST = 2.0
_BLUR = 0.5


@dataclass(frozen=True)
class ColumnNetConfig:
    """Sizes of a ColumnNet.

    Args:
        rows: height of the network's frame; a multiple of 32.
        columns: width of the network's frame; a multiple of 32.
        encoder: which EfficientNet-Lite: 0, 1 or 2.
        stride: network pixels a cell of a heat-map, 4 or 8; a token spans four cells each way.
        width: channels of a token.
        heads: attention heads.
        image_layers: layers that see the picture alone.
        joint_layers: layers that see picture, corners and hints.
        pixel_width: channels of the fine map that the queries look at.
        bands: frequencies that tell a position.
        dropout: share of activations left out while training.
        refiner_size: side of the close-ups of a Refiner in pixels; 0 for none.
        refiner_width: its channels.
    """

    rows: int = 256
    columns: int = 128
    encoder: int = 0
    stride: int = 4
    width: int = 192
    heads: int = 6
    image_layers: int = 1
    joint_layers: int = 3
    pixel_width: int = 96
    bands: int = 16
    dropout: float = 0.0
    refiner_size: int = 0
    refiner_width: int = 16


class Features(NamedTuple):
    """What the picture alone decides.

    Tokens (B, T, width) and the code of their places, what finer maps at two strides and one stride
    of the heat-maps add to the way up, and the corners (B, 68, 2) that the network finds before a
    hand helps it, in network pixels. `advice` is where another network found them, in the same
    form; None where none was asked.
    """

    tokens: Tensor
    place: Tensor
    coarse: Tensor
    fine: Tensor
    first: Tensor
    advice: Tensor | None = None


class Expected(NamedTuple):
    """Corners (B, 68, 2) as plain reasoning expects them, where `there` (B, 1, 1) is true, and the
    vertebrae (B, 17) whose level the hints leave in no doubt.
    """

    points: Tensor
    there: Tensor
    counted: Tensor


class Decoded(NamedTuple):
    """An answer before it becomes points.

    Heat-map logits (B, 68, rows, columns), each query's own guess (B, 68, 2) from 0 to 1, how
    much each pixel looks like a corner of any vertebra (B, 4, rows, columns), and what hints, where
    there were any, made plain reasoning expect.
    """

    logits: Tensor
    guess: Tensor
    likeness: Tensor
    expected: Expected | None


def _token(*shape: int) -> nn.Parameter:
    return nn.Parameter(nn.init.normal_(torch.empty(shape), std=0.5))


def _fuse(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
        nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class Sharpen(nn.Module):
    """Looks at each pixel's surroundings once more and adds what it finds."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(width, width, 5, padding=2, groups=width, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, width, 1, bias=False),
            nn.BatchNorm2d(width),
        )
        last = self.layers[-1]
        assert isinstance(last, nn.BatchNorm2d)
        nn.init.zeros_(last.weight)

    def forward(self, image: Tensor) -> Tensor:
        """The sharpened map."""
        found: Tensor = self.layers(image)
        return image + found


def _joined(conv: nn.Module, image: Tensor, share: Tensor) -> Tensor:
    """A 1x1 convolution of a map at twice its size beside another one, of which the share is known.

    The other's channels come last. Both steps are linear, and the smaller map is quicker.
    """
    assert isinstance(conv, nn.Conv2d)
    weight = conv.weight[:, : image.shape[1]]
    return _double(F.conv2d(image, weight, conv.bias)) + share


def _share(conv: nn.Module, image: Tensor) -> Tensor:
    """What the map whose channels come last adds to a 1x1 convolution, without the bias."""
    assert isinstance(conv, nn.Conv2d)
    return F.conv2d(image, conv.weight[:, -image.shape[1] :])


def _double(image: Tensor) -> Tensor:
    return F.interpolate(image, scale_factor=2, mode="bilinear", align_corners=False)


class ColumnNet(nn.Module):
    """The network: `encode` a picture once, `decode` it for any set of hints."""

    def __init__(self, config: ColumnNetConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.encoder = EfficientNetLite(config.encoder)
        channels = self.encoder.channels
        self._finest = (4, 8).index(config.stride) + 1  # of the encoder's maps
        # A map beyond the tokens' stride, where the encoder has one.
        beyond = channels[self._finest + 3 :]
        self.to_tokens = nn.Conv2d(channels[self._finest + 2], width, 1)
        self.from_beyond = nn.Conv2d(beyond[0], width, 1) if beyond else None
        self.position = PositionCode(width, bands=config.bands)
        self.vertebra = _token(VERTEBRAE, 1, width)
        self.corner = _token(1, CORNERS, width)
        self.hint_kind = _token(width)
        self.expected_kind = nn.Parameter(torch.zeros(width))
        self.image_layers = self._layers(config.image_layers)
        self.joint_layers = self._layers(config.joint_layers)
        self.norm = nn.LayerNorm(width)
        self.to_coarse = _fuse(width + channels[self._finest + 1], 128)
        self.to_fine = _fuse(128 + channels[self._finest], config.pixel_width)
        self.sharpen = Sharpen(config.pixel_width)
        self.pixel = nn.Conv2d(config.pixel_width, config.pixel_width, 1)
        self.likeness = nn.Conv2d(config.pixel_width, CORNERS, 1)
        nn.init.zeros_(self.likeness.weight)
        self.look = nn.Linear(width, config.pixel_width)
        self.guess = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.Linear(width, 3))
        close_up = RefinerConfig(size=config.refiner_size, width=config.refiner_width)
        self.refiner = Refiner(close_up) if config.refiner_size else None
        # These come from files beside the weights.
        self.familiar: Familiar | None = None
        self.territory: Territory | None = None

    def _layers(self, count: int) -> nn.ModuleList:
        config = self.config
        return nn.ModuleList(
            Attention(config.width, heads=config.heads, dropout=config.dropout)
            for _ in range(count)
        )

    def encode(self, image: Tensor) -> Features:
        """Features of (B, 1, rows, columns) pictures scaled as (grey - 127) / 128."""
        fine, coarse, coarser, *beyond = self.encoder(image)[self._finest :]
        tokens = self.to_tokens(coarser)
        if self.from_beyond is not None:
            tokens = tokens + _double(self.from_beyond(beyond[0]))
        tokens = tokens.flatten(2).transpose(1, 2)  # B, T, width
        place = self._image_places(tokens)
        for layer in self.image_layers:
            tokens = layer(tokens, place)
        blank = torch.zeros(len(image), POINTS, 2, device=image.device)
        coarse, fine = _share(self.to_coarse[0], coarse), _share(self.to_fine[0], fine)
        features = Features(tokens, place, coarse, fine, blank)
        with torch.no_grad():
            alone = self.decode(features, no_hints(len(image), device=image.device))
            first, _ = self.coordinates(alone)
        return features._replace(first=first)

    def advised(self, features: Features, advice: Tensor) -> Features:
        """The same picture, told where another network found its corners.

        A network that counted otherwise is heard as the expectation of a hint would be.

        Args:
            advice: (B, 68, 2) network pixels.
        """
        told = features._replace(advice=advice)
        alone = self.decode(told, no_hints(len(advice), device=advice.device))
        return told._replace(first=self.coordinates(alone)[0])

    def decode(self, features: Features, hints: Hints, *, shift: Tensor | None = None) -> Decoded:
        """Heat-maps for the hints given; the answer depends on their set, not on their order.

        Args:
            shift: (B, H) levels that each hint moves the column by, where they are known better.
        """
        batch = features.tokens.shape[0]
        queries = (self.vertebra + self.corner).flatten(0, 1).expand(batch, -1, -1)
        expected = None
        if hints.mask.shape[1]:
            there = hints.mask.any(1)[:, None, None]
            with torch.no_grad():
                first, read = features.first, read_hints(features.first, hints, shift=shift)
            expected = Expected(
                expect(first, hints, read=read), there, counted(first, hints, read=read)
            )
            hints = heard(first, hints, expected.points, read=read)
            identity = self._pick(queries, hints.landmarks)
            queries = self._expecting(queries, expected)
            told = self.position(self._unit(hints.points)) + self.hint_kind
            told = told * hints.mask.unsqueeze(-1).to(told.dtype)
            spot = hints.landmarks.unsqueeze(-1).expand_as(told)
            queries = queries.scatter_add(1, spot, told.to(queries.dtype))
            queries = torch.cat([queries, identity + told], dim=1)
        elif features.advice is not None:
            every = torch.ones(batch, VERTEBRAE, device=queries.device, dtype=torch.bool)
            expected = Expected(features.advice, every[:, :1, None], every)
            queries = self._expecting(queries, expected)
        place = features.place
        tokens = torch.cat([features.tokens, queries.to(features.tokens.dtype)], dim=1)
        position = F.pad(place, (0, 0, 0, tokens.shape[1] - place.shape[1]))
        keep = self._keep(hints.mask, others=tokens.shape[1] - hints.mask.shape[1])
        for layer in self.joint_layers:
            tokens = layer(tokens, position, keep=keep)
        tokens = self.norm(tokens)
        seen = features.tokens.shape[1]
        corners = tokens[:, seen : seen + POINTS]
        return self._look(tokens[:, :seen], corners, features, expected)

    def _expecting(self, queries: Tensor, expected: Expected) -> Tensor:
        """Queries (B, 68, width), each told where its corner is expected."""
        code: Tensor = self.position(self._unit(expected.points)) + self.expected_kind
        return queries + code * expected.there.to(code.dtype)

    def forward(self, image: Tensor, hints: Hints) -> Decoded:
        """Encode and decode in one go."""
        return self.decode(self.encode(image), hints)

    def coordinates(self, decoded: Decoded) -> tuple[Tensor, Tensor]:
        """Positions (B, 68, 2) in network pixels, and one deviation (B, 68).

        The maps are read as one column. The deviation is of each whole map about its corner, so
        that doubt about the count shows.
        """
        logits, expected = decoded.logits, decoded.expected
        stride = self.config.rows / logits.shape[-2]
        course = (self.expectation(_BLUR * logits) + 0.5) / stride - 0.5
        told = expected and Told((expected.points + 0.5) / stride - 0.5, expected.counted)
        points = (read_column(logits, course, told=told) + 0.5) * stride - 0.5
        by_row, by_column = self._margins(logits)
        row, column = self._axes(logits)
        variance = (by_row * (row - points[..., :1]) ** 2).sum(-1)
        variance = variance + (by_column * (column - points[..., 1:]) ** 2).sum(-1)
        return points, variance.clamp_min(0).sqrt()

    def expectation(self, logits: Tensor) -> Tensor:
        """The mean position (B, 68, 2) of each whole map in network pixels; gradients flow."""
        row, column = self._axes(logits)
        by_row, by_column = self._margins(logits)
        return torch.stack([(by_row * row).sum(-1), (by_column * column).sum(-1)], dim=-1)

    @staticmethod
    def _margins(logits: Tensor) -> tuple[Tensor, Tensor]:
        chance = logits.float().flatten(2).softmax(-1).view(logits.shape)
        return chance.sum(-1), chance.sum(-2)

    def _look(
        self, seen: Tensor, queries: Tensor, features: Features, expected: Expected | None
    ) -> Decoded:
        batch, _, width = seen.shape
        rows = self.config.rows // (TOKENS * self.config.stride)
        image = seen.transpose(1, 2).reshape(batch, width, rows, -1)
        image = self.to_coarse[1:](_joined(self.to_coarse[0], image, features.coarse))
        image = self.to_fine[1:](_joined(self.to_fine[0], image, features.fine))
        image = self.sharpen(image)
        with torch.autocast(image.device.type, enabled=False):  # eight bits are too few for logits
            scores, likeness = self._scored(self.look(queries.float()), image.float())
        weight = 1.0 if self.training else _TRUST
        scores = (scores + weight * likeness.unsqueeze(1)).flatten(1, 2)
        guess = self.guess(queries).float()
        centre = guess[..., :2]
        if expected is not None:
            inside = self._unit(expected.points).clamp(0.01, 0.99)
            centre = centre + inside.logit() * expected.there
        centre = centre.sigmoid()
        near = self._near(centre, guess[..., 2], like=scores)
        return Decoded(scores + near, centre, likeness, expected)

    def _scored(self, keys: Tensor, image: Tensor) -> tuple[Tensor, Tensor]:
        """How well each pixel of a map answers each query, (B, 17, 4, rows, columns), and how much
        it looks like a corner of any vertebra, (B, 4, rows, columns).
        """
        batch, _, rows, columns = image.shape
        keys = keys / math.sqrt(self.config.pixel_width)
        weight, bias, offset = self.pixel.weight.flatten(1), self.pixel.bias, self.likeness.bias
        assert bias is not None and offset is not None  # noqa: PT018
        likely = self.likeness.weight.flatten(1).expand(batch, -1, -1)
        # A query asks pixels through one more layer, which is quicker to put before the pixels.
        seen = torch.cat([keys @ weight, likely], dim=1) @ image.flatten(2)
        seen = seen.view(batch, VERTEBRAE + 1, CORNERS, rows, columns)
        scores = seen[:, :-1] + (keys @ bias).view(batch, VERTEBRAE, CORNERS, 1, 1)
        return scores, seen[:, -1] + offset[:, None, None]

    def _near(self, centre: Tensor, sharpness: Tensor, *, like: Tensor) -> Tensor:
        """Logits of a round bump at each query's guess; `sharpness` is learnt."""
        rows, columns = self._axes(like)
        height = self.config.rows
        down = (rows / height - centre[..., :1]) ** 2
        across = (columns / height - centre[..., 1:] * self.config.columns / height) ** 2
        weight = 50.0 * F.softplus(sharpness)[..., None, None]
        return -weight * (down.unsqueeze(-1) + across.unsqueeze(-2))

    def _axes(self, maps: Tensor) -> tuple[Tensor, Tensor]:
        """Network pixels of the rows and columns of a heat-map."""
        stride = self.config.rows / maps.shape[-2]
        rows = (torch.arange(maps.shape[-2], device=maps.device) + 0.5) * stride - 0.5
        columns = (torch.arange(maps.shape[-1], device=maps.device) + 0.5) * stride - 0.5
        return rows, columns

    def _unit(self, points: Tensor) -> Tensor:
        size = torch.tensor([self.config.rows, self.config.columns], device=points.device)
        return (points + 0.5) / size

    def _image_places(self, tokens: Tensor) -> Tensor:
        span = TOKENS * self.config.stride
        rows, columns = self.config.rows // span, self.config.columns // span
        down = (torch.arange(rows, device=tokens.device) + 0.5) / rows
        across = (torch.arange(columns, device=tokens.device) + 0.5) / columns
        grid = torch.stack(torch.meshgrid(down, across, indexing="ij"), dim=-1)
        code: Tensor = self.position(grid.flatten(0, 1)).unsqueeze(0)
        return code

    @staticmethod
    def _pick(queries: Tensor, index: Tensor) -> Tensor:
        return queries.gather(1, index.unsqueeze(-1).expand(-1, -1, queries.shape[-1]))

    def _keep(self, mask: Tensor, *, others: int) -> Tensor | None:
        if mask.shape[1] == 0 or (not self.training and bool(mask.all())):
            return None
        return F.pad(mask, (others, 0), value=True)[:, None, None, :]
