"""Looks at each vertebra of a found column from close by and moves its corners a little."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from inference.preprocess import Pyramid, cut
from models.vertebrae.crops import VERTEBRAE, course_of, crops_around
from models.vertebrae.refiner import Refiner

FloatArray = NDArray[np.float64]

# A close-up shows half a neighbour: what it finds farther off than this is the neighbour's.
FARTHEST_LEVELS = 0.45


class Found(NamedTuple):
    """Corners (68, 2) and their spread (68,), one deviation, in film pixels."""

    corners: FloatArray
    spread: FloatArray


@torch.inference_mode()
def look_closer(refiner: Refiner, pyramid: Pyramid, found: Found) -> Found:
    """The same column with each corner where the close-ups show it.

    One look: a second one changed the error on validation films by less than 0.3 px.
    """
    corners = (found.corners + 0.5) * pyramid.scale - 0.5
    course = course_of(corners)
    crops = crops_around(course, size=refiner.config.size)
    levels = torch.arange(VERTEBRAE, device=next(refiner.parameters()).device)
    pictures = torch.from_numpy(cut(pyramid, crops)).to(levels.device)[:, None].float()
    pictures = Refiner.normalised(pictures).contiguous(memory_format=torch.channels_last)
    places, deviation = refiner.coordinates(refiner(pictures, levels))
    seen = crops.to_film(places.double().cpu().numpy())
    moved = seen - corners.reshape(VERTEBRAE, 4, 2)
    length = np.linalg.norm(moved, axis=-1, keepdims=True)
    farthest = FARTHEST_LEVELS * course.level[:, None, None]
    corners = corners + (moved * np.minimum(1.0, farthest / np.maximum(length, 1e-9))).reshape(
        -1, 2
    )
    film_per_crop = course.side / crops.size / float(pyramid.scale.mean())
    spread = (deviation.double().cpu().numpy() * film_per_crop[:, None]).ravel()
    return Found((corners + 0.5) / pyramid.scale - 0.5, spread)
