"""Draws synthetic implants as X-rays would show them: how thick they are, seen from the side.

Lengths are in pixels of a panoramic film as it was before it was stretched (1991 wide): there a
millimetre is about eleven. Sizes are those of the implants outlined on the calibration films.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.panorama import TRUE_SHAPE

Map = NDArray[np.float64]
Polygon = NDArray[np.float64]
FINE = 4, 8
"""Samples of a pixel, by rows and columns."""
_LENGTHS, _WIDTHS, _TILT = (105.0, 160.0), (38.0, 54.0), 12.0
_TAPERS, _PITCHES, _DEPTHS = (0.6, 0.95), (9.0, 14.0), (2.5, 4.5)
_HOLLOW, _HOLLOW_DEPTH = 0.4, 0.45  # of the width; of the length: the channel of its screw
_NECK = 0.12  # of the length, without threads
_ABUTMENT, _CROWN = (30.0, 50.0), (70.0, 100.0)
_CROWN_HEIGHT = 75.0
_SPIKE = 0.5  # of the width a tip keeps


class Top(StrEnum):
    """What an implant carries."""

    NOTHING = "nothing"
    ABUTMENT = "abutment"
    CROWN = "crown"


@dataclass(frozen=True)
class Screw:
    """An implant.

    Args:
        row, column: the middle of its upper end, in pixels of the film as it is stored.
        up: whether it points upwards, as in the upper jaw.
        length, width: in pixels of an unstretched film.
        tilt: in degrees, against the vertical.
        taper: width of its tip over that of its neck.
        pitch, depth: of its threads.
        extent: length of the abutment; width of the crown.
    """

    row: float
    column: float
    up: bool
    length: float = 135.0
    width: float = 46.0
    tilt: float = 0.0
    taper: float = 0.8
    pitch: float = 11.0
    depth: float = 3.5
    top: Top = Top.NOTHING
    extent: float = 0.0


@dataclass(frozen=True, eq=False)
class Shadow:
    """What a part of an implant does to a film.

    Args:
        thickness: (rows, columns) how much material each pixel sees, a full diameter being 1.
        inside: (rows, columns) the pixels that lie within by more than half.
        outline: (n, 2) corners of its silhouette, row and column.
    """

    thickness: Map
    inside: NDArray[np.bool_]
    outline: Polygon


def random_screw(rng: np.random.Generator, *, row: float, column: float, up: bool) -> Screw:
    """An implant at that place, of a size and a kind by chance."""
    drawn = Screw(
        row,
        column,
        up,
        length=float(rng.uniform(*_LENGTHS)),
        width=float(rng.uniform(*_WIDTHS)),
        tilt=float(rng.uniform(-_TILT, _TILT)),
        taper=float(rng.uniform(*_TAPERS)),
        pitch=float(rng.uniform(*_PITCHES)),
        depth=float(rng.uniform(*_DEPTHS)),
        top=list(Top)[int(rng.integers(len(Top)))],
    )
    sizes = _CROWN if drawn.top is Top.CROWN else _ABUTMENT
    return replace(drawn, extent=float(rng.uniform(*sizes)))


def screw_shadow(screw: Screw, shape: tuple[int, int]) -> Shadow:
    """The implant itself, on a film of that shape."""
    along = np.arange(0, screw.length, 1.0)
    half = _half_width(screw, along)
    return _shadow(screw, along, half, shape=shape, hollow=True)


def top_shadow(screw: Screw, shape: tuple[int, int]) -> Shadow | None:
    """What it carries, if anything."""
    if screw.top is Top.NOTHING:
        return None
    if screw.top is Top.ABUTMENT:
        along = np.arange(-screw.extent, 0, 1.0)
        return _shadow(screw, along, np.full(len(along), 0.3 * screw.width), shape=shape)
    along = np.arange(-_CROWN_HEIGHT, 0, 1.0)
    share = -along / _CROWN_HEIGHT
    wide = np.minimum(share / 0.4, 1.0) * (1 - 0.15 * share)
    half = 0.5 * (screw.width + (screw.extent - screw.width) * wide)
    return _shadow(screw, along, half * np.sqrt(np.clip((1 - share) / 0.15, 0, 1)), shape=shape)


def _half_width(screw: Screw, along: Map) -> Map:
    """Half the width at each place along the implant, threads and rounded tip included."""
    share = along / screw.length
    half = 0.5 * screw.width * (1 - (1 - screw.taper) * share)
    phase = (along / screw.pitch) % 1
    threads = screw.depth * np.abs(2 * phase - 1) * (share > _NECK)
    tip = np.clip((1 - share) / 0.06, 0, 1)
    return np.maximum(half - threads, 1.0) * (_SPIKE + (1 - _SPIKE) * np.sqrt(tip))


def _shadow(
    screw: Screw, along: Map, half: Map, *, shape: tuple[int, int], hollow: bool = False
) -> Shadow:
    """A body of rotation, by half its width at each place along its axis."""
    axis, across = _axes(screw)
    scale = _scale(shape)
    ends = np.concatenate([half, -half[::-1]])[:, None] * across
    edge = np.concatenate([along, along[::-1]])[:, None] * axis + ends
    outline = edge / scale + [screw.row, screw.column]
    first = np.maximum(np.floor(outline.min(axis=0)).astype(int) - 1, 0)
    last = np.minimum(np.ceil(outline.max(axis=0)).astype(int) + 2, shape)
    thickness, inside = np.zeros(shape), np.zeros(shape, bool)
    if (last <= first).any():
        return Shadow(thickness, inside, outline)
    rows, columns = (_samples(*ends) for ends in zip(first, last, FINE, strict=True))
    places = np.stack(np.meshgrid(rows, columns, indexing="ij"), axis=-1)
    away = (places - [screw.row, screw.column]) * scale
    at, aside = away @ axis, np.abs(away @ across)
    reach = np.interp(at, along, half, left=0, right=0)
    chord = _chord(reach, aside)
    if hollow:
        core = _HOLLOW * screw.width / 2
        deep = (at > 0) & (at < _HOLLOW_DEPTH * screw.length)
        chord -= 0.7 * _chord(np.where(deep, np.minimum(core, reach), 0), aside)
    part = slice(first[0], last[0]), slice(first[1], last[1])
    thickness[part] = _means(chord / screw.width)
    inside[part] = _means((aside < reach).astype(float)) > 0.5
    return Shadow(thickness, inside, outline)


def _chord(reach: Map, aside: Map) -> Map:
    return 2 * np.sqrt(np.maximum(reach**2 - aside**2, 0))


def _axes(screw: Screw) -> tuple[Map, Map]:
    """Unit vectors from neck to tip and across, in (row, column) of an unstretched film."""
    turned, sign = np.deg2rad(screw.tilt), -1.0 if screw.up else 1.0
    axis = np.array([sign * np.cos(turned), np.sin(turned)])
    return axis, np.array([-axis[1], axis[0]])


def _scale(shape: tuple[int, int]) -> Map:
    """Pixels of an unstretched film for one of a film of that shape, by rows and columns."""
    return np.array(TRUE_SHAPE) / shape


def _samples(first: int, last: int, fine: int) -> Map:
    return (np.arange((last - first) * fine) + 0.5) / fine - 0.5 + first


def _means(samples: Map) -> Map:
    rows, columns = (size // fine for size, fine in zip(samples.shape, FINE, strict=True))
    return np.asarray(samples.reshape(rows, FINE[0], columns, FINE[1]).mean(axis=(1, 3)))


def sharpness(film: Map) -> tuple[float, float]:
    """How far edges are spread, as a Gauss's sigma in pixels, by rows and by columns.

    An edge's height over its slope, at the steepest places.
    """
    found = []
    for turned in (film, film.T):
        slope = np.abs(np.diff(turned, axis=0))
        line = np.ones((9, 1))
        height = (cv2.dilate(turned, line) - cv2.erode(turned, line))[:-1]
        steep = slope >= max(float(np.quantile(slope, 0.995)), 1.0)
        ratio = height[steep] / (slope[steep] * np.sqrt(2 * np.pi))
        found.append(float(np.clip(np.median(ratio), 0.4, 2.0)) if steep.any() else 0.4)
    return found[0], found[1]
