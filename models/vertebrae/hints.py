"""Hints as the network takes them, and what plain reasoning expects of the column they are in."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

VERTEBRAE = 17
CORNERS = 4
POINTS = VERTEBRAE * CORNERS
# What moving a column by a level costs, in levels that hints lie off. A lone hint moves it when it
# lies more than (1 + _COUNT) / 2 off: one loose corner shall not move all others.
_COUNT = 0.9
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


class Read(NamedTuple):
    """The column continued by three levels, (B, 23, 4, 2), and each hint's shift (B, H)."""

    longer: Tensor
    shift: Tensor


def expect(first: Tensor, hints: Hints, *, read: Read | None = None) -> Tensor:
    """The column found alone, moved by whole levels so that it agrees with the hand.

    When the hand puts L2 where the network had L3, every vertebra moves by one level. Hints are
    read together (`_shifts`); each vertebra obeys the nearest hinted one; beyond the ends the
    column is continued straight.

    Args:
        first: (B, 68, 2) corners found without hints, network pixels.
        read: these hints as `read_hints` reads them, where that is known.

    Returns:
        (B, 68, 2); hinted corners are where the hand put them.
    """
    with torch.no_grad():
        longer, shift = read or read_hints(first, hints)
        vertebra = hints.landmarks // CORNERS
        every = torch.arange(VERTEBRAE, device=first.device)
        apart = (vertebra.unsqueeze(1) - every[None, :, None]).abs() + 0.01 * vertebra.unsqueeze(1)
        apart = apart.masked_fill(~hints.mask.unsqueeze(1), 1e3)
        obeyed = shift.gather(1, apart.argmin(-1))  # B, 17
        source = (every + obeyed + _FARTHEST)[:, :, None, None].expand(-1, -1, CORNERS, 2)
        moved = longer.gather(1, source).flatten(1, 2)
        moved = moved + _pulled(first.float(), hints, whole=shift != 0)
        spare = F.pad(moved, (0, 0, 0, 1))  # padding hints write into a row that is dropped
        index = torch.where(hints.mask, hints.landmarks, POINTS).unsqueeze(-1).expand(-1, -1, 2)
        return spare.scatter(1, index, hints.points.float())[:, :POINTS]


