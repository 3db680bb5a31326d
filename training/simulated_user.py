"""Hints for training: a user who corrects the worst corners, and who may overrule the count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models.vertebrae.hints import POINTS, VERTEBRAE, Hints

Rng = np.random.Generator


@dataclass(frozen=True)
class UserConfig:
    """How the simulated user behaves.

    Args:
        none: share of samples without a hint.
        most: most hints a sample may get.
        slips: share of hinted samples whose labels move by a level: a network that fits its
            training films never sees there the slips it will make on others.
        jitter_px: deviation of the hand, in network pixels.
    """

    none: float = 0.35
    most: int = 10
    slips: float = 0.35
    jitter_px: float = 0.6


def settle(points: Tensor, known: Tensor, found: Tensor, *, named: Tensor) -> tuple[Tensor, Tensor]:
    """Labels (B, 68, 2), (B, 68) whose levels nobody named, moved to the level nearest to `found`.

    They are right up to a level: the network decides which, and learns the rest.
    """
    points, known = points.clone(), known.clone()
    for n in np.flatnonzero(~named.numpy()):
        tried = [moved_by(levels, points[n], known[n]) for levels in (0, -1, 1)]
        away = [float((found[n] - p).norm(dim=-1)[k].mean()) for p, k in tried]
        points[n], known[n] = tried[int(np.argmin(np.nan_to_num(away, nan=np.inf)))]
    return points, known


def moved_by(levels: int, points: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
    """Vertebra v of (68, 2), (68,) then stands where v + levels stood, if there is one."""
    source = torch.arange(VERTEBRAE) + levels
    there = (source >= 0) & (source < VERTEBRAE)
    source = source.clamp(0, VERTEBRAE - 1)
    boxes, sure = points.view(VERTEBRAE, 4, 2), known.view(VERTEBRAE, 4)
    return boxes[source].view(POINTS, 2), (sure[source] & there.unsqueeze(-1)).view(POINTS)


def overrule(
    points: Tensor, known: Tensor, *, hinted: Tensor, config: UserConfig, rng: Rng
) -> tuple[Tensor, Tensor]:
    """Truth as the hand sees it: some hinted samples are labelled a level higher or lower.

    Vertebra v then stands where v + s stood; where there is none, `known` becomes false.
    """
    points, known = points.clone(), known.clone()
    for n in np.flatnonzero(hinted.numpy() & (rng.random(len(hinted)) < config.slips)):
        levels = int(rng.choice([1, 2, 3], p=[0.8, 0.15, 0.05])) * int(rng.choice([-1, 1]))
        points[n], known[n] = moved_by(levels, points[n], known[n])
    return points, known


def hint_counts(batch: int, *, config: UserConfig, rng: Rng) -> Tensor:
    """How many hints each sample gets: none, or one, two, four ... with falling chance."""
    counts = np.minimum(rng.geometric(0.45, batch), config.most)
    return torch.from_numpy(np.where(rng.random(batch) < config.none, 0, counts))


def choose(
    points: Tensor, known: Tensor, answer: Tensor, counts: Tensor, *, config: UserConfig, rng: Rng
) -> Hints:
    """Hints at true points, mostly where the `answer` (B, 68, 2) is worst, some anywhere."""
    error = (answer - points).norm(dim=-1).numpy()
    batch, most = len(counts), max(1, int(counts.max()))
    index = torch.zeros(batch, most, dtype=torch.long)
    mask = torch.zeros(batch, most, dtype=torch.bool)
    for n in range(batch):
        usable = np.flatnonzero(known[n].numpy())
        count = min(int(counts[n]), len(usable))
        if not count:
            continue
        kind = rng.random()
        if kind < 0.3:
            picked = rng.choice(usable, count, replace=False)
        else:
            power = 2.0 if kind < 0.6 else 8.0
            weight = (error[n, usable] / error[n, usable].max() + 1e-3) ** power
            picked = rng.choice(usable, count, replace=False, p=weight / weight.sum())
        index[n, :count] = torch.from_numpy(picked)
        mask[n, :count] = True
    placed = points.gather(1, index.unsqueeze(-1).expand(-1, -1, 2))
    shake = torch.from_numpy(rng.normal(0, config.jitter_px, tuple(placed.shape)))
    return Hints(placed + shake.to(placed.dtype), index, mask)
