"""Draws frontal spine films that never were: the true 68 corners are known by construction.

Everything is laid down as attenuation, as X-rays add it up: soft tissue, lungs as holes, ribs as
tubes, vertebrae as bodies with bright rims, pedicles and processes, a neck and skull base above, a
sacrum and pelvis below. Then the sum is exposed, blurred and given grain.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Layer = NDArray[np.float32]
Rng = np.random.Generator

LEVELS = 17
MARK = "SYNTHETIC"
_SHIFT = 4  # cv2 draws at sixteenths of a pixel
# Heights of T1 ... L5 with the disc below, and widths, in shares of a middle vertebra's height.
_HEIGHTS = np.interp(np.arange(LEVELS), [0, 3, 10, 16], [0.72, 0.80, 1.05, 1.38])
_WIDTHS = np.interp(np.arange(LEVELS), [0, 3, 8, 16], [1.55, 1.35, 1.45, 2.15])
_DISC = np.interp(np.arange(LEVELS), [0, 8, 16], [0.16, 0.16, 0.26])


@dataclass(frozen=True, eq=False)
class Phantom:
    """A drawn film and its truth.

    Args:
        film: (rows, columns) grey values.
        corners: (68, 2) rows and columns, pixel centres at integers; T1.TL first.
    """

    film: NDArray[np.uint8]
    corners: FloatArray


@dataclass(frozen=True, eq=False)
class Column:
    """The spine's geometry: corners of bodies from neck to L5, and the pose of its two ends."""

    corners: FloatArray  # (68, 2)
    neck: FloatArray  # (n, 4, 2) bodies above T1, nearest last
    unit: float  # height of a middle vertebra with its disc, px


def draw_phantom(seed: int, *, rows: int = 1400, columns: int = 620, mark: bool = False) -> Phantom:
    """A film for each seed; `mark` burns the word SYNTHETIC into the pixels.

    Args:
        rows: at least 200.
        columns: at least 100.

    Raises:
        ValueError: the film would be too small to draw on.
    """
    if rows < 200 or columns < 100:
        msg = f"a phantom needs 200 x 100 pixels or more, not {rows} x {columns}"
        raise ValueError(msg)
    rng = np.random.default_rng((seed, 0x5B1E))
    column = _bend(rng, rows=rows, columns=columns)
    shadow = _trunk(column, rng=rng, rows=rows, columns=columns)
    shadow += _ribs(column, rng=rng, shape=shadow.shape)
    shadow += _pelvis(column, rng=rng, shape=shadow.shape)
    shadow += _head(column, rng=rng, shape=shadow.shape)
    shadow += _bodies(column, rng=rng, shape=shadow.shape)
    film = _expose(shadow, unit=column.unit, rng=rng)
    if mark:
        film = _burn(film)
    film.setflags(write=False)
    column.corners.setflags(write=False)
    return Phantom(film, column.corners)


def _bend(rng: Rng, *, rows: int, columns: int) -> Column:
    """A column with one to three curves, hung between neck and pelvis."""
    share = rng.uniform(0.60, 0.80)
    steps = _HEIGHTS * np.exp(rng.normal(0, 0.015, LEVELS))
    unit = share * rows / float(steps.sum())
    unit = min(unit, columns / 7.0)
    edges = np.concatenate([[0.0], np.cumsum(steps)]) * unit
    length = edges[-1]
    top = rng.uniform(0.35, 0.65) * (rows - length)
    strength = rng.uniform(0.0, 0.075) * length
    phase, waves = rng.uniform(0, 2 * np.pi), rng.uniform(0.55, 1.25)

    def aside(along: FloatArray) -> FloatArray:
        fade = np.exp(-(((along - length / 2) / (0.62 * length)) ** 4))
        swing: FloatArray = strength * fade * np.sin(2 * np.pi * waves * along / length + phase)
        return swing

    middle = columns / 2 + rng.normal(0, 0.03) * columns
    centre = float(aside(edges).mean())
    disc = _DISC * steps * unit
    half_widths = _WIDTHS * unit / 2 * np.exp(rng.normal(0, 0.02, LEVELS))
    bodies = [
        _body(aside, edges[n : n + 2] - [0, disc[n]], half_widths[n], rng=rng)
        for n in range(LEVELS)
    ]
    neck = []
    for n in range(int(rng.integers(4, 8)), 0, -1):
        low = -(n - 1) * 0.62 * unit - 0.12 * unit
        neck.append(_body(aside, low - np.array([0.5, 0]) * unit, 0.62 * unit, rng=rng))
    place = np.array([top, middle - centre])
    corners = np.concatenate(bodies) + place
    return Column(corners, np.stack(neck) + place, unit)


