"""The published augmentation, in OpenCV alone: turn, flip, scale, light, then the frame.

What albumentations 1 and 2 compute in SafeRotate, HorizontalFlip, RandomScale,
RandomBrightnessContrast and Resize.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from models.vertebrae.hints import POINTS
from training.data.aasce import Film, FloatArray

FRAME = (512, 256)
MIRROR = np.arange(POINTS).reshape(-1, 2)[:, ::-1].ravel()
_CHANCE = 0.5
_TURN_DEG = 15.0
_SCALE = (0.9, 1.2)
_LIGHT = 0.2

Rng = np.random.Generator


class Picture(NamedTuple):
    """Grey pixels and the 68 corners in them, (row, column)."""

    pixels: Film
    corners: FloatArray


def augmented(picture: Picture, *, rng: Rng, as_published: bool) -> Picture:
    """A random variant in the network's frame.

    The scaling is undone by the frame, which every picture fills: it only blurs a little.
    """
    if rng.random() < _CHANCE:
        picture = turned(picture, angle_deg=rng.uniform(-_TURN_DEG, _TURN_DEG))
    if rng.random() < _CHANCE:
        picture = flipped(picture, swap=not as_published)
    if rng.random() < _CHANCE:
        scale = rng.uniform(*_SCALE)
        rows, columns = (max(1, int(side * scale)) for side in picture.pixels.shape)
        picture = resized(picture, size=(rows, columns), as_published=as_published)
    if rng.random() < _CHANCE:
        gain, lift = 1 + rng.uniform(-_LIGHT, _LIGHT), rng.uniform(-_LIGHT, _LIGHT)
        picture = Picture(_lit(picture.pixels, gain=gain, lift=lift), picture.corners)
    return framed(picture, as_published=as_published)


def turned(picture: Picture, *, angle_deg: float) -> Picture:
    """Turn about the middle, then squeeze rows and columns so that the whole film stays in."""
    rows, columns = picture.pixels.shape
    x, y = (columns - 1) / 2, (rows - 1) / 2
    matrix = cv2.getRotationMatrix2D((x, y), angle_deg, 1.0)
    cos, sin = np.abs(matrix[0, :2])
    fit = np.array([columns / (rows * sin + columns * cos), rows / (rows * cos + columns * sin)])
    matrix = fit[:, None] * matrix
    matrix[:, 2] += (1 - fit) * [x, y]
    pixels = cv2.warpAffine(picture.pixels, matrix, (columns, rows), flags=cv2.INTER_LINEAR)
    xy = picture.corners[:, ::-1] @ matrix[:, :2].T + matrix[:, 2]
    return Picture(np.asarray(pixels, dtype=np.uint8), xy[:, ::-1])


def flipped(picture: Picture, *, swap: bool) -> Picture:
    """Left becomes right; `swap` gives the corners the names they then have."""
    corners = picture.corners * [1, -1] + [0, picture.pixels.shape[1] - 1]
    return Picture(
        np.ascontiguousarray(picture.pixels[:, ::-1]), corners[MIRROR] if swap else corners
    )


def framed(picture: Picture, *, as_published: bool) -> Picture:
    """The whole picture in the network's frame."""
    return resized(picture, size=FRAME, as_published=as_published)


def resized(picture: Picture, *, size: tuple[int, int], as_published: bool) -> Picture:
    """At another size; as published without anti-aliasing, and corners mapped by x * s."""
    way = cv2.INTER_LINEAR if as_published else cv2.INTER_AREA
    pixels = cv2.resize(picture.pixels, size[::-1], interpolation=way)
    scale = np.array(size) / picture.pixels.shape
    shift = 0.0 if as_published else 0.5
    return Picture(np.asarray(pixels, dtype=np.uint8), (picture.corners + shift) * scale - shift)


def _lit(pixels: Film, *, gain: float, lift: float) -> Film:
    levels: NDArray[np.float64] = np.clip(np.arange(256) * gain + 255 * lift, 0, 255)
    return np.asarray(cv2.LUT(pixels, levels.astype(np.uint8)), dtype=np.uint8)
