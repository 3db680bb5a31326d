"""From heat to outlines: connected places, the line around them, and back to a mask; numpy alone.

Places are (row, column) with pixel centres at whole numbers.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Heat = NDArray[np.float64]
Mask = NDArray[np.bool_]
Outline = NDArray[np.float64]

# Sides of a cell of four pixels, and by which of its corners are inside (top left 1, top right 2,
# bottom right 4, bottom left 8) the lines through it, the inside on their right. Opposite corners
# are cut off each alone, as places that touch by a corner are not connected.
_TOP, _RIGHT, _BOTTOM, _LEFT = range(4)
_LINES: dict[int, tuple[tuple[int, int], ...]] = {
    1: ((_TOP, _LEFT),),
    2: ((_RIGHT, _TOP),),
    3: ((_RIGHT, _LEFT),),
    4: ((_BOTTOM, _RIGHT),),
    5: ((_TOP, _LEFT), (_BOTTOM, _RIGHT)),
    6: ((_BOTTOM, _TOP),),
    7: ((_BOTTOM, _LEFT),),
    8: ((_LEFT, _BOTTOM),),
    9: ((_TOP, _BOTTOM),),
    10: ((_RIGHT, _TOP), (_LEFT, _BOTTOM)),
    11: ((_RIGHT, _BOTTOM),),
    12: ((_LEFT, _RIGHT),),
    13: ((_TOP, _RIGHT),),
    14: ((_LEFT, _TOP),),
}


def connected(mask: Mask) -> NDArray[np.intp]:
    """(rows, columns) 0 outside, and inside a number from 1 for all that share sides."""
    edges = np.diff(np.pad(mask.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    rows, starts = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1]
    parents = list(range(len(rows)))

    def root(run: int) -> int:
        while parents[run] != run:
            parents[run] = parents[parents[run]]
            run = parents[run]
        return run

    first = np.searchsorted(rows, np.arange(mask.shape[0] + 1)).tolist()
    begin, end = starts.tolist(), ends.tolist()
    for (above, here), after in zip(pairwise(first), first[2:], strict=False):
        one, other = above, here
        while one < here and other < after:
            if begin[one] < end[other] and begin[other] < end[one]:
                parents[root(other)] = root(one)
            if end[one] < end[other]:
                one += 1
            else:
                other += 1
    roots = np.array([root(run) for run in range(len(rows))], np.intp)
    numbers = np.unique(roots, return_inverse=True)[1] + 1 if len(roots) else roots
    labels = np.zeros(mask.shape, np.intp)
    labels[mask] = np.repeat(numbers, ends - starts)
    return labels


def outline_of(heat: Heat, inside: Mask, *, threshold: float) -> Outline:
    """(n, 2) corners of the closed line around connected places: where heat falls to a threshold.

    Holes are not told.

    Args:
        heat: (rows, columns); above the threshold inside.
        inside: one connected part of what is above.
        threshold: finite.
    """
    heat, inside = np.pad(heat, 1), np.pad(inside, 1)
    heat = np.where(inside, heat, np.minimum(heat, threshold))
    following = _lines(inside)
    best, largest = np.zeros((0, 2)), -1.0
    while following:
        start, after = following.popitem()
        loop = [start]
        while after != start:
            loop.append(after)
            after = following.pop(after)
        corners = _crossings(np.array(loop), heat, threshold)
        size = abs(area(corners))
        if size > largest:
            best, largest = corners, size
    return best - 1


def _lines(inside: Mask) -> dict[int, int]:
    """From side to side of cells, round each border; sides are told by numbers."""
    size, width = inside.size, inside.shape[1]
    corners = inside[:-1, :-1], inside[:-1, 1:], inside[1:, 1:], inside[1:, :-1]
    kind = np.zeros(corners[0].shape, np.int8)
    for bit, corner in enumerate(corners):
        kind |= corner.astype(np.int8) << bit
    following: dict[int, int] = {}
    for inner, lines in _LINES.items():
        rows, columns = np.nonzero(kind == inner)
        cell = rows * width + columns
        sides = cell, size + cell + 1, cell + width, size + cell
        for one, other in lines:
            following.update(zip(sides[one].tolist(), sides[other].tolist(), strict=True))
    return following


def _crossings(sides: NDArray[np.intp], heat: Heat, threshold: float) -> Outline:
    """(n, 2) where heat crosses the threshold between the two pixels of each side."""
    flat, width = heat.ravel(), heat.shape[1]
    upright = sides >= heat.size
    first = np.where(upright, sides - heat.size, sides)
    second = first + np.where(upright, width, 1)
    rise = flat[second] - flat[first]
    share = np.divide(threshold - flat[first], rise, out=np.full(len(sides), 0.5), where=rise != 0)
    rows, columns = np.divmod(first, width)
    share = np.clip(share, 0, 1)
    return np.stack([rows + upright * share, columns + ~upright * share], axis=1)


def area(outline: Outline) -> float:
    """Of a closed polygon; its sign tells which way round it goes."""
    rows, columns = outline.T
    return float(rows @ np.roll(columns, -1) - columns @ np.roll(rows, -1)) / 2


def with_hole(outline: Outline, hole: Outline) -> Outline:
    """One line around a place with a hole in it: in to the hole, round it, and back the same way.

    Whoever fills the line by any rule leaves the hole out, and its area is that of the ring.
    """
    if area(outline) * area(hole) > 0:
        hole = hole[::-1]
    apart = np.square(outline[:, None] - hole[None]).sum(axis=-1)
    leaves, meets = np.unravel_index(int(apart.argmin()), apart.shape)
    around = np.roll(hole, -int(meets), axis=0)
    there_and_back = np.concatenate([around, around[:1], outline[leaves : leaves + 1]])
    return np.concatenate([outline[: leaves + 1], there_and_back, outline[leaves + 1 :]])


def simplified(outline: Outline, *, tolerance: float) -> Outline:
    """Fewer corners, none of those left out farther than `tolerance` from the line (1973)."""
    if len(outline) <= 3:
        return outline
    far = int(np.argmax(np.square(outline - outline[0]).sum(axis=1)))
    closed = np.concatenate([outline, outline[:1]])
    kept = {0, far}
    waiting = [(0, far), (far, len(outline))]
    while waiting:
        start, end = waiting.pop()
        off = _distances(closed[start + 1 : end], closed[start], closed[end])
        if len(off) and off.max() > tolerance:
            middle = start + 1 + int(off.argmax())
            kept.add(middle)
            waiting += [(start, middle), (middle, end)]
    return outline[sorted(kept)]


def _distances(places: Outline, start: Outline, end: Outline) -> NDArray[np.float64]:
    along, off = end - start, places - start
    length = float(along @ along)
    share = np.clip(off @ along / length, 0, 1) if length else np.zeros(len(places))
    distances: NDArray[np.float64] = np.linalg.norm(off - share[:, None] * along, axis=1)
    return distances


def mask_of(outline: Outline, shape: tuple[int, int]) -> Mask:
    """(rows, columns) pixels whose centre lies within a closed polygon."""
    flips = np.zeros((shape[0], shape[1] + 1), np.int64)
    for start, end in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        upper, lower = (start, end) if start[0] <= end[0] else (end, start)
        rows = np.arange(max(0, int(np.ceil(upper[0]))), min(shape[0], int(np.ceil(lower[0]))))
        if len(rows):
            slope = (lower[1] - upper[1]) / (lower[0] - upper[0])
            columns = np.ceil(upper[1] + (rows - upper[0]) * slope)
            flips[rows, np.clip(columns, 0, shape[1]).astype(np.intp)] += 1
    inside: Mask = np.cumsum(flips, axis=1)[:, :-1] % 2 == 1
    return inside


_FINE = 64


def shared(one: Outline, other: Outline) -> float:
    """How much of the smaller of two polygons lies in the other: 0 … 1, to about a hundredth."""
    low = np.maximum(one.min(axis=0), other.min(axis=0))
    high = np.minimum(one.max(axis=0), other.max(axis=0))
    if (high <= low).any():
        return 0.0
    low = np.minimum(one.min(axis=0), other.min(axis=0))
    scale = _FINE / np.maximum(np.maximum(one.max(axis=0), other.max(axis=0)) - low, 1e-9)
    shape = _FINE, _FINE
    masks = [mask_of((polygon - low) * scale - 0.5, shape) for polygon in (one, other)]
    smaller = min(np.count_nonzero(mask) for mask in masks)
    return float(np.count_nonzero(masks[0] & masks[1]) / smaller) if smaller else 0.0
