"""Bends the column of a picture further: severe curves are rare among films to learn from."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Grey = NDArray[np.float32]
Rng = np.random.Generator

TURN = 0.6
"""The most that a vertebra is turned besides, in radians."""
_TIGHTEST = 3.2  # least radius of what is added, in levels: nearer to its centre a picture folds
_POINTS = 300
_BEYOND = 1.0  # how far the line goes on, straight, above and below: of the column's length
_COARSE = 4  # the map is computed for every fourth row and column


def bend(picture: Grey, corners: FloatArray, *, rng: Rng) -> tuple[Grey, FloatArray]:
    """A picture whose column bends by a random wave more than it did.

    The line through the vertebrae is bent without being stretched and carries along what lies
    beside it: each vertebra keeps its size and shape and is turned with the line.

    Args:
        picture: (rows, columns).
        corners: (68, 2) in its pixels.
    """
    line = _line_through(corners.reshape(-1, 4, 2).mean(axis=1))
    bent = _bent(line, rng=rng)
    rows, columns = picture.shape
    middle = (_COARSE - 1) / 2  # of the pixels that a coarse place stands for
    places = np.stack(
        np.meshgrid(
            np.arange(0, rows, _COARSE) + middle,
            np.arange(0, columns, _COARSE) + middle,
            indexing="ij",
        ),
        axis=-1,
    )
    source = _carried(places.reshape(-1, 2), bent, line).reshape(places.shape)
    fine = cv2.resize(source.astype(np.float32), (columns, rows))
    down, across = cv2.split(fine)
    made = cv2.remap(picture, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(made, dtype=np.float32), _carried(corners, line, bent)


def _line_through(centres: FloatArray) -> FloatArray:
    """(n, 2) places at equal steps along the column and, straight on, above and below it."""
    ends = centres[[1, -2]] - centres[[0, -1]]
    length = float(np.linalg.norm(np.diff(centres, axis=0), axis=1).sum())
    ends *= -_BEYOND * length / np.maximum(np.linalg.norm(ends, axis=1, keepdims=True), 1e-9)
    way = np.concatenate([centres[:1] + ends[:1], centres, centres[-1:] + ends[1:]])
    along = np.insert(np.cumsum(np.linalg.norm(np.diff(way, axis=0), axis=1)), 0, 0.0)
    even = np.linspace(0.0, along[-1], _POINTS)
    line = np.stack([np.interp(even, along, way[:, axis]) for axis in (0, 1)], axis=-1)
    # Without its kinks at the vertebrae; the kernel is about two levels wide.
    return np.asarray(
        cv2.GaussianBlur(line, (1, 0), 0.01, sigmaY=5, borderType=cv2.BORDER_REPLICATE)
    )


def _bent(line: FloatArray, *, rng: Rng) -> FloatArray:
    """The line with its direction turned by a wave, its middle and its chord where they were."""
    steps = np.diff(line, axis=0)
    place = (np.arange(len(steps)) / len(steps)) * (1 + 2 * _BEYOND) - _BEYOND  # 0..1: the column
    period = rng.uniform(0.6, 1.8)
    tightest = period * 17 / (2 * np.pi * _TIGHTEST)
    turn = min(TURN, tightest) * rng.uniform(0.3, 1.0)
    wave = turn * np.sin(2 * np.pi * (np.clip(place, 0, 1) / period + rng.random()))
    wave -= wave[(place >= 0) & (place <= 1)].mean()
    cosine, sine = np.cos(wave), np.sin(wave)
    turned = np.stack(
        [cosine * steps[:, 0] - sine * steps[:, 1], sine * steps[:, 0] + cosine * steps[:, 1]], -1
    )
    bent = np.concatenate([line[:1], line[0] + np.cumsum(turned, axis=0)])
    inside = slice(len(line) // 3, 2 * len(line) // 3)
    return np.asarray(bent + line[inside].mean(axis=0) - bent[inside].mean(axis=0))


def _carried(places: FloatArray, line: FloatArray, other: FloatArray) -> FloatArray:
    """Where (m, 2) places beside a line go when it becomes the other line."""
    steps = np.diff(line, axis=0)
    length = np.linalg.norm(steps, axis=1, keepdims=True)
    starts = line[:-1]
    middles = starts + steps / 2
    nearest = ((middles**2).sum(axis=1) - 2 * places @ middles.T).argmin(axis=1)
    along = (steps / length)[nearest]
    beside = np.stack([-along[:, 1], along[:, 0]], axis=-1)
    offset = places - starts[nearest]
    there = (np.diff(other, axis=0) / length)[nearest]
    across = np.stack([-there[:, 1], there[:, 0]], axis=-1)
    down = (offset * along).sum(axis=-1, keepdims=True)
    aside = (offset * beside).sum(axis=-1, keepdims=True)
    return np.asarray(other[:-1][nearest] + down * there + aside * across)
