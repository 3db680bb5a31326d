"""Reads 68 heat-maps as one column: each vertebra once, in order, at even steps.

Where the count is in doubt every heat-map has a peak at each level, and corners read one by one
would fall on different ones. Here all vertebrae slide along the column's course together and the
sequence with the best sum of scores is taken (dynamic programming).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

_BEYOND = 2  # levels that the column may slide past its ends
_FINE = 8  # places to try between two levels
_FLOOR = -12.0  # log chance below which a corner's place does not get worse
_EVEN = 0.15  # levels that a step may differ from one at little cost
_STIFF = 0.5  # cost of a step that differs by that much
_LEAST_STEP = 0.4  # levels
_LENGTHS = 0.5  # how much lengths on the film count then; the rest are steps of the course
_ABOUT = 3  # steps to each side that say which step is usual
_WINDOW = (1.25, 2.25)  # rows and columns about a place that its corner is refined in, cells


# What a vertebra whose level hints tell costs a level away from it, as a log chance of its four
# corners together, and how near it costs nothing.
_COUNTED = 12.0
_NEAR = 0.4


class Told(NamedTuple):
    """What a hand that hinted at a column tells of it.

    Args:
        likely: (B, K, 2) in cells, where plain reasoning expects the corners then.
        counted: (B, levels) vertebrae whose level it leaves in no doubt.
    """

    likely: Tensor
    counted: Tensor


def read_column(logits: Tensor, start: Tensor, *, told: Told | None = None) -> Tensor:
    """Corners (B, K, 2), in cells, of the most likely column.

    Args:
        logits: (B, K, rows, columns); K is 4 for each vertebra, top to bottom.
        start: (B, K, 2) the column's rough course in cells, such as the maps' expectations.
        told: where a hand fixed the count. A gap elsewhere is then a vertebra overlooked, and
            lengths on the film count beside steps of the course.
    """
    batch, points, rows, columns = logits.shape
    levels = points // 4
    log_chance = logits.float().flatten(2).log_softmax(-1).view(logits.shape)
    course = start.float().view(batch, levels, 4, 2)
    tried = torch.arange(-_BEYOND, levels - 1 + _BEYOND + 0.5 / _FINE, 1 / _FINE)
    places = _along(course, tried.to(logits.device))  # B, T, 4, 2
    size = torch.tensor([columns, rows], device=logits.device)
    grid = (places.flip(-1) + 0.5) / size * 2 - 1
    # One row of samples for each corner of each vertebra: B * K, T, 1, 2.
    every = grid.transpose(1, 2).unsqueeze(1).expand(-1, levels, -1, -1, -1).flatten(0, 2)
    maps = log_chance.flatten(0, 1).unsqueeze(1)
    seen = F.grid_sample(maps, every.unsqueeze(2), padding_mode="border", align_corners=False)
    scores = seen.view(batch, levels, 4, -1).clamp_min(_FLOOR).sum(2)  # B, levels, T
    along = tried.to(logits.device).unsqueeze(0)
    if told is not None:
        along = _measured(places, course)
        scores = scores - _astray(places, told)
    taken = _best_path(scores, along)  # B, levels
    chosen = places.gather(1, taken[:, :, None, None].expand(-1, -1, 4, 2)).flatten(1, 2)
    return _refine(log_chance, chosen)


def _along(course: Tensor, levels: Tensor) -> Tensor:
    """Corners at fractional levels of a course (B, N, 4, 2), continued straight past its ends."""
    reach = torch.arange(1, _BEYOND + 1, device=course.device).view(1, -1, 1, 1)
    above = course[:, :1] + (course[:, :1] - course[:, 1:2]) * reach.flip(1)
    below = course[:, -1:] + (course[:, -1:] - course[:, -2:-1]) * reach
    longer = torch.cat([above, course, below], dim=1)
    place = levels + _BEYOND
    lower = place.floor().long().clamp(0, longer.shape[1] - 2)
    share = (place - lower).view(1, -1, 1, 1)
    return longer[:, lower] * (1 - share) + longer[:, lower + 1] * share


def _measured(places: Tensor, course: Tensor) -> Tensor:
    """How far along the column places (B, T, 4, 2) are, (B, T), in steps usual thereabouts.

    The course itself may skip a vertebra or count one twice: lengths on the film do not.
    """
    usual = _usual_steps(course.mean(2))
    lengths = places.mean(2).diff(dim=1).norm(dim=-1)  # B, T - 1
    between = (torch.arange(lengths.shape[1], device=places.device) // _FINE - _BEYOND).clamp(
        0, usual.shape[1] - 1
    )
    part = _LENGTHS * lengths / usual[:, between].clamp_min(1e-3) + (1 - _LENGTHS) / _FINE
    return F.pad(part.cumsum(1), (1, 0))


def _astray(places: Tensor, told: Told) -> Tensor:
    """What each place (B, T, 4, 2) costs each vertebra, (B, levels, T)."""
    batch, corners, _ = told.likely.shape
    centres = told.likely.float().view(batch, corners // 4, 4, 2).mean(2)
    usual = F.pad(_usual_steps(centres).unsqueeze(1), (0, 1), mode="replicate").squeeze(1)
    levels = torch.cdist(centres, places.mean(2)) / usual.unsqueeze(-1).clamp_min(1e-3)
    share = ((levels - _NEAR) / (1 - _NEAR)).clamp(0, 1)
    return _COUNTED * share * told.counted.unsqueeze(-1)


def _usual_steps(centres: Tensor) -> Tensor:
    """From each centre (B, levels, 2) to the next: the median of the steps thereabouts."""
    steps = F.pad(centres.diff(dim=1).norm(dim=-1).unsqueeze(1), (_ABOUT, _ABOUT), mode="replicate")
    return steps.squeeze(1).unfold(1, 2 * _ABOUT + 1, 1).median(dim=-1).values  # B, levels - 1


def _best_path(scores: Tensor, along: Tensor) -> Tensor:
    """For each vertebra the index of its place, (B, N), of scores (B, N, T).

    Args:
        along: (B or 1, T) how far down the column a place is, in steps.
    """
    films = (part.detach().cpu().numpy() for part in (scores, along.expand(len(scores), -1)))
    best = np.stack([_path(*film) for film in zip(*films, strict=True)])
    return torch.from_numpy(best).to(scores.device)


def _path(scores: NDArray[np.float32], along: NDArray[np.float32]) -> NDArray[np.int64]:
    """The best path of one film; numpy takes a tenth of the time that torch takes."""
    step = along[:, None] - along  # to row from column
    cost = _STIFF * ((step - 1) / _EVEN) ** 2
    cost[step < _LEAST_STEP] = np.inf
    every, best, came = np.arange(len(along)), scores[0], list[NDArray[np.int64]]()
    for score in scores[1:]:
        reached = best - cost
        source = reached.argmax(axis=1)
        best = reached[every, source] + score
        came.append(source)
    path = [best.argmax()]
    for source in reversed(came):
        path.append(source[path[-1]])
    return np.array(path[::-1], dtype=np.int64)


def _refine(log_chance: Tensor, places: Tensor) -> Tensor:
    """The expectation of each map within a window about its place."""
    row = _near(places[..., 0], reach=_WINDOW[0], size=log_chance.shape[-2])
    column = _near(places[..., 1], reach=_WINDOW[1], size=log_chance.shape[-1])
    cells = row.cells.unsqueeze(-1) * log_chance.shape[-1] + column.cells.unsqueeze(-2)
    seen = log_chance.flatten(2).gather(2, cells.flatten(2))
    near = row.near.unsqueeze(-1) & column.near.unsqueeze(-2)
    chance = seen.masked_fill(~near.flatten(2), -torch.inf).softmax(-1).view(cells.shape)
    parts = (chance.sum(-1) * row.cells).sum(-1), (chance.sum(-2) * column.cells).sum(-1)
    return torch.stack(parts, dim=-1)


class _Near(NamedTuple):
    """Some cells (B, K, n) of an axis, and which of them are near."""

    cells: Tensor
    near: Tensor


def _near(places: Tensor, *, reach: float, size: int) -> _Near:
    """Cells within reach; for a place beyond the map's edge the nearest cell at least."""
    count = min(int(2 * reach) + 1, size)
    first = (places - reach).ceil().long().clamp(0, size - count)
    cells = first.unsqueeze(-1) + torch.arange(count, device=places.device)
    off = (cells - places.unsqueeze(-1)).abs()
    return _Near(cells, off <= off.amin(-1, keepdim=True).clamp_min(reach))
