"""From a film's pixels to what a network sees: grey values, a pyramid, one warp."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.contracts import PixelArray
from models.vertebrae.crops import Crops
from models.vertebrae.framing import Frame

Film = NDArray[np.uint8]
FloatArray = NDArray[np.float64]

TALLEST = 1024
_SMALLEST = 64
_LEVELS = 4
_DARKEST, _BRIGHTEST = 0.5, 99.5


@dataclass(frozen=True, eq=False)
class Pyramid:
    """A film at most `TALLEST` large, then at half the size again and again.

    Args:
        levels: the pictures, largest first.
        scale: (rows, columns) size of the largest over the film's.
    """

    levels: tuple[Film, ...]
    scale: FloatArray


def grey_levels(pixels: PixelArray, *, inverted: bool = False) -> Film:
    """(rows, columns) uint8 of a film: colour by luminance, 16 bit by percentiles 0.5 and 99.5.

    Args:
        inverted: low values are bright; networks want bones bright.
    """
    levels = _levels(pixels)
    return 255 - levels if inverted else levels


def _levels(pixels: PixelArray) -> Film:
    if pixels.ndim == 3:
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    if pixels.dtype == np.uint8:
        return np.asarray(pixels, dtype=np.uint8)
    low, high = np.percentile(pixels, (_DARKEST, _BRIGHTEST))
    scaled = (pixels.astype(np.float32) - low) * (255.0 / max(float(high - low), 1.0))
    return np.asarray(np.clip(np.rint(scaled), 0, 255), dtype=np.uint8)


def build_pyramid(film: Film) -> Pyramid:
    """The film shrunk by area, so that no warp has to shrink it by more than two."""
    shrink = min(1.0, TALLEST / max(film.shape))
    levels = [_resize(film, [max(1, round(side * shrink)) for side in film.shape])]
    while min(levels[-1].shape) >= _SMALLEST and len(levels) < _LEVELS:
        levels.append(_resize(levels[-1], [(side + 1) // 2 for side in levels[-1].shape]))
    return Pyramid(tuple(levels), np.array(levels[0].shape) / np.array(film.shape))


def look(pyramid: Pyramid, frame: Frame, *, border: int = cv2.BORDER_CONSTANT) -> Film:
    """What a network sees through a frame given in the film's pixels."""
    linear = np.diag([frame.row_scale, frame.column_scale] / pyramid.scale)
    offset = [frame.row_offset, frame.column_offset]
    matrix = np.column_stack([linear, offset])
    return warp(pyramid, matrix, size=(frame.rows, frame.columns), border=border)


def warp(pyramid: Pyramid, matrix: FloatArray, *, size: tuple[int, int], border: int) -> Film:
    """Warp by a 2 x 3 matrix on (row + 1/2, column + 1/2) of the largest level.

    The level is the one that needs the least shrinking.
    """
    shrink = 1.0 / max(float(np.abs(np.linalg.svd(matrix[:, :2], compute_uv=False)).mean()), 1e-6)
    deepest = len(pyramid.levels) - 1
    level = int(np.clip(np.floor(np.log2(max(shrink, 1.0)) + 0.25), 0, deepest))
    film = pyramid.levels[level]
    linear = matrix[:, :2] / (np.array(film.shape) / np.array(pyramid.levels[0].shape))
    offset = matrix[:, 2] + linear @ [0.5, 0.5] - 0.5
    xy = np.array(
        [[linear[1, 1], linear[1, 0], offset[1]], [linear[0, 1], linear[0, 0], offset[0]]]
    )
    warped = cv2.warpAffine(film, xy, size[::-1], flags=cv2.INTER_LINEAR, borderMode=border)
    return np.asarray(warped, dtype=np.uint8)


def _resize(film: Film, shape: list[int]) -> Film:
    small = cv2.resize(film, (shape[1], shape[0]), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8)


def cut(pyramid: Pyramid, crops: Crops) -> Film:
    """(17, size, size) what crops, given in the largest level's pixels, show of a film."""
    size = (crops.size, crops.size)
    border = cv2.BORDER_REPLICATE
    return np.stack([warp(pyramid, matrix, size=size, border=border) for matrix in crops.matrices])
