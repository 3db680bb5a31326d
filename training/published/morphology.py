"""The shape of a spine as a loss: distances and angles that hardly differ between people."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

COUNT = 70  # of distances, and of angles
_SOFT = 1e-2  # squared pixels: no slope is infinite where two points meet


class Shape(NamedTuple):
    """Pairs (n, 2) of corners, and triples (n, 3) whose angle is at the middle one."""

    pairs: Tensor
    triples: Tensor


def steadiest(centres: Tensor, *, count: int = COUNT) -> Shape:
    """The pairs whose distance, and triples whose angle, varies least over films (N, K, 2)."""
    return Shape(_pairs(centres, count), _triples(centres, count))


def _pairs(centres: Tensor, count: int) -> Tensor:
    spread = torch.cdist(centres, centres).var(0, correction=0)
    listed = torch.combinations(torch.arange(centres.shape[1]))
    return listed[spread[listed[:, 0], listed[:, 1]].argsort()[:count]]


def _triples(centres: Tensor, count: int) -> Tensor:
    """By circular variance: one less the length of the mean of the angles' unit vectors."""
    found, steady = [], []
    arms = torch.combinations(torch.arange(centres.shape[1]))
    for middle in range(centres.shape[1]):
        arm = torch.view_as_complex((centres - centres[:, middle : middle + 1]).contiguous())
        arm = arm / arm.abs().clamp_min(1e-6)
        mean = (arm.mH @ arm / len(arm)).abs()  # K, K
        usable = arms[(arms != middle).all(1)]
        best = mean[usable[:, 0], usable[:, 1]].topk(min(count, len(usable)))
        first, last = usable[best.indices].T
        found.append(torch.stack([first, torch.full_like(first, middle), last], dim=1))
        steady.append(best.values)
    return torch.cat(found)[torch.cat(steady).argsort(descending=True)[:count]]


def morphology(points: Tensor, truth: Tensor, shape: Shape, *, vertex: int = 1) -> Tensor:
    """Mean difference of the distances in pixels, and mean 1 - cosine of that of the angles.

    Args:
        points, truth: (B, K, 2).
        vertex: which of a triple the angle is at.
    """
    far, true_far = (_distances(p, shape.pairs) for p in (points, truth))
    turn, true_turn = (_angles(p, shape.triples, vertex=vertex) for p in (points, truth))
    return (far - true_far).abs().mean() + (1 - (turn * true_turn).sum(-1)).mean()


def _distances(points: Tensor, pairs: Tensor) -> Tensor:
    return _length(points[:, pairs[:, 0]] - points[:, pairs[:, 1]])


def _angles(points: Tensor, triples: Tensor, *, vertex: int) -> Tensor:
    """Cosine and sine (B, n, 2)."""
    one, other = (n for n in range(3) if n != vertex)
    at = points[:, triples[:, vertex]]
    a, b = points[:, triples[:, one]] - at, points[:, triples[:, other]] - at
    cosine = (a * b).sum(-1)
    sine = a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    return torch.stack([cosine, sine], dim=-1) / (_length(a) * _length(b)).unsqueeze(-1)


def _length(arrow: Tensor) -> Tensor:
    return (arrow.square().sum(-1) + _SOFT).sqrt()
