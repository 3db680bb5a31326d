"""Batches of augmented films, drawn a few steps ahead by one thread."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from training.data.augment import USUAL, Framings, Taught, draw


class Batch(NamedTuple):
    """Pictures (B, 1, rows, columns) scaled as (grey - 127) / 128, corners in network pixels.

    `known` (B, 68) is false for corners outside the picture.
    """

    pictures: Tensor
    corners: Tensor
    known: Tensor


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
        return Batch(scaled(pictures).unsqueeze(1), corners, known)

    def ahead(self, first: int, *, depth: int = 4) -> Iterator[Batch]:
        """Batches from step `first` on, drawn by a thread while the network learns."""
        with ThreadPoolExecutor(1, thread_name_prefix="batches") as pool:
            waiting = deque(pool.submit(self.draw, first + n) for n in range(depth))
            for step in count(first + depth):
                batch = waiting.popleft().result()
                waiting.append(pool.submit(self.draw, step))
                yield batch

    def _turn(self, drawn: int) -> int:
        """Every film once in each round, in an order of its own."""
        round_, place = divmod(drawn, len(self._films))
        order = np.random.default_rng((self._seed, 7, round_)).permutation(len(self._films))
        return int(order[place])
