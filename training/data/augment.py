"""Pictures the network learns from: one warp from the cache, then framing, light and damage."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.preprocess import Pyramid, build_pyramid, warp
from models.vertebrae.framing import Frame, frame_of_box, frame_of_column, frame_of_film
from training.data.bend import bend

Film = NDArray[np.uint8]
FloatArray = NDArray[np.float64]
Grey = NDArray[np.float32]
Rng = np.random.Generator

_MIRROR = np.arange(68).reshape(17, 2, 2)[:, :, ::-1].ravel()


@dataclass(frozen=True, eq=False)
class Taught:
    """A film to learn from.

    Args:
        pyramid: its pixels.
        corners: (68, 2) in the largest picture's pixels.
        known: (68,) false for corners that are guessed and not labelled.
        named: the labels say which level is which.
    """

    pyramid: Pyramid
    corners: FloatArray
    known: NDArray[np.bool_] = field(default_factory=lambda: np.ones(68, dtype=bool))
    named: bool = True

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the largest picture."""
        rows, columns = self.pyramid.levels[0].shape
        return rows, columns


@dataclass(frozen=True, eq=False)
class Sample:
    """A picture in the network's frame, (rows, columns) uint8, and its (68, 2) corners there.

    `known` and `named` as `Taught` has them.
    """

    picture: Film
    corners: FloatArray
    known: NDArray[np.bool_]
    named: bool


@dataclass(frozen=True)
class Framings:
    """Shares of the ways a film is framed; what is left of one is cut across the column.

    Args:
        whole: the film as it is.
        column: close around the column, as the network looks the second time.
        wide: the film small in a larger picture, as long films of other hospitals are.
        bent: of all, those whose column is bent further.
    """

    whole: float = 0.30
    column: float = 0.42
    wide: float = 0.22
    bent: float = 0.0


USUAL = Framings()


def to_teach(film: Film, corners: FloatArray) -> Taught:
    """A film and its (68, 2) corners, in its pixels."""
    pyramid = build_pyramid(film)
    return Taught(pyramid, (corners + 0.5) * pyramid.scale - 0.5)


def draw(
    film: Taught,
    *,
    others: tuple[Taught, ...],
    rng: Rng,
    size: tuple[int, int],
    framings: Framings = USUAL,
) -> Sample:
    """A random picture, (rows, columns), of a film as it could have been taken elsewhere."""
    mirrored = rng.random() < 0.5
    matrix = _placement(film, rng=rng, size=size, framings=framings)
    if mirrored:
        matrix = np.array([[1.0, 0, 0], [0, -1.0, size[1]]]) @ np.vstack([matrix, [0, 0, 1]])
    corners = _apply(matrix, film.corners)
    grey = _compose(film, matrix, others=others, rng=rng, size=size)
    if framings.bent and rng.random() < framings.bent:
        grey, corners = bend(grey, corners, rng=rng)
    picture = _expose(grey, rng=rng)
    order = _MIRROR if mirrored else slice(None)
    return Sample(picture, corners[order], film.known[order], film.named)


