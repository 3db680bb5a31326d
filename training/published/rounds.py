"""Rounds of hints: what is hinted before the first pass, and the worst corner after each."""

from __future__ import annotations

from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor, nn

from models.vertebrae.heatmaps import decode_expectation, decode_window, target_maps
from models.vertebrae.hints import POINTS
from training.published.config import PublishedRun
from training.published.films import Batch

_MOST = 10
_weights = np.array([0.25, *(0.5**n for n in range(1, _MOST + 1))])
HINT_CHANCES = _weights / _weights.sum()  # of 0, 1, ... 10 hints before the first pass

Rng = np.random.Generator
Taught = Tensor | tuple[Tensor, Tensor]


class IkemNetwork(Protocol):
    """What is trained here: maps of hints, the last answer's maps and an image to new maps."""

    def __call__(self, hint_maps: Tensor, previous_maps: Tensor, image: Tensor, /) -> Tensor:
        """Logits (B, 68, rows, columns)."""


@runtime_checkable
class TwiceTaught(Protocol):
    """A network that has maps half-way, too, which only serve the loss."""

    def both(self, hint_maps: Tensor, previous_maps: Tensor, image: Tensor, /) -> Taught:
        """The logits, and those half-way."""


class Plan(NamedTuple):
    """The corners (B, 68) hinted at first, and how many passes without gradients follow."""

    hinted: Tensor
    passes: int


class Question(NamedTuple):
    """What the network is asked, and the truth: maps (B, 68, ...), image (B, 3, ...)."""

    hint_maps: Tensor
    previous_maps: Tensor
    image: Tensor
    targets: Tensor
    centres: Tensor
    hinted: Tensor

    def ask(self, network: IkemNetwork) -> Tensor:
        """The network's answer."""
        return network(self.hint_maps, self.previous_maps, self.image)

    def teach(self, network: IkemNetwork) -> Taught:
        """All that is taught of the network's answer."""
        if isinstance(network, TwiceTaught):
            return network.both(self.hint_maps, self.previous_maps, self.image)
        return self.ask(network)


def plan(batch: int, *, epoch: int, config: PublishedRun, rng: Rng) -> Plan:
    """The hints of a batch in an epoch, counted from 1: equally many on each of its films."""
    hinted = torch.zeros(batch, POINTS, dtype=torch.bool)
    if epoch <= config.plain_epochs:
        return Plan(hinted, 0)
    count = int(rng.choice(_MOST + 1, p=HINT_CHANCES)) if config.first_hints else 0
    for film in hinted:
        film[torch.from_numpy(rng.choice(POINTS, count, replace=False))] = True
    return Plan(hinted, int(rng.integers(config.passes + 1)))


def question(batch: Batch, hinted: Tensor, *, device: torch.device) -> Question:
    """The first question about a batch."""
    image = batch.pictures.to(device).float() / 127.5 - 1
    image = image.expand(-1, 3, -1, -1).contiguous(memory_format=torch.channels_last)
    centres, hinted = batch.centres.to(device), hinted.to(device)
    rows, columns = batch.pictures.shape[-2:]
    targets = target_maps(centres, frame=(rows, columns))
    return Question(
        _shown(targets, hinted), torch.zeros_like(targets), image, targets, centres, hinted
    )


@torch.no_grad()
def follow_up(asked: Question, network: nn.Module, *, as_published: bool) -> Question:
    """The question after a pass in evaluation mode: its maps, and the worst corner hinted."""
    maps = asked.ask(network.eval()).float().sigmoid()
    hinted = with_worst(
        asked.hinted, read(maps, as_published=as_published), asked.centres, again=as_published
    )
    return asked._replace(
        hint_maps=_shown(asked.targets, hinted), previous_maps=maps, hinted=hinted
    )


def with_worst(hinted: Tensor, found: Tensor, centres: Tensor, *, again: bool) -> Tensor:
    """The hinted corners (B, 68) and the worst one; `again` if that may be a hinted one."""
    error = (found - centres).norm(dim=-1)
    if not again:
        error = error.masked_fill(hinted, -1.0)
    return hinted.scatter(1, error.argmax(1, keepdim=True), value=True)


def read(maps: Tensor, *, as_published: bool) -> Tensor:
    """Corners (B, 68, 2) of maps between 0 and 1."""
    return decode_expectation(maps) if as_published else decode_window(maps)


def _shown(targets: Tensor, hinted: Tensor) -> Tensor:
    return targets * hinted[..., None, None]
