"""Which pictures are like those that a scout learnt from: its advice is heard of those alone."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from models.vertebrae.familiar import Picture


class Territory(nn.Module):
    """A region of what a network makes of whole pictures, about the films that its scout learnt.

    Args:
        middle: (width,) of those films' features.
        whiten: (width, width) makes the differences between them independent and alike.
        limit: the distance (Mahalanobis, by dimension) up to which a picture is one of them.
    """

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        super().__init__()
        self.middle: Tensor
        self.whiten: Tensor
        self.limit: Tensor
        for name, tensor in tensors.items():
            self.register_buffer(name, tensor, persistent=False)

    def distance(self, picture: Picture) -> float:
        """How far a picture lies from their middle; they themselves about 0.5."""
        return float(((picture.mean - self.middle) @ self.whiten).square().mean().sqrt())

    def holds(self, picture: Picture) -> bool:
        """Whether a picture is like them; not where it is no number."""
        return self.distance(picture) <= float(self.limit)


def shapes(width: int) -> dict[str, tuple[int, ...]]:
    """The tensors of a Territory by name."""
    return {"middle": (width,), "whiten": (width, width), "limit": ()}


def fitted(means: Tensor, *, shrink: float, share: float) -> Territory:
    """The territory of films by their pictures' means (n, width).

    Args:
        shrink: towards independent features of one variance (Ledoit and Wolf 2004).
        share: of these films that lie within it.
    """
    wide = means.double()
    middle, alike = wide.mean(0), torch.cov(wide.T)
    usual = torch.eye(len(alike), dtype=wide.dtype) * alike.diagonal().mean()
    whiten = torch.linalg.cholesky(torch.linalg.inv((1 - shrink) * alike + shrink * usual))
    distances = ((wide - middle) @ whiten).square().mean(1).sqrt()
    limit = distances.quantile(share)
    found = {"middle": middle, "whiten": whiten, "limit": limit}
    return Territory({name: tensor.float() for name, tensor in found.items()})
