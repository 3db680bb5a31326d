"""A plain autoencoder, and the three networks of f-AnoGAN, for pictures of SIDE x SIDE.

f-AnoGAN: Schlegl et al. 2019, "f-AnoGAN: Fast unsupervised anomaly detection with generative
adversarial networks", Medical Image Analysis 54. Written anew, smaller.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from domain.implant import SIDE

WIDTHS = 16, 32, 64, 64
"""Channels at a half, a quarter, an eighth and a sixteenth of the side."""
LATENT = 128
_LEAST = SIDE // 2 ** len(WIDTHS)  # rows and columns of the smallest map
_GROUPS = 8
_LEAK = 0.2


class Encoder(nn.Module):
    """(B, 1, SIDE, SIDE) -> (B, LATENT)."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, after in pairwise((1, *WIDTHS)):
            layers += [nn.Conv2d(before, after, 4, 2, 1), nn.GroupNorm(_GROUPS, after), nn.SiLU()]
        self.down = nn.Sequential(*layers)
        self.last = nn.Linear(WIDTHS[-1] * _LEAST**2, LATENT)

    def forward(self, x: Tensor) -> Tensor:
        """The place of each picture in the latent space."""
        said: Tensor = self.last(self.down(x).flatten(1))
        return said


class Generator(nn.Module):
    """(B, LATENT) -> (B, 1, SIDE, SIDE), from -1 to 1."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(LATENT, WIDTHS[-1] * _LEAST**2)
        layers: list[nn.Module] = [nn.GroupNorm(_GROUPS, WIDTHS[-1]), nn.SiLU()]
        for before, after in pairwise(WIDTHS[::-1]):
            layers += [
                nn.Upsample(scale_factor=2),
                nn.Conv2d(before, after, 3, padding=1),
                nn.GroupNorm(_GROUPS, after),
                nn.SiLU(),
            ]
        self.up = nn.Sequential(*layers, nn.Conv2d(WIDTHS[0], 4, 3, padding=1), nn.PixelShuffle(2))

    def forward(self, z: Tensor) -> Tensor:
        """A picture for each place."""
        small = self.first(z).unflatten(1, (WIDTHS[-1], _LEAST, _LEAST))
        return torch.tanh(self.up(small))


class Critic(nn.Module):
    """How real pictures look, and by what.

    No layer mixes pictures: the gradient penalty is each picture's own.
    """

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, after in pairwise((1, *WIDTHS)):
            layers += [nn.Conv2d(before, after, 4, 2, 1), nn.LeakyReLU(_LEAK)]
        self.down = nn.Sequential(*layers)
        self.last = nn.Linear(WIDTHS[-1] * _LEAST**2, 1)

    def features(self, x: Tensor) -> Tensor:
        """(B, C, rows, columns) what the verdict rests on."""
        said: Tensor = self.down(x)
        return said

    def forward(self, x: Tensor) -> Tensor:
        """(B,) larger looks more real."""
        verdict: Tensor = self.last(self.features(x).flatten(1))
        return verdict.squeeze(1)


class Autoencoder(nn.Module):
    """Draws each picture again through LATENT numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder, self.generator = Encoder(), Generator()

    def forward(self, x: Tensor) -> Tensor:
        """The pictures drawn again."""
        drawn: Tensor = self.generator(self.encoder(x))
        return drawn

    def unlike(self, x: Tensor, drawn: Tensor) -> Tensor:
        """(B, SIDE, SIDE) by how much features differ: it has none."""
        return torch.zeros_like(x[:, 0])


class AnoGan(Autoencoder):
    """An encoder into the latent space of a generator, and the critic of that generator."""

    def __init__(self) -> None:
        super().__init__()
        self.critic = Critic()

    def unlike(self, x: Tensor, drawn: Tensor) -> Tensor:
        """(B, SIDE, SIDE) mean squared difference of the critic's features, where they lie."""
        apart = self.critic.features(x) - self.critic.features(drawn)
        by_place = apart.square().mean(dim=1, keepdim=True)
        large = functional.interpolate(by_place, size=SIDE, mode="bilinear", align_corners=False)
        return large[:, 0]