def _placement(film: Taught, *, rng: Rng, size: tuple[int, int], framings: Framings) -> FloatArray:
    """A 2 x 3 matrix from the film to the frame, on (row + 1/2, column + 1/2)."""
    rows, columns = size
    height, width = film.shape
    whole, column, wide = np.cumsum([framings.whole, framings.column, framings.wide])
    kind = rng.random()
    if kind < whole:
        frame = frame_of_film(height, width, rows=rows, columns=columns)
        zoom, wander = np.exp(rng.normal(0, 0.06)), 0.03
    elif kind < column:
        frame = frame_of_column(film.corners, rows=rows, columns=columns)
        zoom, wander = np.exp(rng.normal(0, 0.08)), 0.05
    elif kind < wide:
        frame = frame_of_film(height, width, rows=rows, columns=columns)
        zoom, wander = rng.uniform(0.5, 0.95), 0.0
    else:
        frame = _cut(film, rng=rng, rows=rows, columns=columns)
        zoom, wander = 1.0, 0.0
    stretch = np.exp(rng.normal(0, 0.08))
    angle = np.radians(np.clip(rng.normal(0, 4.5), -13, 13))
    shear = rng.normal(0, 0.02)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turn @ np.array([[1.0, shear], [0.0, 1.0]]) @ np.diag([zoom, zoom * stretch])
    centre = np.array([rows, columns]) / 2
    shift = rng.normal(0, wander, 2) * [rows, columns]
    if kind >= column:
        slack = (1 - min(zoom, 1.0)) / 2
        shift = shift + rng.uniform(-slack, slack, 2) * [rows, columns]
    offset = np.array([frame.row_offset, frame.column_offset])
    inner = np.diag([frame.row_scale, frame.column_scale])
    moved = linear @ (offset - centre) + centre + shift
    return np.asarray(np.column_stack([linear @ inner, moved]), dtype=np.float64)


def _cut(film: Taught, *, rng: Rng, rows: int, columns: int) -> Frame:
    """A frame that cuts away skull or pelvis, up to a few vertebrae."""
    low, high = film.corners.min(axis=0), film.corners.max(axis=0)
    tall = high[0] - low[0]
    low = low + tall * np.array([rng.uniform(-0.05, 0.15) * (rng.random() < 0.6), -0.12])
    high = high + tall * np.array([-rng.uniform(-0.05, 0.15) * (rng.random() < 0.6), 0.12])
    return frame_of_box(low, high, rows=rows, columns=columns)


def _compose(
    film: Taught,
    matrix: FloatArray,
    *,
    others: tuple[Taught, ...],
    rng: Rng,
    size: tuple[int, int],
) -> Grey:
    """The warped film on black, on its own stretched edges, on other anatomy or on a drawn body."""
    kind = rng.random()
    if kind < 0.35:
        return _grey(warp(film.pyramid, matrix, size=size, border=cv2.BORDER_CONSTANT))
    grey = _grey(warp(film.pyramid, matrix, size=size, border=cv2.BORDER_REPLICATE))
    if kind < 0.50:
        return grey
    mask = _footprint(film.pyramid, matrix, size=size)
    if kind > 0.6:
        soft = cv2.GaussianBlur(mask, (0, 0), rng.uniform(0.3, 3.0))
        mask = _grey(np.clip(2 * soft - 1, 0, 1))
    if kind < 0.60:
        behind = _grey(np.full(size, rng.uniform(0, 255)))
    elif kind < 0.75 and others:
        behind = _strip(others[int(rng.integers(len(others)))], rng=rng, size=size)
    else:
        behind = _body(grey, mask, rng=rng, corners=_apply(matrix, film.corners))
    return _grey(grey * mask + behind * (1 - mask))


def _footprint(pyramid: Pyramid, matrix: FloatArray, *, size: tuple[int, int]) -> Grey:
    """1 where the warped film lies, 0 beside it."""
    least = np.full_like(pyramid.levels[-1], 255)
    ratio = np.array(least.shape) / np.array(pyramid.levels[0].shape)
    inside = np.column_stack([matrix[:, :2] / ratio, matrix[:, 2]])
    white = Pyramid((least,), pyramid.scale * ratio)
    covered = warp(white, inside, size=size, border=cv2.BORDER_CONSTANT)
    return _grey(covered) / np.float32(255)


def _grey(picture: Any) -> Grey:
    return np.asarray(picture, dtype=np.float32)


def _apply(matrix: FloatArray, points: FloatArray) -> FloatArray:
    moved: FloatArray = (points + 0.5) @ matrix[:, :2].T + matrix[:, 2] - 0.5
    return moved


