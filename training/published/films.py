"""All films in memory, and batches of their variants drawn ahead by threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import count
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from training.data.aasce import Labelled, read_film
from training.published.augment import Picture, augmented, framed, resized
from training.published.config import PublishedRun

_TALLEST = 1024  # rows of a film in memory, in mode `corrected`
_AHEAD = 3  # batches


class Batch(NamedTuple):
    """Pictures (B, 1, 512, 256) uint8 and corners (B, 68, 2), in network pixels."""

    pictures: Tensor
    centres: Tensor


def load(films: Sequence[Labelled], *, config: PublishedRun) -> list[Picture]:
    """The films in full size, or shrunk by area to 1024 rows in mode `corrected`.

    Raises:
        UnreadableFile: a film is missing or no picture.
    """
    read = partial(_read, as_published=config.as_published)
    with ThreadPoolExecutor(config.workers) as pool:
        return list(pool.map(read, films))


def _read(film: Labelled, *, as_published: bool) -> Picture:
    pixels = read_film(film.path)
    corners = film.corners_px(pixels.shape)
    if as_published:
        return Picture(pixels, np.trunc(corners))
    scale = min(1.0, _TALLEST / pixels.shape[0])
    size = (round(pixels.shape[0] * scale), max(1, round(pixels.shape[1] * scale)))
    return resized(Picture(pixels, corners), size=size, as_published=False)


def whole(pictures: Sequence[Picture], *, config: PublishedRun) -> Batch:
    """The films as they are, in the network's frame."""
    return _stacked([framed(one, as_published=config.as_published) for one in pictures])


class Stream:
    """Variants of the films, step after step; a step is the same whenever it is drawn."""

    def __init__(self, pictures: Sequence[Picture], config: PublishedRun) -> None:
        self.pictures, self._config = tuple(pictures), config

    @property
    def steps_per_epoch(self) -> int:
        """Every film once; the last batch may be smaller."""
        return -(-len(self.pictures) // self._config.batch)

    def draw(self, step: int) -> Batch:
        """The batch of a step."""
        return _stacked([self._variant(epoch, film) for epoch, film in self._turn(step)])

    def ahead(self, first: int) -> Generator[Batch, None, None]:
        """Batches from step `first` on; close it to end its threads."""
        with ThreadPoolExecutor(self._config.workers, thread_name_prefix="augment") as pool:
            depth = _AHEAD + self._config.workers // self._config.batch
            waiting: deque[list[Future[Picture]]] = deque()
            for step in count(first):
                waiting.append([pool.submit(self._variant, *turn) for turn in self._turn(step)])
                if len(waiting) > depth:
                    yield _stacked([one.result() for one in waiting.popleft()])

    def _turn(self, step: int) -> list[tuple[int, int]]:
        """Epoch and film of each picture of a step."""
        epoch, place = divmod(step, self.steps_per_epoch)
        order = np.random.default_rng((self._config.seed, 7, epoch)).permutation(len(self.pictures))
        size = self._config.batch
        return [(epoch, int(film)) for film in order[place * size : (place + 1) * size]]

    def _variant(self, epoch: int, film: int) -> Picture:
        rng = np.random.default_rng((self._config.seed, epoch, film))
        return augmented(self.pictures[film], rng=rng, as_published=self._config.as_published)


def _stacked(pictures: Sequence[Picture]) -> Batch:
    return Batch(
        torch.from_numpy(np.stack([one.pixels for one in pictures])).unsqueeze(1),
        torch.from_numpy(np.stack([one.corners for one in pictures])).float(),
    )
