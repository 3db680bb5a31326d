"""Asks a network the golden question once, so that what cannot answer is never listed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from domain.errors import WeightsIncompatible

_FRAME = (64, 64)
_CORNERS = 68
_FRAMES = 2  # enough for what passes between frames
_NOISE = 1e-6  # of float32, where every place is treated alike


def numbers(shape: tuple[int, ...], *, k: int) -> NDArray[np.float64]:
    """Pseudo-random numbers of variance 1, as the golden fixtures have; `k` tells them apart."""
    flat = np.sin(12.9898 * np.arange(math.prod(shape), dtype=np.float64) + 78.233 * k) * 43758.5453
    return (math.sqrt(3) * (2 * (flat - np.floor(flat)) - 1)).reshape(shape)


def require_answer(module: nn.Module, *, architecture: str) -> None:
    """Run a network, in memory and ready to be asked, on made-up numbers.

    Raises:
        WeightsIncompatible: its answer is no number somewhere, or one number all over each map.
    """
    with torch.inference_mode():
        answer = _QUESTIONS[architecture](module.eval().float())
    if not bool(answer.isfinite().all()):
        raise _refused("Its answer to a test question is no number.")
    maps = answer.flatten(2)
    if float((maps.amax(dim=-1) - maps.amin(dim=-1)).max()) < _NOISE:
        raise _refused("Its answer to a test question is the same number everywhere.")


def _ask_published(module: nn.Module) -> Tensor:
    hints = torch.zeros(1, _CORNERS, *_FRAME)
    previous = torch.sigmoid(_tensor((1, _CORNERS, *_FRAME), k=1001))
    answer: Tensor = module(hints, previous, _tensor((1, 3, *_FRAME), k=1000).clamp(-1, 1))
    return answer


def _ask_column_net(module: nn.Module) -> Tensor:
    from models.vertebrae.column import ColumnNet
    from models.vertebrae.hints import no_hints

    assert isinstance(module, ColumnNet)
    frame = (module.config.rows, module.config.columns)
    answer: Tensor = module(_tensor((1, 1, *frame), k=1000).clamp(-1, 1), no_hints(1)).logits
    return answer


def _ask_space_time_unet(module: nn.Module) -> Tensor:
    from models.implant.space_time_unet import SpaceTimeUNet

    assert isinstance(module, SpaceTimeUNet)
    side = module.config.side
    clips = 0.5 * _tensor((1, 1, _FRAMES, side, side), k=1000)
    answer: Tensor = module(clips, torch.tensor([300]), torch.tensor([8]))
    return answer


# One for each of inference.loader's ARCHITECTURES.
_QUESTIONS: Mapping[str, Callable[[nn.Module], Tensor]] = {
    "unet_ikem": _ask_published,
    "hrnet_ocr": _ask_published,
    "column_net": _ask_column_net,
    "space_time_unet": _ask_space_time_unet,
}


def _tensor(shape: tuple[int, ...], *, k: int) -> Tensor:
    return torch.tensor(numbers(shape, k=k), dtype=torch.float32)


def _refused(why: str) -> WeightsIncompatible:
    return WeightsIncompatible(
        "The network in this file does not work.", why=why, remedy="Choose other weights."
    )