def _body(
    aside: Callable[[FloatArray], FloatArray], ends: FloatArray, half: float, *, rng: Rng
) -> FloatArray:
    """(4, 2) corners TL TR BL BR of a body between two places along the column."""
    slope = (aside(ends + 1) - aside(ends - 1)) / 2
    wedge = rng.normal(0, 0.015, 2)
    corners = []
    for n in range(2):
        lean = np.arctan(slope[n]) + wedge[n]
        across = np.array([-np.sin(lean), np.cos(lean)]) * half
        middle = np.array([ends[n], float(aside(ends[n : n + 1])[0])])
        corners += [middle - across, middle + across]
    return np.array(corners)


def _trunk(column: Column, *, rng: Rng, rows: int, columns: int) -> Layer:
    """Soft tissue: neck, shoulders, waist and hips, with lungs, heart and gas in it."""
    boxes = column.corners.reshape(LEVELS, 4, 2).mean(axis=1)
    unit = column.unit
    spots = np.array([-6.5, -2.5, -1.2, 0.6, 7, 11, 15, 19, 26])
    halves = np.array([1.7, 1.7, 2.4, 5.6, 5.2, 4.6, 4.4, 5.4, 5.0]) * rng.uniform(0.95, 1.15)
    at = boxes[0, 0] + spots * unit
    half = np.interp(np.arange(rows), at, halves * unit)
    middle = np.interp(np.arange(rows), boxes[:, 0], boxes[:, 1])
    middle = cv2.GaussianBlur(middle.reshape(-1, 1), (0, 0), 2.5 * unit).ravel()
    offset = (np.arange(columns)[None, :] - middle[:, None]) / half[:, None]
    thick = np.sqrt(np.clip(1 - offset**2, 0, None))
    dense = np.interp(np.arange(rows), boxes[[0, 8, 11, 16], 0], [0.7, 0.62, 0.95, 1.05])
    shadow: Layer = (thick * dense[:, None] * rng.uniform(0.8, 1.1)).astype(np.float32)
    shadow -= _lungs(column, rng=rng, shape=shadow.shape)
    gas = np.zeros_like(shadow)
    for _ in range(int(rng.integers(3, 9))):
        spot = boxes[int(rng.integers(11, 17))] + rng.normal(0, 2.2, 2) * unit
        _oval(gas, spot, (rng.uniform(0.25, 0.7) * unit, rng.uniform(0.25, 0.7) * unit), 0.18)
    shadow -= cv2.GaussianBlur(gas, (0, 0), 0.15 * unit)
    return shadow


def _lungs(column: Column, *, rng: Rng, shape: tuple[int, ...]) -> Layer:
    boxes = column.corners.reshape(LEVELS, 4, 2).mean(axis=1)
    unit = column.unit
    holes = np.zeros(shape, np.float32)
    depth = rng.uniform(0.30, 0.45)
    for side in (-1, 1):
        spot = boxes[5] + [rng.normal(0, 0.4) * unit, side * 2.75 * unit]
        _oval(holes, spot, (rng.uniform(5.0, 5.8) * unit, rng.uniform(1.8, 2.1) * unit), depth)
        dome = boxes[10] + [rng.uniform(1.0, 1.8) * unit, side * 2.6 * unit]
        _oval(holes, dome, (2.2 * unit, 2.4 * unit), 0.0)
    heart = boxes[7] + [0.5 * unit, rng.uniform(0.7, 1.3) * unit]
    _oval(holes, heart, (2.2 * unit, rng.uniform(1.4, 1.9) * unit), depth * 0.25)
    return np.asarray(cv2.GaussianBlur(holes, (0, 0), 0.25 * unit))


