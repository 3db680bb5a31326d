"""What the networks are taught with."""

from __future__ import annotations

import torch
from torch import Tensor


def heatmap_cross_entropy(logits: Tensor, points: Tensor, *, stride: float, sigma: float) -> Tensor:
    """Cross-entropy of each map's softmax against a normalised Gaussian at the true point.

    Args:
        logits: (B, K, rows, columns).
        points: (B, K, 2) rows and columns in network pixels.
        stride: network pixels a cell.
        sigma: of the Gaussian, in cells.

    Returns:
        (B, K).
    """
    cells = (points + 0.5) / stride - 0.5
    down = _bell(logits.shape[-2], cells[..., 0], sigma=sigma)
    across = _bell(logits.shape[-1], cells[..., 1], sigma=sigma)
    log_chance = logits.float().flatten(2).log_softmax(-1).view(logits.shape)
    by_row = torch.einsum("bkhw,bkw->bkh", log_chance, across)
    return -(by_row * down).sum(-1)


def _bell(count: int, centre: Tensor, *, sigma: float) -> Tensor:
    place = torch.arange(count, device=centre.device, dtype=torch.float32)
    return torch.softmax(-((place - centre.float().unsqueeze(-1)) ** 2) / (2 * sigma**2), dim=-1)


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """The mean of `values` where `mask` is true; zero where it nowhere is."""
    weight = mask.to(values.dtype)
    return (values * weight).sum() / weight.sum().clamp_min(1.0)
