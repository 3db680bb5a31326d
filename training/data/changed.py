"""What may be wrong with a film: cut, turned, mirrored, badly exposed, or with metal in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from training.data.aasce import Film

FloatArray = NDArray[np.float64]
EIGHT = 8
Changed = tuple[Film, FloatArray]
Change = Callable[[Film, FloatArray, np.random.Generator], Changed]


def _upside_down(film: Film, corners: FloatArray, _rng: np.random.Generator) -> Changed:
    turned = np.array(film.shape) - 1 - corners
    return np.ascontiguousarray(film[::-1, ::-1]), turned


def _quarter_turn(film: Film, corners: FloatArray, _rng: np.random.Generator) -> Changed:
    turned = np.stack([film.shape[1] - 1 - corners[:, 1], corners[:, 0]], axis=-1)
    return np.ascontiguousarray(np.rot90(film)), turned


def mirrored(film: Film, corners: FloatArray, _rng: np.random.Generator) -> Changed:
    """Left and right exchanged, also in the corners' names."""
    boxes = corners.reshape(-1, 4, 2)[:, [1, 0, 3, 2]]
    boxes = np.stack([boxes[..., 0], film.shape[1] - 1 - boxes[..., 1]], axis=-1)
    return np.ascontiguousarray(film[:, ::-1]), boxes.reshape(-1, 2)


def cropped_to(film: Film, corners: FloatArray, *, first: int, last: int) -> Changed:
    """The film cut across between vertebrae, so that those from `first` to `last` are whole."""
    boxes = corners.reshape(-1, 4, 2)
    top, bottom = 0, film.shape[0]
    if first > 0:
        top = _between(boxes[first - 1], boxes[first])
    if last < len(boxes) - 1:
        bottom = _between(boxes[last], boxes[last + 1])
    return np.ascontiguousarray(film[top:bottom]), corners - (top, 0)


def _any(count: int) -> Change:
    """So many vertebrae, from a level on that chance decides."""

    def change(film: Film, corners: FloatArray, rng: np.random.Generator) -> Changed:
        first = int(rng.integers(0, len(corners) // 4 - count + 1))
        return cropped_to(film, corners, first=first, last=first + count - 1)

    return change


def _between(upper: FloatArray, lower: FloatArray) -> int:
    return round(float(upper[2:, 0].mean() + lower[:2, 0].mean()) / 2)


def _flat(film: Film, corners: FloatArray, _rng: np.random.Generator) -> Changed:
    return np.asarray(np.rint(110 + (film.astype(float) - 128) * 0.08), np.uint8), corners


def _inverted(film: Film, corners: FloatArray, _rng: np.random.Generator) -> Changed:
    return 255 - film, corners


def _grainy(film: Film, corners: FloatArray, rng: np.random.Generator) -> Changed:
    grain = rng.normal(0, 60, film.shape)
    return np.asarray(np.clip(film + grain, 0, 255), np.uint8), corners


def _rods(film: Film, corners: FloatArray, rng: np.random.Generator) -> Changed:
    """Two rods along the column and two screws in each vertebra between two random levels."""
    boxes = corners.reshape(-1, 4, 2)
    first = int(rng.integers(0, 7))
    last = int(rng.integers(11, 17))
    drawn = film.copy()
    width = np.linalg.norm(boxes[:, 1] - boxes[:, 0], axis=-1).mean()
    thick = max(2, round(0.11 * width))
    lines = []
    for share in (0.25, 0.75):
        upper = boxes[:, 0] + share * (boxes[:, 1] - boxes[:, 0])
        lower = boxes[:, 2] + share * (boxes[:, 3] - boxes[:, 2])
        middle = (0.65 * upper + 0.35 * lower)[first : last + 1]
        lines.append(middle)
        inwards = (boxes.mean(1)[first : last + 1] - middle) * 0.55
        for place, way in zip(middle, inwards, strict=True):
            cv2.line(drawn, _xy(place), _xy(place + way), 248, thick)
            cv2.circle(drawn, _xy(place), round(1.1 * thick), 255, -1)
    for line in lines:
        path = np.rint(line[:, ::-1]).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(drawn, [path], isClosed=False, color=252, thickness=thick)
    return np.asarray(cv2.GaussianBlur(drawn, (0, 0), 0.8), np.uint8), corners


def _xy(place: FloatArray) -> tuple[int, int]:
    row, column = np.rint(place)
    return int(column), int(row)


CHANGES: Mapping[str, Change] = {
    "upside down": _upside_down,
    "quarter turn": _quarter_turn,
    "mirrored": mirrored,
    "top eight": lambda film, corners, _: cropped_to(film, corners, first=0, last=EIGHT - 1),
    "bottom eight": lambda film, corners, _: cropped_to(
        film, corners, first=len(corners) // 4 - EIGHT, last=len(corners) // 4 - 1
    ),
    "any twelve": _any(12),
    "any fourteen": _any(14),
    "flat": _flat,
    "inverted": _inverted,
    "grainy": _grainy,
    "rods, drawn": _rods,
}