def _ribs(column: Column, *, rng: Rng, shape: tuple[int, ...]) -> Layer:
    """Tubes from each thoracic vertebra out and down; the far wall runs back fainter. Clavicles."""
    rims, fills = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    unit = column.unit
    boxes = column.corners.reshape(LEVELS, 4, 2)
    reach = np.interp(np.arange(12), [0, 2, 7, 10, 11], [2.2, 3.6, 4.6, 3.6, 2.0]) * unit
    drop = np.interp(np.arange(12), [0, 4, 11], [0.8, 1.7, 1.9]) * unit * rng.uniform(0.8, 1.2)
    for level in range(12):
        for side, corner in ((-1, 0), (1, 1)):
            start = boxes[level, corner] + [0.15 * unit, -side * 0.15 * unit]
            t = np.linspace(0, 1, 24)
            rise = -0.35 * unit * np.sin(np.pi * np.minimum(t * 2.2, 1))
            row = start[0] + rise + drop[level] * t**1.6
            path = np.column_stack([row, start[1] + side * reach[level] * np.sin(t * np.pi / 2)])
            _tube(fills, rims, path, width=0.30 * unit)
            front = path[-1] + np.column_stack(
                [drop[level] * 0.9 * t, -side * 0.55 * reach[level] * t**1.3]
            )
            if level < 9:
                _tube(fills, rims, front, width=0.20 * unit)
    for side in (-1, 1):
        collar = boxes[1].mean(axis=0) + np.column_stack(
            [np.linspace(1.0, -0.9, 12) * unit, side * np.linspace(1.3, 5.2, 12) * unit]
        )
        _tube(fills, rims, collar, width=0.42 * unit)
    shadow = 0.085 * np.minimum(fills, 2.0) + 0.07 * np.minimum(rims, 2.0)
    return np.asarray(cv2.GaussianBlur(shadow, (0, 0), 0.05 * unit), dtype=np.float32)


def _pelvis(column: Column, *, rng: Rng, shape: tuple[int, ...]) -> Layer:
    """Sacrum, iliac wings with bright crests, the pelvic ring and the upper thighs."""
    layer = np.zeros(shape, np.float32)
    unit = column.unit
    left, right = column.corners[66], column.corners[67]
    middle, across = (left + right) / 2, (right - left) / np.linalg.norm(right - left)
    down = np.array([across[1], -across[0]])
    top = middle + down * 0.30 * unit
    sacrum = [
        top - across * 1.25 * unit,
        top + across * 1.25 * unit,
        top + across * 0.55 * unit + down * 3.2 * unit,
        top - across * 0.55 * unit + down * 3.2 * unit,
    ]
    _fill(layer, np.array(sacrum), 0.20)
    for n in range(3):
        hole = top + down * (0.75 + 0.8 * n) * unit
        for side in (-1, 1):
            _oval(layer, hole + across * side * 0.55 * unit, (0.16 * unit, 0.2 * unit), 0.09)
    for side in (-1, 1):
        wing = middle + down * 1.3 * unit + across * side * 3.0 * unit
        _oval(layer, wing, (1.9 * unit, 1.75 * unit), 0.24, angle=side * 25)
        _oval(layer, wing, (1.7 * unit, 1.55 * unit), 0.15, angle=side * 25)
        ring = middle + down * 4.6 * unit + across * side * 1.9 * unit
        _oval(layer, ring, (1.5 * unit, 1.0 * unit), 0.22, angle=-side * 30)
        _oval(layer, ring + down * 0.3 * unit, (0.8 * unit, 0.45 * unit), 0.05, angle=-side * 30)
        hip = middle + down * 4.0 * unit + across * side * 3.6 * unit
        _oval(layer, hip, (0.85 * unit, 0.85 * unit), 0.32)
        _oval(
            layer,
            hip + down * 5.0 * unit + across * side * 0.4 * unit,
            (4.6 * unit, 0.6 * unit),
            0.28,
        )
    return np.asarray(cv2.GaussianBlur(layer, (0, 0), 0.08 * unit) * rng.uniform(0.9, 1.2))


