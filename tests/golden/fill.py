"""The deterministic fill of the golden fixtures: numbers for any state dict and any input."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from inference.smoke import numbers
from models.vertebrae.heatmaps import hint_maps


def input_numbers(shape: tuple[int, ...], *, k: int) -> Tensor:
    """`numbers` as float32."""
    return torch.tensor(numbers(shape, k=k), dtype=torch.float32)


def fill_value(key: str, tensor: Tensor, *, k: int, gain: float = 1.0) -> Tensor:
    """The number of one entry of a state dict, at place `k` of its sorted keys."""
    last = key.rpartition(".")[2]
    if last == "num_batches_tracked":
        return torch.zeros_like(tensor)
    if last in {"resample_filter", "distance_matrix", "scale"}:
        return tensor.clone()
    if tensor.ndim == 0:
        return torch.full_like(tensor, 0.1)
    values = numbers(tuple(tensor.shape), k=k)
    if tensor.ndim >= 2:
        values = values * gain / math.sqrt(tensor.numel() / tensor.shape[0])
    elif key.endswith("affine.bias") or last in {"running_var", "weight", "gamma"}:
        values = 1 + 0.1 * values
    else:
        values = 0.1 * values
    return torch.tensor(values, dtype=tensor.dtype)


def filled(state: dict[str, Tensor], *, gain: float = 1.0) -> dict[str, Tensor]:
    """A whole state dict by the fill rule."""
    return {key: fill_value(key, state[key], k=k, gain=gain) for k, key in enumerate(sorted(state))}


def vertebrae_question() -> tuple[Tensor, Tensor, Tensor]:
    """Hints, previous maps and image that both published vertebrae networks were asked with."""
    index = torch.arange(68, dtype=torch.float64)
    rows = torch.linspace(40, 470, 68, dtype=torch.float64)
    centres = torch.stack([rows, 128 + 60 * torch.sin(0.7 * index)], dim=-1).float()
    hints = hint_maps(centres[[5, 40]], index=torch.tensor([5, 40]))
    previous = torch.sigmoid(0.1 * input_numbers((1, 68, 512, 256), k=1001))
    return hints, previous, input_numbers((1, 3, 512, 256), k=1000).clamp(-1, 1)