def _strip(other: Taught, *, rng: Rng, size: tuple[int, int]) -> Grey:
    """Ribs and soft tissue beside another film's column, stretched over the frame."""
    film = other.pyramid.levels[0]
    ratio = film.shape[1]
    low, high = other.corners[:, 1].min(), other.corners[:, 1].max()
    left, right = (0, int(low)) if low > ratio - high else (int(high) + 1, ratio)
    if right - left < 16:
        left, right = 0, ratio
    top = int(rng.integers(0, max(1, film.shape[0] // 2)))
    part = film[top : top + film.shape[0] // 2, left:right]
    part = part[:, ::-1] if rng.random() < 0.5 else part
    stretched = cv2.resize(part, size[::-1], interpolation=cv2.INTER_AREA).astype(np.float32)
    return _grey(stretched * rng.uniform(0.4, 1.0))


def _body(film: Grey, mask: Grey, *, rng: Rng, corners: FloatArray) -> Grey:
    """A rough trunk around a film: blurred edges, neck and skull above, pelvis and legs below."""
    rows = film.shape[0]
    behind = cv2.GaussianBlur(film, (0, 0), rng.uniform(3, 14)) * rng.uniform(0.3, 1.0)
    scene = _grey(behind)
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
        hip = (
            boxes[16, 1] + side * wide * rng.uniform(0.9, 1.5),
            bottom + wide * rng.uniform(0.2, 0.9),
        )
        _ellipse(scene, hip, (wide * rng.uniform(0.5, 0.9), wide * rng.uniform(0.7, 1.2)), bright)
        leg = (hip[0] + side * wide * 0.3, bottom + wide * 4)
        _ellipse(scene, leg, (wide * rng.uniform(0.25, 0.5), wide * 3), bright * 0.9)
    _ellipse(scene, (boxes[16, 1], bottom + wide * 0.2), (wide * 0.6, wide * 0.7), bright)
    return _grey(cv2.GaussianBlur(scene, (0, 0), rng.uniform(0.6, 2.0)))


def _draw_neck(
    scene: Grey, *, top: int, column: float, step: float, light: float, rng: Rng
) -> None:
    """Vertebrae go on above the film, ever smaller, so that the film's edge tells nothing."""
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
    scene: Grey, centre: tuple[float, float], axes: tuple[float, float], light: float
) -> None:
    at = (int(np.clip(centre[0], -999, 999)), int(np.clip(centre[1], -999, 999)))
    size = (max(1, int(axes[0])), max(1, int(axes[1])))
    cv2.ellipse(scene, at, size, 0, 0, 360, float(light), -1)
    if size[0] > 3:
        cv2.ellipse(
            scene, at, (size[0] * 2 // 3, size[1] * 2 // 3), 0, 0, 360, float(light) * 0.75, -1
        )


def _expose(picture: Grey, *, rng: Rng) -> Film:
    """Change contrast, brightness, gamma, sharpness, grain; sometimes invert or cover a part."""
    unit: FloatArray = picture.astype(np.float64) / 255.0
    low, high = np.percentile(unit, (1, 99))
    if rng.random() < 0.5:
        unit = (unit - low) / max(high - low, 0.05)
    unit = np.clip(unit * np.exp(rng.normal(0, 0.2)) + rng.normal(0, 0.06), 0, 1)
    unit = unit ** np.exp(rng.normal(0, 0.35))
    if rng.random() < 0.25:
        unit = _light_field(unit, rng=rng)
    if rng.random() < 0.2:
        unit = _blurred(unit, rng.uniform(0.4, 1.2))
    elif rng.random() < 0.2:
        unit = unit + rng.uniform(0.3, 1.5) * (unit - _blurred(unit, 2.0))
    if rng.random() < 0.35:
        unit = unit + rng.normal(0, rng.uniform(0.005, 0.05), unit.shape)
    if rng.random() < 0.04:
        unit = 1 - unit
    if rng.random() < 0.25:
        unit = _cover(unit, rng=rng)
    return np.asarray(np.clip(unit * 255, 0, 255) + 0.5).astype(np.uint8)


def _blurred(unit: FloatArray, sigma: float) -> FloatArray:
    return np.asarray(cv2.GaussianBlur(unit, (0, 0), sigma), dtype=np.float64)


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