def _head(column: Column, *, rng: Rng, shape: tuple[int, ...]) -> Layer:
    """Jaw and skull base above the neck."""
    layer = np.zeros(shape, np.float32)
    unit = column.unit
    top = column.neck[0].mean(axis=0)
    skull = top + np.array([-2.6, rng.normal(0, 0.3)]) * unit
    _oval(layer, skull, (3.2 * unit, 2.5 * unit), 0.55)
    _oval(layer, skull, (2.9 * unit, 2.2 * unit), 0.40)
    jaw = top + np.array([0.1 * unit, 0.0])
    _oval(layer, jaw, (1.0 * unit, 1.6 * unit), 0.5)
    _oval(layer, jaw - [0.5 * unit, 0], (0.7 * unit, 1.15 * unit), 0.3)
    for n in range(8):
        tooth = jaw + np.array([-0.55, (n - 3.5) * 0.22]) * unit
        _oval(layer, tooth, (0.28 * unit, 0.08 * unit), 0.7)
    return np.asarray(cv2.GaussianBlur(layer, (0, 0), 0.08 * unit))


def _bodies(column: Column, *, rng: Rng, shape: tuple[int, ...]) -> Layer:
    """Vertebral bodies: faint inside, bright end-plates and sides, pedicles, processes."""
    layer = np.zeros(shape, np.float32)
    unit = column.unit
    for box in column.neck:
        _fill(layer, _outline(box), 0.13)
        _stroke(layer, _outline(box), 0.20, width=0.05 * unit)
    _tips(layer, column)
    boxes = column.corners.reshape(LEVELS, 4, 2)
    inside, rim = rng.uniform(0.10, 0.18), rng.uniform(0.20, 0.34)
    bodies = np.zeros(shape, np.float32)
    for box in boxes:
        _fill(bodies, _outline(box), inside)
    rims = np.zeros(shape, np.float32)
    for box in boxes:
        _stroke(rims, _outline(box), rim, width=0.055 * unit)
    for level, box in enumerate(boxes):
        middle, across = box.mean(axis=0), (box[1] - box[0] + box[3] - box[2]) / 4
        upper = (box[0] + box[1]) / 2 * 0.7 + middle * 0.3
        for side in (-1, 1):
            spot = upper + across * side * np.interp(level, [0, 8, 16], [0.55, 0.5, 0.62])
            _oval(rims, spot, (0.20 * unit, 0.12 * unit), rim)
            _oval(rims, spot, (0.14 * unit, 0.07 * unit), rim * 0.35)
        below = (box[2] + box[3]) / 2
        _oval(rims, middle * 0.35 + below * 0.65, (0.24 * unit, 0.07 * unit), rim * 0.75)
    layer += cv2.GaussianBlur(bodies, (0, 0), 0.02 * unit)
    layer += cv2.GaussianBlur(rims, (0, 0), 0.02 * unit)
    return np.asarray(layer)


def _tips(layer: Layer, column: Column) -> None:
    """Transverse processes of the lumbar vertebrae and of T1."""
    boxes = column.corners.reshape(LEVELS, 4, 2)
    for level in (0, *range(12, LEVELS)):
        box = boxes[level]
        middle, across = box.mean(axis=0), (box[1] - box[0] + box[3] - box[2]) / 4
        for side in (-1, 1):
            path = np.stack([middle + across * side * 0.9, middle + across * side * 1.6])
            _stroke(layer, path, 0.12, width=0.2 * column.unit, closed=False)


def _outline(box: FloatArray) -> FloatArray:
    """The border of a body: straight end-plates, sides drawn in at the waist."""
    top_left, top_right, bottom_left, bottom_right = box
    waist = 0.05 * (top_right - top_left + bottom_right - bottom_left) / 2
    t = np.linspace(0, 1, 7)[1:-1, None]
    pull = np.sin(np.pi * t)
    right = top_right * (1 - t) + bottom_right * t - waist * pull
    left = bottom_left * (1 - t) + top_left * t + waist * pull
    return np.concatenate([[top_left, top_right], right, [bottom_right, bottom_left], left])