def counted(first: Tensor, hints: Hints, *, read: Read | None = None) -> Tensor:
    """Vertebrae (B, 17) whose level the hints leave in no doubt.

    They are hinted themselves, or lie between two hints that tell of the same shift.
    """
    with torch.no_grad():
        _, shift = read or read_hints(first, hints)
        hinted = (hints.landmarks // CORNERS).unsqueeze(1)  # B, 1, H
        every = torch.arange(VERTEBRAE, device=first.device).view(1, -1, 1)
        there = hints.mask.unsqueeze(1)
        above = hinted.masked_fill(~there | (hinted > every), -1).max(-1)
        below = hinted.masked_fill(~there | (hinted < every), VERTEBRAE).min(-1)
        alike = shift.gather(1, above.indices) == shift.gather(1, below.indices)
        return alike & (above.values >= 0) & (below.values < VERTEBRAE)


def heard(first: Tensor, hints: Hints, expected: Tensor, *, read: Read | None = None) -> Hints:
    """The hints as the network can hear them: nobody taught it one beyond the column it found.

    When L5 is put below where it ended, L4 is told to stand where L5 was found, which says the
    same; unless L4 is hinted itself.

    Args:
        first: as `expect` takes it.
        expected: what `expect` returned.
    """
    with torch.no_grad():
        _, shift = read or read_hints(first, hints)
        vertebra, corner = hints.landmarks // CORNERS, hints.landmarks % CORNERS
        inner = (vertebra + shift).clamp(0, VERTEBRAE - 1) - shift
        landmarks = inner.clamp(0, VERTEBRAE - 1) * CORNERS + corner
        changed = landmarks != hints.landmarks
        spot = landmarks.unsqueeze(-1).expand(-1, -1, 2)
        points = torch.where(changed.unsqueeze(-1), expected.gather(1, spot), hints.points)
        same = (landmarks.unsqueeze(2) == landmarks.unsqueeze(1)) & hints.mask.unsqueeze(1)
        earlier = same.tril(-1).any(-1)  # two that now say the same: once is enough
        kept = (same & ~changed.unsqueeze(1)).any(-1)  # a hint of the hand itself goes first
        mask = hints.mask & ~(changed & (kept | earlier))
        return Hints(points.to(hints.points.dtype), landmarks, mask)


def read_hints(first: Tensor, hints: Hints, *, shift: Tensor | None = None) -> Read:
    """What the hints tell together of a column found without them.

    Args:
        shift: (B, H) whole levels that each hint moves the column by, where that is known better.
    """
    levels = first.float().view(-1, VERTEBRAE, CORNERS, 2)
    reach = torch.arange(1, _FARTHEST + 1, device=first.device).view(1, -1, 1, 1)
    above = levels[:, :1] + (levels[:, :1] - levels[:, 1:2]) * reach.flip(1)
    below = levels[:, -1:] + (levels[:, -1:] - levels[:, -2:-1]) * reach
    longer = torch.cat([above, levels, below], dim=1)
    if shift is not None:
        return Read(longer, shift)
    vertebra, corner = hints.landmarks // CORNERS, hints.landmarks % CORNERS
    batch = torch.arange(len(first), device=first.device)[:, None]
    same = longer.transpose(1, 2)[batch, corner]
    gap = (same - hints.points.unsqueeze(2).float()).norm(dim=-1)  # B, H, 23
    steps = (levels[:, 1:] - levels[:, :-1]).mean(2).norm(dim=-1)
    steps = (torch.cat([steps[:, :1], steps], 1) + torch.cat([steps, steps[:, -1:]], 1)) / 2
    tried = torch.arange(-_FARTHEST, _FARTHEST + 1, device=first.device)
    off = gap.gather(2, (vertebra + _FARTHEST).unsqueeze(-1) + tried)
    off = off / steps.gather(1, vertebra).unsqueeze(-1).clamp_min(1e-3)
    return Read(longer, _shifts(off, vertebra, hints.mask))


def _shifts(off: Tensor, vertebra: Tensor, mask: Tensor) -> Tensor:
    """The level shift (B, H) that each hint tells of: the cheapest reading of all together.

    A hint costs how far it lies off, shared among those of one vertebra, which tell of its level
    together; moving the column by a level costs `_COUNT`, and so does each
    level that it moves by more or less from one hint to the next: a vertebra that was skipped or
    counted twice takes two hints that say so.

    Args:
        off: (B, H, S) levels between each hint and its corner, if it were moved by -3 … 3.
        vertebra: (B, H) of each hint.
        mask: (B, H) false for padding.
    """
    _, hints, shifts = off.shape
    if hints == 0:
        return vertebra
    moved = torch.arange(shifts, device=off.device) - shifts // 2
    apart = _COUNT * (moved.unsqueeze(0) - moved.unsqueeze(1)).abs()
    ends = 0.5 * _COUNT * moved.abs()
    order = torch.where(mask, vertebra, VERTEBRAE).argsort(dim=1, stable=True)
    mates = (vertebra.unsqueeze(2) == vertebra.unsqueeze(1)) & mask.unsqueeze(1)
    off = off * (mask / mates.sum(-1).clamp_min(1)).unsqueeze(-1)
    off = off.gather(1, order.unsqueeze(-1).expand_as(off))
    best, came = ends + off[:, 0], []
    for hint in range(1, hints):
        value, source = (best.unsqueeze(2) + apart).min(dim=1)
        best = value + off[:, hint]
        came.append(source)
    path = [(best + ends).argmin(dim=1, keepdim=True)]
    for source in reversed(came):
        path.append(source.gather(1, path[-1]))
    taken = torch.cat(path[::-1], dim=1) - shifts // 2
    return torch.zeros_like(vertebra).scatter(1, order, taken)


def _pulled(points: Tensor, hints: Hints, *, whole: Tensor) -> Tensor:
    """How far hints that move no level take the corners near them along, (B, 68, 2)."""
    spot = hints.landmarks.unsqueeze(-1).expand(-1, -1, 2)
    off = hints.points.float() - points.gather(1, spot)  # B, H, 2
    every = torch.arange(VERTEBRAE, device=points.device).view(1, 1, -1)
    apart = (hints.landmarks // CORNERS).unsqueeze(-1) - every  # B, H, 17
    weight = torch.exp(-0.5 * (apart / _PULL) ** 2)
    weight = weight.masked_fill((~hints.mask | whole).unsqueeze(-1), 0.0)
    share = weight / weight.sum(1, keepdim=True).clamp_min(1.0)
    pull = torch.einsum("bhv,bhc->bvc", share, off)
    return pull.unsqueeze(2).expand(-1, -1, CORNERS, -1).flatten(1, 2)
