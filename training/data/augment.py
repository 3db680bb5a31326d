"""Pictures the network learns from: one warp from the cache, then framing, light and damage."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.vertebrae.framing import Frame, frame_of_box, frame_of_column, frame_of_film

Film = NDArray[np.uint8]
FloatArray = NDArray[np.float64]
Rng = np.random.Generator

_MIRROR = np.arange(68).reshape(17, 2, 2)[:, :, ::-1].ravel()
_TALLEST = 768


@dataclass(frozen=True, eq=False)
class Pyramid:
    """A film at half the size again and again, and its corners in the largest picture's pixels."""

    levels: tuple[Film, ...]
    corners: FloatArray


@dataclass(frozen=True, eq=False)
class Sample:
    """A picture in the network's frame, (rows, columns) uint8, and its (68, 2) corners there."""

    picture: Film
    corners: FloatArray


def build_pyramid(film: Film, corners: FloatArray) -> Pyramid:
    """The film at most 768 rows or columns large, and its halves.

    Args:
        corners: (68, 2) in the film's pixels.
    """
    shrink = min(1.0, _TALLEST / max(film.shape))
    levels = [_resize(film, max(1, round(film.shape[0] * shrink)), max(1, round(film.shape[1] * shrink)))]
    scale = np.array(levels[0].shape) / np.array(film.shape)
    while min(levels[-1].shape) >= 64 and len(levels) < 4:
        rows, columns = levels[-1].shape
        levels.append(_resize(levels[-1], (rows + 1) // 2, (columns + 1) // 2))
    return Pyramid(tuple(levels), (corners + 0.5) * scale - 0.5)


def look(pyramid: Pyramid, frame: Frame) -> Film:
    """What the network sees of a pyramid through a frame given in the largest picture's pixels."""
    matrix = np.array(
        [[frame.row_scale, 0, frame.row_offset], [0, frame.column_scale, frame.column_offset]]
    )
    return _warp(pyramid, matrix, size=(frame.rows, frame.columns), border=cv2.BORDER_CONSTANT)


def draw(pyramid: Pyramid, *, others: tuple[Pyramid, ...], rng: Rng, rows: int, columns: int) -> Sample:
    """A random picture of a film as it could have been taken, framed or exposed elsewhere."""
    mirrored = rng.random() < 0.5
    matrix = _placement(pyramid, rng=rng, rows=rows, columns=columns)
    if mirrored:
        matrix = np.array([[1.0, 0, 0], [0, -1.0, columns]]) @ np.vstack([matrix, [0, 0, 1]])
    corners = (pyramid.corners + 0.5) @ matrix[:, :2].T + matrix[:, 2] - 0.5
    picture = _compose(pyramid, matrix, others=others, rng=rng, size=(rows, columns))
    picture = _expose(picture.astype(np.float32), rng=rng)
    return Sample(picture, corners[_MIRROR] if mirrored else corners)


def _resize(film: Film, rows: int, columns: int) -> Film:
    return np.asarray(cv2.resize(film, (columns, rows), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _warp(pyramid: Pyramid, matrix: FloatArray, *, size: tuple[int, int], border: int) -> Film:
    """Warp by a 2 x 3 matrix on (row + 1/2, column + 1/2), from the level that needs least shrinking."""
    shrink = 1.0 / max(float(np.abs(np.linalg.svd(matrix[:, :2], compute_uv=False)).mean()), 1e-6)
    level = int(np.clip(np.floor(np.log2(max(shrink, 1.0)) + 0.25), 0, len(pyramid.levels) - 1))
    film = pyramid.levels[level]
    ratio = np.array(film.shape) / np.array(pyramid.levels[0].shape)
    linear = matrix[:, :2] / ratio
    offset = matrix[:, 2] + linear @ [0.5, 0.5] - 0.5
    xy = np.array(
        [[linear[1, 1], linear[1, 0], offset[1]], [linear[0, 1], linear[0, 0], offset[0]]]
    )
    warped = cv2.warpAffine(film, xy, size[::-1], flags=cv2.INTER_LINEAR, borderMode=border)
    return np.asarray(warped, dtype=np.uint8)


def _placement(pyramid: Pyramid, *, rng: Rng, rows: int, columns: int) -> FloatArray:
    """A 2 x 3 matrix from the film to the frame, on (row + 1/2, column + 1/2)."""
    height, width = pyramid.levels[0].shape
    kind = rng.random()
    if kind < 0.35:
        frame = frame_of_film(height, width, rows=rows, columns=columns)
        zoom, wander = np.exp(rng.normal(0, 0.06)), 0.03
    elif kind < 0.70:
        frame = frame_of_column(pyramid.corners, rows=rows, columns=columns)
        zoom, wander = np.exp(rng.normal(0, 0.08)), 0.05
    elif kind < 0.92:
        frame = frame_of_film(height, width, rows=rows, columns=columns)
        zoom, wander = rng.uniform(0.4, 0.95), 0.0
    else:
        frame = _cut(pyramid, rng=rng, rows=rows, columns=columns)
        zoom, wander = 1.0, 0.0
    stretch = np.exp(rng.normal(0, 0.08))
    angle = np.radians(np.clip(rng.normal(0, 4.5), -13, 13))
    shear = rng.normal(0, 0.02)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turn @ np.array([[1.0, shear], [0.0, 1.0]]) @ np.diag([zoom, zoom * stretch])
    centre = np.array([rows, columns]) / 2
    shift = rng.normal(0, wander, 2) * [rows, columns]
    if kind >= 0.70:
        slack = (1 - min(zoom, 1.0)) / 2
        shift = shift + rng.uniform(-slack, slack, 2) * [rows, columns]
    offset = np.array([frame.row_offset, frame.column_offset])
    inner = np.diag([frame.row_scale, frame.column_scale])
    whole = np.column_stack([linear @ inner, linear @ (offset - centre) + centre + shift])
    return np.asarray(whole, dtype=np.float64)


def _cut(pyramid: Pyramid, *, rng: Rng, rows: int, columns: int) -> Frame:
    """A frame that cuts away skull or pelvis, up to a few vertebrae."""
    low, high = pyramid.corners.min(axis=0), pyramid.corners.max(axis=0)
    tall = high[0] - low[0]
    low = low + tall * np.array([rng.uniform(-0.05, 0.15) * (rng.random() < 0.6), -0.12])
    high = high + tall * np.array([-rng.uniform(-0.05, 0.15) * (rng.random() < 0.6), 0.12])
    return frame_of_box(low, high, rows=rows, columns=columns)


def _compose(
    pyramid: Pyramid,
    matrix: FloatArray,
    *,
    others: tuple[Pyramid, ...],
    rng: Rng,
    size: tuple[int, int],
) -> FloatArray | Film:
    """The warped film on black, on its own stretched edges, on other anatomy or on a drawn body."""
    kind = rng.random()
    if kind < 0.35:
        return _warp(pyramid, matrix, size=size, border=cv2.BORDER_CONSTANT)
    if kind < 0.50:
        return _warp(pyramid, matrix, size=size, border=cv2.BORDER_REPLICATE)
    film = _warp(pyramid, matrix, size=size, border=cv2.BORDER_REPLICATE).astype(np.float32)
    whole = Pyramid(tuple(np.full_like(level, 255) for level in pyramid.levels[-1:]), pyramid.corners)
    ratio = np.array(whole.levels[0].shape) / np.array(pyramid.levels[0].shape)
    inside = np.column_stack([matrix[:, :2] / ratio, matrix[:, 2]])
    mask = _warp(whole, inside, size=size, border=cv2.BORDER_CONSTANT).astype(np.float32) / 255
    if kind > 0.6:
        mask = cv2.GaussianBlur(mask, (0, 0), rng.uniform(0.3, 3.0))
        mask = np.clip(2 * mask - 1, 0, 1)
    if kind < 0.60:
        behind = np.full(size, rng.uniform(0, 255), np.float32)
    elif kind < 0.75 and others:
        behind = _strip(others[int(rng.integers(len(others)))], rng=rng, size=size)
    else:
        behind = _body(film, mask, rng=rng, corners=_apply(matrix, pyramid.corners))
    mixed: FloatArray = film * mask + behind * (1 - mask)
    return mixed


def _apply(matrix: FloatArray, points: FloatArray) -> FloatArray:
    moved: FloatArray = (points + 0.5) @ matrix[:, :2].T + matrix[:, 2] - 0.5
    return moved


def _strip(other: Pyramid, *, rng: Rng, size: tuple[int, int]) -> FloatArray:
    """Ribs and soft tissue beside another film's column, stretched over the frame."""
    film = other.levels[0]
    ratio = film.shape[1]
    low, high = other.corners[:, 1].min(), other.corners[:, 1].max()
    left, right = (0, int(low)) if low > ratio - high else (int(high) + 1, ratio)
    if right - left < 16:
        left, right = 0, ratio
    top = int(rng.integers(0, max(1, film.shape[0] // 2)))
    part = film[top : top + film.shape[0] // 2, left:right]
    part = part[:, ::-1] if rng.random() < 0.5 else part
    stretched = cv2.resize(part, size[::-1], interpolation=cv2.INTER_AREA).astype(np.float32)
    return np.asarray(stretched * rng.uniform(0.4, 1.0))


def _body(film: FloatArray, mask: FloatArray, *, rng: Rng, corners: FloatArray) -> FloatArray:
    """A rough trunk around a film: blurred edges, a neck and skull above, a pelvis and legs below."""
    rows, columns = film.shape
    behind = cv2.GaussianBlur(film, (0, 0), rng.uniform(3, 14)) * rng.uniform(0.3, 1.0)
    scene = behind.astype(np.float32)
    boxes = corners.reshape(17, 4, 2).mean(axis=1)
    step = float(np.linalg.norm(np.diff(boxes, axis=0), axis=1).mean())
    wide = float(np.linalg.norm(corners[64] - corners[65]))
    bright = float(np.percentile(film, 90)) * rng.uniform(0.5, 1.0)
    inside = np.argwhere(mask.max(axis=1) > 0.5)
    top, bottom = (int(inside[0, 0]), int(inside[-1, 0])) if len(inside) else (0, rows)
    _draw_neck(scene, top=top, column=boxes[0, 1], step=step, light=bright, rng=rng)
    radius = step * rng.uniform(2.2, 3.2)
    skull = (boxes[0, 1] + rng.normal(0, step), top - step * rng.uniform(1.5, 4) - radius)
    _ellipse(scene, skull, (radius * 0.75, radius), bright * rng.uniform(0.6, 1.1))
    for side in (-1, 1):
        hip = (boxes[16, 1] + side * wide * rng.uniform(0.9, 1.5), bottom + wide * rng.uniform(0.2, 0.9))
        _ellipse(scene, hip, (wide * rng.uniform(0.5, 0.9), wide * rng.uniform(0.7, 1.2)), bright)
        leg = (hip[0] + side * wide * 0.3, bottom + wide * 4)
        _ellipse(scene, leg, (wide * rng.uniform(0.25, 0.5), wide * 3), bright * 0.9)
    _ellipse(scene, (boxes[16, 1], bottom + wide * 0.2), (wide * 0.6, wide * 0.7), bright)
    scene = cv2.GaussianBlur(scene, (0, 0), rng.uniform(0.6, 2.0))
    return np.asarray(scene)


def _draw_neck(
    scene: FloatArray, *, top: int, column: float, step: float, light: float, rng: Rng
) -> None:
    """Vertebrae go on above the film, smaller and smaller, so that the film's edge tells nothing."""
    row, size = float(top), step * 0.75
    lean = rng.normal(0, 0.15)
    for _ in range(int(rng.integers(0, 7))):
        row -= size
        column += lean * size
        half = size * rng.uniform(0.7, 1.0)
        corner = (int(column - half), int(row - size * 0.38))
        opposite = (int(column + half), int(row + size * 0.38))
        cv2.rectangle(scene, corner, opposite, light * rng.uniform(0.6, 1.0), -1)
        size *= 0.97


def _ellipse(
    scene: FloatArray, centre: tuple[float, float], axes: tuple[float, float], light: float
) -> None:
    at = (int(np.clip(centre[0], -999, 999)), int(np.clip(centre[1], -999, 999)))
    size = (max(1, int(axes[0])), max(1, int(axes[1])))
    cv2.ellipse(scene, at, size, 0, 0, 360, float(light), -1)
    if size[0] > 3:
        cv2.ellipse(scene, at, (size[0] * 2 // 3, size[1] * 2 // 3), 0, 0, 360, float(light) * 0.75, -1)


def _expose(picture: NDArray[np.float32], *, rng: Rng) -> Film:
    """Change contrast, brightness, gamma, sharpness, grain; sometimes invert or cover a part."""
    unit = picture / 255.0
    low, high = np.percentile(unit, (1, 99))
    if rng.random() < 0.5:
        unit = (unit - low) / max(high - low, 0.05)
    unit = np.clip(unit * np.exp(rng.normal(0, 0.2)) + rng.normal(0, 0.06), 0, 1)
    unit = unit ** np.exp(rng.normal(0, 0.35))
    if rng.random() < 0.25:
        unit = _light_field(unit, rng=rng)
    if rng.random() < 0.2:
        unit = cv2.GaussianBlur(unit, (0, 0), rng.uniform(0.4, 1.2))
    elif rng.random() < 0.2:
        unit = unit + rng.uniform(0.3, 1.5) * (unit - cv2.GaussianBlur(unit, (0, 0), 2.0))
    if rng.random() < 0.35:
        unit = unit + rng.normal(0, rng.uniform(0.005, 0.05), unit.shape)
    if rng.random() < 0.04:
        unit = 1 - unit
    if rng.random() < 0.35:
        unit = _cover(unit, rng=rng)
    return np.asarray(np.clip(unit * 255, 0, 255) + 0.5).astype(np.uint8)


def _light_field(unit: FloatArray, *, rng: Rng) -> FloatArray:
    coarse = rng.uniform(0.5, 1.5, (4, 3)).astype(np.float32)
    field = cv2.resize(coarse, unit.shape[::-1], interpolation=cv2.INTER_CUBIC)
    lit: FloatArray = np.clip(unit * field, 0, 1)
    return lit


def _cover(unit: FloatArray, *, rng: Rng) -> FloatArray:
    covered = unit.copy()
    rows, columns = unit.shape
    for _ in range(int(rng.integers(1, 4))):
        tall, wide = int(rng.uniform(0.04, 0.2) * rows), int(rng.uniform(0.08, 0.4) * columns)
        top, left = int(rng.integers(0, rows - tall)), int(rng.integers(0, columns - wide))
        covered[top : top + tall, left : left + wide] = rng.uniform(0, 1)
    return covered
