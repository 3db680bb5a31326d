"""Hints as the network takes them, and what plain reasoning expects of the column they are in."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

VERTEBRAE = 17
CORNERS = 4
POINTS = VERTEBRAE * CORNERS
# A hint moves the column when it lies this many levels away from its corner: one loose corner shall
# not move all others.
_CLEAR = 0.95
# Nearer hints take their neighbours along, less and less, over about so many levels.
_PULL = 3.0
_FARTHEST = 3  # levels that a hint may move the column by


class Hints(NamedTuple):
    """Corners a person placed.

    Args:
        points: (B, H, 2) rows and columns in network pixels.
        landmarks: (B, H) which corner, 0..67.
        mask: (B, H) true where a hint stands, false for padding.
    """

    points: Tensor
    landmarks: Tensor
    mask: Tensor


def no_hints(batch: int, *, device: torch.device | None = None) -> Hints:
    """Hints of a question that has none."""
    return Hints(
        torch.zeros(batch, 0, 2, device=device),
        torch.zeros(batch, 0, dtype=torch.long, device=device),
        torch.zeros(batch, 0, dtype=torch.bool, device=device),
    )


def expect(first: Tensor, hints: Hints) -> Tensor:
    """The column found alone, moved by whole levels so that it agrees with the hand.

    When the hand puts L2 where the network had L3, every vertebra moves by one level. Each vertebra
    obeys the nearest hinted one; beyond the ends the column is continued straight.

    Args:
        first: (B, 68, 2) corners found without hints, network pixels.

    Returns:
        (B, 68, 2); hinted corners are where the hand put them.
    """
    with torch.no_grad():
        levels = first.float().view(-1, VERTEBRAE, CORNERS, 2)
        reach = torch.arange(1, _FARTHEST + 1, device=first.device).view(1, -1, 1, 1)
        above = levels[:, :1] + (levels[:, :1] - levels[:, 1:2]) * reach.flip(1)
        below = levels[:, -1:] + (levels[:, -1:] - levels[:, -2:-1]) * reach
        longer = torch.cat([above, levels, below], dim=1)  # B, 17 + 2 * _FARTHEST, 4, 2
        vertebra, corner = hints.landmarks // CORNERS, hints.landmarks % CORNERS
        same = longer.transpose(1, 2)[
            torch.arange(len(first), device=first.device)[:, None], corner
        ]
        gap = (same - hints.points.unsqueeze(2).float()).norm(dim=-1)  # B, H, levels
        steps = (levels[:, 1:] - levels[:, :-1]).mean(2).norm(dim=-1)
        steps = (torch.cat([steps[:, :1], steps], 1) + torch.cat([steps, steps[:, -1:]], 1)) / 2
        own = gap.gather(2, (vertebra + _FARTHEST).unsqueeze(-1)).squeeze(-1)
        far = own > _CLEAR * steps.gather(1, vertebra)
        shift = torch.where(far, gap.argmin(-1) - _FARTHEST - vertebra, 0)
        shift = shift.clamp(-_FARTHEST, _FARTHEST)
        every = torch.arange(VERTEBRAE, device=first.device)
        apart = (vertebra.unsqueeze(1) - every[None, :, None]).abs() + 0.01 * vertebra.unsqueeze(1)
        apart = apart.masked_fill(~hints.mask.unsqueeze(1), 1e3)
        obeyed = shift.gather(1, apart.argmin(-1))  # B, 17
        source = (every + obeyed + _FARTHEST)[:, :, None, None].expand(-1, -1, CORNERS, 2)
        moved = longer.gather(1, source).flatten(1, 2)
        moved = moved + _pulled(levels, hints, whole=far)
        spare = F.pad(moved, (0, 0, 0, 1))  # padding hints write into a row that is dropped
        index = torch.where(hints.mask, hints.landmarks, POINTS).unsqueeze(-1).expand(-1, -1, 2)
        return spare.scatter(1, index, hints.points.float())[:, :POINTS]


def _pulled(levels: Tensor, hints: Hints, *, whole: Tensor) -> Tensor:
    """How far hints that move no level take the corners near them along, (B, 68, 2)."""
    points = levels.flatten(1, 2)
    spot = hints.landmarks.unsqueeze(-1).expand(-1, -1, 2)
    off = hints.points.float() - points.gather(1, spot)  # B, H, 2
    every = torch.arange(VERTEBRAE, device=levels.device).view(1, 1, -1)
    apart = (hints.landmarks // CORNERS).unsqueeze(-1) - every  # B, H, 17
    weight = torch.exp(-0.5 * (apart / _PULL) ** 2)
    weight = weight.masked_fill((~hints.mask | whole).unsqueeze(-1), 0.0)
    share = weight / weight.sum(1, keepdim=True).clamp_min(1.0)
    pull = torch.einsum("bhv,bhc->bvc", share, off)
    return pull.unsqueeze(2).expand(-1, -1, CORNERS, -1).flatten(1, 2)