def _expose(shadow: Layer, *, unit: float, rng: Rng) -> NDArray[np.uint8]:
    """Attenuation to grey values: slow shading, film curve, blur and grain."""
    rows, columns = shadow.shape
    field = cv2.resize(
        rng.normal(0, 0.04, (6, 4)).astype(np.float32),
        (columns, rows),
        interpolation=cv2.INTER_CUBIC,
    )
    clutter = cv2.GaussianBlur(
        rng.normal(0, 1, shadow.shape).astype(np.float32), (0, 0), 0.2 * unit
    )
    shadow = shadow + field + 0.03 * clutter / max(float(clutter.std()), 1e-6)
    shadow = np.asarray(
        cv2.GaussianBlur(shadow, (0, 0), max(0.4, rng.uniform(0.010, 0.022) * unit)),
        dtype=np.float32,
    )
    low, high = np.percentile(shadow, (2, 99.3))
    unit_grey = np.clip((shadow - low) / (high - low), 0, 1.1)
    unit_grey = unit_grey ** rng.uniform(0.8, 1.3) * rng.uniform(0.8, 0.95) + 0.02
    grain = rng.normal(0, 1, shadow.shape) * rng.uniform(0.008, 0.02)
    grey = unit_grey + grain * np.sqrt(0.3 + unit_grey)
    film: NDArray[np.uint8] = (np.clip(grey, 0, 1) * 255 + 0.5).astype(np.uint8)
    return film


def _burn(film: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The film with the word SYNTHETIC in its pixels, at the lower left."""
    marked = film.copy()
    size = film.shape[1] / 700
    where = (int(12 * size), film.shape[0] - int(14 * size))
    thick = max(1, round(2 * size))
    cv2.putText(marked, MARK, where, cv2.FONT_HERSHEY_SIMPLEX, size, 0, thick + 3, cv2.LINE_AA)
    cv2.putText(marked, MARK, where, cv2.FONT_HERSHEY_SIMPLEX, size, 255, thick, cv2.LINE_AA)
    return marked


def _whole(points: FloatArray) -> NDArray[np.int32]:
    """(row, column) pixels to cv2's (x, y) in sixteenths."""
    return np.round(points[:, ::-1] * (1 << _SHIFT)).astype(np.int32)


def _fill(layer: Layer, outline: FloatArray, value: float) -> None:
    cv2.fillPoly(layer, [_whole(outline)], value, lineType=cv2.LINE_8, shift=_SHIFT)


def _stroke(
    layer: Layer, outline: FloatArray, value: float, *, width: float, closed: bool = True
) -> None:
    thick = max(1, round(width))
    cv2.polylines(layer, [_whole(outline)], closed, value, thick, cv2.LINE_8, _SHIFT)


def _tube(fills: Layer, rims: Layer, path: FloatArray, *, width: float) -> None:
    """A rib: its body and its two brighter edges."""
    _stroke(fills, path, 1.0, width=width, closed=False)
    along = np.gradient(path, axis=0)
    aside = np.column_stack([along[:, 1], -along[:, 0]])
    aside /= np.maximum(np.linalg.norm(aside, axis=1, keepdims=True), 1e-6)
    for sign in (-1, 1):
        _stroke(rims, path + sign * aside * width / 2, 1.0, width=0.18 * width, closed=False)


def _oval(
    layer: Layer, centre: FloatArray, axes: tuple[float, float], value: float, *, angle: float = 0.0
) -> None:
    """A filled ellipse; `axes` are half its height and half its width, `angle` in degrees."""
    at = tuple(int(v) for v in np.round(np.asarray(centre)[::-1] * (1 << _SHIFT)))
    size = tuple(max(1, int(v * (1 << _SHIFT))) for v in axes[::-1])
    cv2.ellipse(layer, at, size, angle, 0, 360, value, -1, cv2.LINE_8, _SHIFT)
