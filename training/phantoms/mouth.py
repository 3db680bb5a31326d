"""Draws panoramic radiographs of mouths that never were: where the implants lie is known.

Everything is laid down as attenuation, as X-rays add it up: soft tissue, two jaws, teeth with
enamel, dentine and pulp where they stand on the mean of real films, implants with their thread.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.tooth_sites import MEAN_PLACES

FloatArray = NDArray[np.float64]
Layer = NDArray[np.float32]
Grey = NDArray[np.uint8]

ROWS, COLUMNS = 540, 954
MARK = "SYNTHETIC"
IMPLANTS = "36", "45", "14"
_SHIFT = 4  # cv2 draws at sixteenths of a pixel
_ANGLE = np.linspace(0, 2 * np.pi, 32)
# A crown's border: a square with round corners.
_SQUARE = np.sign(np.cos(_ANGLE)) * np.abs(np.cos(_ANGLE)) ** 0.6
_HIGH = np.sign(np.sin(_ANGLE)) * np.abs(np.sin(_ANGLE)) ** 0.7
# Half widths of crowns from the midline to the back, in shares of the height.
_UPPER_HALF = (0.030, 0.025, 0.027, 0.026, 0.026, 0.036, 0.036, 0.031)
_LOWER_HALF = (0.019, 0.021, 0.024, 0.026, 0.027, 0.039, 0.038, 0.035)
# By how much roots lean out, in degrees.
_UPPER_LEAN = (2, 3, 5, 4, 3, 2, -6, -14)
_LOWER_LEAN = (1, 2, 4, 6, 8, 14, 22, 30)
_SCREW = 0.021  # half the width of an implant, in shares of the height
_FIRST_MOLAR = 6  # has two roots in the picture, as those behind it


@dataclass(frozen=True, eq=False)
class MouthPhantom:
    """A drawn film and its truth.

    Args:
        film: (ROWS, COLUMNS) grey values.
        implants: site -> (n, 2) outline of the screw, rows and columns, pixel centres at integers.
    """

    film: Grey
    implants: dict[str, FloatArray]


def draw_mouth(
    seed: int,
    *,
    implants: tuple[str, ...] = IMPLANTS,
    crowned: tuple[str, ...] = IMPLANTS[:1],
    mark: bool = False,
) -> MouthPhantom:
    """A mouth for each seed.

    Args:
        implants: the teeth (FDI) in whose place there is one.
        crowned: those of them that carry a crown.
        mark: burn the word SYNTHETIC into the pixels, below all that a network looks at.
    """
    rng = np.random.default_rng((seed, 0x300F))
    shadow, outlines = _soft(rng) + _jaws(), dict[str, FloatArray]()
    for quadrant, places in MEAN_PLACES.items():
        for number, place in enumerate(places, start=1):
            site = f"{quadrant}{number}"
            pose = _Pose.of(site, place, rng=rng)
            if site in implants:
                outlines[site] = _implant(shadow, pose, crowned=site in crowned)
            else:
                _tooth(shadow, pose)
    film = _expose(shadow, rng=rng)
    film = _marked(film) if mark else film
    film.setflags(write=False)
    return MouthPhantom(film, outlines)


@dataclass(frozen=True, eq=False)
class _Pose:
    """Where a tooth stands: `place` is its middle, `out` from its crown to the tip of its root."""

    place: FloatArray
    out: FloatArray
    half: float
    reach: float
    roots: int

    @classmethod
    def of(cls, site: str, place: tuple[float, float], *, rng: np.random.Generator) -> _Pose:
        """Of a tooth by its FDI number; `place` in shares of the picture."""
        quadrant, number = int(site[0]), int(site[1])
        is_upper, is_left = quadrant in (1, 2), quadrant in (1, 4)  # in the picture
        lean = (_UPPER_LEAN if is_upper else _LOWER_LEAN)[number - 1]
        angle = np.radians(lean if is_left == is_upper else -lean) + rng.normal(0, 0.02)
        is_front = number < _FIRST_MOLAR
        return cls(
            np.array(place) * [ROWS, COLUMNS],
            np.array([-np.cos(angle) if is_upper else np.cos(angle), np.sin(angle)]),
            (_UPPER_HALF if is_upper else _LOWER_HALF)[number - 1] * ROWS,
            reach=(0.125 if is_front else 0.105) * ROWS * rng.uniform(0.93, 1.07),
            roots=1 if is_front else 2,
        )

    def at(self, along: FloatArray, aside: FloatArray) -> FloatArray:
        """(n, 2) places, so far along the tooth (-1 chews, 1 is the tip) and aside, in halves."""
        across = np.array([-self.out[1], self.out[0]])
        down, sideways = along[:, None] * self.reach * self.out, aside[:, None] * self.half * across
        return np.asarray(self.place + down + sideways)


def _tooth(shadow: Layer, pose: _Pose) -> None:
    """Dentine down to the tips of the roots, a brighter cap of enamel, and pulp that is dark."""
    dentine, pulp = np.zeros_like(shadow), np.zeros_like(shadow)
    _fill(dentine, pose.at(-0.55 + 0.42 * _HIGH, 0.86 * _SQUARE), 1.0)
    t = np.linspace(-0.5, 1, 14)
    for root in range(pose.roots):
        aside = (
            0.0 if pose.roots == 1 else (root - 0.5) * np.interp(t, [-0.5, 0.1, 1], [0.5, 1, 1.2])
        )
        neck = 0.80 if pose.roots == 1 else 0.46
        wide = neck * np.sqrt(np.clip(1 - (np.clip(t + 0.1, 0, None) / 1.12) ** 2, 0.03, 1))
        left, right = aside - wide, aside + wide
        _fill(dentine, pose.at(np.r_[t, t[::-1]], np.r_[left, right[::-1]]), 1.0)
        _stroke(pulp, pose.at(t, aside + 0 * t), width=0.22 * pose.half)
    _fill(pulp, pose.at(-0.42 + 0.17 * _HIGH, 0.42 * _SQUARE), 1.0)
    cap, inside = np.zeros_like(shadow), np.zeros_like(shadow)
    _fill(cap, pose.at(-0.62 + 0.38 * _HIGH, 0.97 * _SQUARE), 1.0)
    _fill(inside, pose.at(-0.50 + 0.38 * _HIGH, 0.70 * _SQUARE), 1.0)
    enamel = np.clip(cap - inside, 0, 1)
    shadow += 0.16 * np.maximum(dentine, cap) + 0.11 * enamel - 0.07 * np.minimum(pulp, dentine)


def _implant(shadow: Layer, pose: _Pose, *, crowned: bool) -> FloatArray:
    """A screw with its thread, deep in the bone, under a crown or a cap; gives its outline."""
    t, unit = np.linspace(-0.22, 1.05, 52), _SCREW * ROWS / pose.half
    core = np.interp(t, [-0.22, 0.6, 1.05], [1.0, 0.92, 0.6])
    thread = unit * (core + 0.12 * np.where(t > -0.05, np.sin(t * 2 * np.pi * 10), 0))
    screw = pose.at(np.r_[t, t[::-1]], np.r_[-thread, thread[::-1]])
    metal = np.zeros_like(shadow)
    _fill(metal, screw, 0.52)
    _stroke(metal, pose.at(np.array([-0.12, 0.2]), np.zeros(2)), 0.36, width=0.4 * _SCREW * ROWS)
    if crowned:
        _fill(metal, pose.at(-0.58 + 0.38 * _HIGH, 0.9 * _SQUARE), 0.85)
    else:
        _fill(metal, pose.at(-0.28 + 0.10 * _HIGH, 1.15 * unit * _SQUARE), 0.62)
    shadow += metal
    return screw


def _soft(rng: np.random.Generator) -> Layer:
    """Cheeks and tongue, slow shading, air between the lips."""
    down, across = np.mgrid[:ROWS, :COLUMNS] / np.array([ROWS, COLUMNS])[:, None, None]
    shade = 0.30 + 0.16 * np.exp(-(((down - 0.62) / 0.33) ** 2)) - 0.10 * ((across - 0.5) * 2) ** 4
    field = cv2.resize(
        rng.normal(0, 0.025, (7, 12)).astype(np.float32),
        (COLUMNS, ROWS),
        interpolation=cv2.INTER_CUBIC,
    )
    gap = 0.10 * np.exp(-(((down - 0.545 - 0.06 * ((across - 0.5) * 2) ** 2) / 0.035) ** 2))
    spine = 0.10 * np.exp(-(((across - 0.5) / 0.035) ** 2)) * np.clip(down * 1.4 - 0.4, 0, 1)
    return np.asarray(shade + field - gap + spine, np.float32)


def _jaws() -> Layer:
    """Two bows of bone, the lower one with its bright lower rim, and the palate."""
    bone, rims = np.zeros((ROWS, COLUMNS), np.float32), np.zeros((ROWS, COLUMNS), np.float32)
    x = np.linspace(-1, 1, 80)
    upper, lower = (0.5 + 0.37 * x) * COLUMNS, (0.5 + 0.44 * x) * COLUMNS
    rim = (0.90 - 0.26 * np.abs(x) ** 2.2) * ROWS
    for high, low, columns, value in (
        ((0.22 + 0.02 * x**2) * ROWS, (0.47 - 0.05 * x**2) * ROWS, upper, 0.09),
        ((0.645 - 0.10 * np.abs(x) ** 2.4) * ROWS, rim, lower, 0.13),
    ):
        rows = np.r_[high, low[::-1]]
        _fill(bone, np.column_stack([rows, np.r_[columns, columns[::-1]]]), value)
    _stroke(rims, np.column_stack([rim, lower]), 0.12, width=0.022 * ROWS)
    _stroke(rims, np.column_stack([(0.20 - 0.02 * x**2) * ROWS, upper]), 0.10, width=0.016 * ROWS)
    return np.asarray(cv2.GaussianBlur(bone + rims, (0, 0), 0.011 * ROWS), np.float32)


def _expose(shadow: Layer, *, rng: np.random.Generator) -> Grey:
    """Attenuation to grey values: trabeculae, film curve, blur and grain."""
    noise = rng.normal(0, 1, shadow.shape).astype(np.float32)
    bone = cv2.GaussianBlur(noise, (0, 0), 2.2)
    shadow = shadow + 0.010 * bone / float(bone.std())
    shadow = np.asarray(cv2.GaussianBlur(shadow, (0, 0), 1.1), np.float32)
    grey = np.clip(shadow / 1.15, 0, 1) ** 1.05 + rng.normal(0, 0.010, shadow.shape)
    film: Grey = (np.clip(grey, 0, 1) * 255 + 0.5).astype(np.uint8)
    return film


def _marked(film: Grey) -> Grey:
    marked, where = film.copy(), (10, ROWS - 12)
    cv2.putText(marked, MARK, where, cv2.FONT_HERSHEY_SIMPLEX, 0.6, 255, 1, cv2.LINE_AA)
    return marked


def _fill(layer: Layer, outline: FloatArray, value: float) -> None:
    cv2.fillPoly(layer, [_whole(outline)], value, lineType=cv2.LINE_8, shift=_SHIFT)


def _stroke(layer: Layer, path: FloatArray, value: float = 1.0, *, width: float) -> None:
    thick = max(1, round(width))
    cv2.polylines(layer, [_whole(path)], False, value, thick, cv2.LINE_8, _SHIFT)


def _whole(points: FloatArray) -> NDArray[np.int32]:
    """(row, column) pixels to cv2's (x, y) in sixteenths."""
    return np.round(points[:, ::-1] * (1 << _SHIFT)).astype(np.int32)
