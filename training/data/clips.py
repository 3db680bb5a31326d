"""Clips of healthy studies, changed a little each time they are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Pictures = NDArray[np.uint8]
_SCALES, _SHIFT = (0.92, 1.08), 5.0  # the shift in pixels
_GAMMAS, _CONTRASTS, _LIGHTS = (0.8, 1.25), (0.9, 1.1), (-10.0, 10.0)
_PUBLISHED_SCALE = 1.05


class Change(StrEnum):
    """How pictures are changed."""

    BY_CLIP = "by_clip"  # all frames alike: place, mirror, grey values
    BY_FRAME = "by_frame"  # as published: each frame scaled up and cropped by itself


class Clips(NamedTuple):
    """Frames (B, 1, F, side, side) uint8, and (B,) which frame of its study each clip begins with.

    A mirrored study runs the other way.
    """

    frames: Tensor
    starts: Tensor


class Drawer:
    """An endless stream; step n is the same whenever it is drawn, so a run can resume."""

    def __init__(self, studies: Sequence[Pictures], *, seed: int, change: Change) -> None:
        self._studies, self._seed, self._change = tuple(studies), seed, change

    def draw(self, step: int, *, clips: int, length: int) -> Clips:
        """The clips of a step, of so many frames each."""
        rng = np.random.default_rng((self._seed, step))
        drawn = [self._one(rng, step * clips + n, length) for n in range(clips)]
        frames = np.stack([pictures for pictures, _ in drawn])
        return Clips(
            torch.from_numpy(frames).unsqueeze(1), torch.tensor([start for _, start in drawn])
        )

    def _one(self, rng: np.random.Generator, turn: int, length: int) -> tuple[Pictures, int]:
        round_, place = divmod(turn, len(self._studies))
        order = np.random.default_rng((self._seed, 7, round_)).permutation(len(self._studies))
        study = self._studies[int(order[place])]
        start = int(rng.integers(len(study) - length + 1))
        clip = study[start : start + length]
        if self._change is Change.BY_FRAME:
            return np.stack([_enlarged(frame, rng) for frame in clip]), start
        if rng.random() < 0.5:
            clip, start = clip[::-1, :, ::-1], len(study) - length - start
        return _changed(clip, rng), start


def _changed(clip: Pictures, rng: np.random.Generator) -> Pictures:
    side = clip.shape[-1]
    scale, centre = rng.uniform(*_SCALES), (side - 1) / 2
    shift = rng.uniform(-_SHIFT, _SHIFT, 2)
    offset = centre * (1 - scale) + shift
    matrix = np.array([[scale, 0, offset[0]], [0, scale, offset[1]]])
    table = _greys(rng)
    moved = [
        cv2.warpAffine(
            np.ascontiguousarray(frame), matrix, (side, side), borderMode=cv2.BORDER_REFLECT_101
        )
        for frame in clip
    ]
    return table[np.stack(moved)]


def _greys(rng: np.random.Generator) -> Pictures:
    """(256,) what each grey value becomes."""
    greys = (np.arange(256) / 255) ** np.exp(rng.uniform(*np.log(_GAMMAS))) * 255
    greys = (greys - 127.5) * rng.uniform(*_CONTRASTS) + 127.5 + rng.uniform(*_LIGHTS)
    return np.asarray(np.clip(np.rint(greys), 0, 255), dtype=np.uint8)


def _enlarged(frame: Pictures, rng: np.random.Generator) -> Pictures:
    side = frame.shape[-1]
    large = round(side * rng.uniform(1, _PUBLISHED_SCALE))
    top, left = rng.integers(large - side + 1, size=2)
    drawn = cv2.resize(np.ascontiguousarray(frame), (large, large))
    return np.asarray(drawn[top : top + side, left : left + side], dtype=np.uint8)
