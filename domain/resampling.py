"""Pictures drawn smaller or larger, with pixel centres where they belong; numpy alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Frames = NDArray[np.float64]
Edges = tuple[float, float]


def by_area(
    frames: NDArray[np.generic], *, rows: Edges, columns: Edges, shape: tuple[int, int]
) -> Frames:
    """(..., *shape) means over even pieces of a part of pictures (..., rows, columns).

    Args:
        rows, columns: first and last edge of the part, in pixels; pixel 0 lies between 0 and 1.
        shape: rows and columns of the result; drawn larger, pixels become squares.
    """
    half = _means(np.moveaxis(frames, -2, -1), columns=rows, count=shape[0])
    return _means(np.moveaxis(half, -1, -2), columns=columns, count=shape[1])


def _means(frames: NDArray[np.generic], *, columns: Edges, count: int) -> Frames:
    """Along the last axis, by differences of the running sum at the edges of the pieces."""
    length = frames.shape[-1]
    wide = np.int64 if frames.dtype.kind in "ui" else np.float64
    sums = np.zeros((*frames.shape[:-1], length + 1), wide)
    np.cumsum(frames, axis=-1, dtype=wide, out=sums[..., 1:])
    edges = np.clip(np.linspace(*columns, count + 1), 0, length)
    whole = np.minimum(edges.astype(np.intp), length - 1)
    at_edges = sums[..., whole] + (edges - whole) * frames[..., whole]
    means: Frames = np.diff(at_edges, axis=-1) / np.diff(edges)
    return means


def by_line(frames: NDArray[np.generic], *, shape: tuple[int, int]) -> Frames:
    """(..., *shape) pictures drawn between neighbouring pixels, without smoothing before."""
    half = _between(np.moveaxis(frames, -2, -1), count=shape[0])
    return _between(np.moveaxis(half, -1, -2), count=shape[1])


def _between(frames: NDArray[np.generic], *, count: int) -> Frames:
    length = frames.shape[-1]
    places = np.clip((np.arange(count) + 0.5) * (length / count) - 0.5, 0, length - 1)
    lower = np.minimum(places.astype(np.intp), max(length - 2, 0))
    share = places - lower
    upper = np.minimum(lower + 1, length - 1)
    mixed: Frames = frames[..., lower] * (1 - share) + frames[..., upper] * share
    return mixed
