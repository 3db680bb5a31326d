"""What the published networks of the task share: the picture they see, and the hints that hold."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import Tensor

from domain.annotation import Hint
from inference.preprocess import Film
from models.vertebrae.heatmaps import network_centres
from models.vertebrae.interaction import FRAME

Rounds = tuple[tuple[Hint, ...], ...]


def picture(grey: Film, *, like: Tensor, as_published: bool) -> Tensor:
    """(1, 3, 512, 256) in [-1, 1], shrunk as networks of that mode learn to see films.

    As published that is bilinear on uint8 without anti-aliasing, else by area.
    """
    way = cv2.INTER_LINEAR if as_published else cv2.INTER_AREA
    small = cv2.resize(grey, FRAME[::-1], interpolation=way)
    image = torch.from_numpy(np.asarray(small)).to(like.device, like.dtype) / 127.5 - 1
    return image.expand(1, 3, *FRAME)


def latest(rounds: Rounds) -> dict[int, Hint]:
    """The hint that holds at each corner: the last that was given."""
    return {hint.index: hint for hints in rounds for hint in hints}


def placed(
    hints: dict[int, Hint], *, film: tuple[int, int], as_published: bool
) -> tuple[Tensor, Tensor]:
    """Centres (H, 2) of hints in network pixels, and which corner each places, (H,)."""
    points = torch.tensor([[h.row, h.column] for h in hints.values()]).reshape(-1, 2)
    centres = network_centres(points, film=film, frame=FRAME, as_published=as_published)
    return centres, torch.tensor(list(hints), dtype=torch.long)
