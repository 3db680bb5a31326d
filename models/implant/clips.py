"""A study's frames as the clips that are healed together, and back."""

from __future__ import annotations

from itertools import accumulate

import torch
from torch import Tensor

from domain.errors import NotForThisTask
from domain.provenance import Mode
from models.implant.space_time_unet import CLIP


def to_clips(frames: Tensor) -> Tensor:
    """(N, rows, columns) to (N / 4, 1, 4, rows, columns).

    Raises:
        NotForThisTask: the frames do not make whole clips.
    """
    if len(frames) == 0 or len(frames) % CLIP:
        raise NotForThisTask(
            f"A study of {len(frames)} frames cannot be looked at.",
            why=f"Frames are healed {CLIP} at a time.",
            remedy=f"Choose a study of {CLIP}, {2 * CLIP} … frames.",
        )
    return frames.reshape(-1, 1, CLIP, *frames.shape[1:])


def from_clips(clips: Tensor) -> Tensor:
    """(B, 1, 4, rows, columns) to (4 * B, rows, columns)."""
    return clips.squeeze(1).flatten(0, 1)


def starts(clips: int, *, mode: Mode) -> Tensor:
    """(clips,) which frame of the study the network is told each clip begins with.

    As published they are 0, 4, 12, 24: the original adds each to those before. The network takes
    what lies beyond the last frame it knows for the last.
    """
    own = range(0, CLIP * clips, CLIP)
    return torch.tensor(list(accumulate(own) if mode is Mode.AS_PUBLISHED else own))
