"""Batches of augmented films."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from training.data.augment import USUAL, Framings, Taught, draw


class Batch(NamedTuple):
    """Grey pictures (B, 1, rows, columns) uint8, corners (B, 68, 2) in network pixels.

    `known` (B, 68) is false for corners outside the picture or not labelled; `named` (B,) is false
    where the labels do not say which level is which.
    """

    pictures: Tensor
    corners: Tensor
    known: Tensor
    named: Tensor


def scaled(pictures: Tensor) -> Tensor:
    """uint8 pictures as the encoder wants them."""
    return (pictures.float() - 127.0) / 128.0


class Batches:
    """An endless stream; step n is the same whenever it is drawn, so a run can resume."""

    def __init__(
        self,
        films: Sequence[Taught],
        phantoms: Sequence[Taught],
        *,
        size: int,
        frame: tuple[int, int],
        phantom_share: float,
        seed: int,
        framings: Framings = USUAL,
    ) -> None:
        self._films, self._phantoms = tuple(films), tuple(phantoms)
        self._size, self._frame, self._framings = size, frame, framings
        self._share, self._seed = phantom_share if phantoms else 0.0, seed

    @property
    def films(self) -> int:
        """How many films there are."""
        return len(self._films)

    def draw(self, step: int) -> Batch:
        """The batch of a step."""
        rng = np.random.default_rng((self._seed, step))
        samples = []
        for n in range(self._size):
            source = self._films[self._turn(step * self._size + n)]
            if rng.random() < self._share:
                source = self._phantoms[int(rng.integers(len(self._phantoms)))]
            samples.append(
                draw(
                    source,
                    others=self._films,
                    rng=rng,
                    size=self._frame,
                    framings=self._framings,
                )
            )
        pictures = torch.from_numpy(np.stack([s.picture for s in samples]))
        corners = torch.from_numpy(np.stack([s.corners for s in samples])).float()
        edge = torch.tensor(self._frame) - 0.5
        known = ((corners > -0.5) & (corners < edge)).all(-1)
        known &= torch.from_numpy(np.stack([s.known for s in samples]))
        named = torch.tensor([s.named for s in samples])
        return Batch(pictures.unsqueeze(1), corners, known, named)

    def _turn(self, drawn: int) -> int:
        """Every film once in each round, in an order of its own."""
        round_, place = divmod(drawn, len(self._films))
        order = np.random.default_rng((self._seed, 7, round_)).permutation(len(self._films))
        return int(order[place])
