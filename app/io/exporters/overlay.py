"""Where names and angles stand on a picture: beside the column, and never over one another.

All places are (row, column) in the pixels of what is drawn on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.io.exporters.angles import shown_angles
from app.io.exporters.lettering import width_of
from app.io.exporters.measure_marks import MeasureMark, measure_marks
from app.io.exporters.spec import VertebraeExport
from domain.angles import ShownAngle
from domain.cobb_shape import CobbShape, cobb_shape
from domain.geometry import FloatArray, resample
from domain.vertebrae import names_of

NAME_SIZE, FIGURE_SIZE, ENDS_SIZE = 1.7, 2.2, 1.6  # in units, as everything below
_GAP, _MARGIN, _PADDING = 0.9, 0.6, 0.7
_STEPS = 14  # of half a label along the column, tried to either side
_ON_LABEL, _ON_NAME, _ON_BONE, _ACROSS = 1000.0, 300.0, 30.0, 4.0  # what a bad place costs


@dataclass(frozen=True)
class Box:
    """A rectangle around a middle."""

    row: float
    column: float
    height: float
    width: float

    def shared(self, other: Box) -> float:
        """Which share of this box the other one covers."""
        high = _overlap(self.row, self.height, other.row, other.height)
        wide = _overlap(self.column, self.width, other.column, other.width)
        return high * wide / (self.height * self.width)

    def inside(self, size: tuple[int, int], *, margin: float) -> Box:
        """Pushed into a picture of (rows, columns)."""
        row, column = (
            max(min(at, length - side / 2 - margin), side / 2 + margin)
            for at, side, length in (
                (self.row, self.height, size[0]),
                (self.column, self.width, size[1]),
            )
        )
        return replace(self, row=row, column=column)


def _overlap(one: float, length: float, other: float, other_length: float) -> float:
    return max(0.0, min(length, other_length, (length + other_length) / 2 - abs(one - other)))


@dataclass(frozen=True)
class Words:
    """Words and where they stand."""

    words: str
    box: Box


@dataclass(frozen=True, eq=False)
class Mark:
    """An angle, the lines it is drawn with, and where its figure stands."""

    angle: ShownAngle
    shape: CobbShape
    box: Box


@dataclass(frozen=True, eq=False)
class Ground:
    """What is drawn on.

    Args:
        size: rows and columns of the film as it lies there.
        factors: how much larger it is than the film.
        unit: what letters and lines are sized by, in pixels.
    """

    size: tuple[int, int]
    factors: tuple[float, float]
    unit: float


@dataclass(frozen=True, eq=False)
class Overlay:
    """All that stands over a film.

    Args:
        corners: (4 n, 2), or None where there are none.
        marks: the largest angle first.
        readings: the words of `measures`, those that have any.
    """

    corners: FloatArray | None
    names: tuple[Words, ...]
    marks: tuple[Mark, ...]
    measures: tuple[MeasureMark, ...]
    readings: tuple[Words, ...]


def overlay(export: VertebraeExport, ground: Ground) -> Overlay:
    """Everything decided on a case, with a place for each word."""
    measures = tuple(measure_marks(export, factors=ground.factors))
    readings = tuple(_reading(mark, ground) for mark in measures if mark.words)
    points = export.annotations.points
    if points is None:
        return Overlay(None, (), (), measures, readings)
    placed = export.look.placed(points.coordinates, shape=export.image.shape)
    corners = resample(placed, scale=ground.factors)
    axis = 0 if export.look.is_sideways else 1  # names above a column that lies, else left of it
    names = tuple(
        _name(words, four, ground=ground, axis=axis)
        for words, four in zip(names_of(export.annotations), corners.reshape(-1, 4, 2), strict=True)
    )
    taken = [(one.box, _ON_NAME) for one in (*names, *readings)]
    taken += [(box, _ON_BONE) for box in _bones(corners)]
    marks = _marks(shown_angles(export), corners, ground=ground, taken=taken)
    return Overlay(corners, names, marks, measures, readings)


def _reading(mark: MeasureMark, ground: Ground) -> Words:
    size = NAME_SIZE * ground.unit
    width = width_of(mark.words, size=size)
    box = Box(mark.at[0], mark.at[1] + ground.unit + width / 2, size, width)
    return Words(mark.words, box.inside(ground.size, margin=_MARGIN * ground.unit))


def _name(words: str, four: FloatArray, *, ground: Ground, axis: int) -> Words:
    """Before a vertebra, or behind it where the picture ends there."""
    size = NAME_SIZE * ground.unit
    height, width = size, width_of(words, size=size)
    ends = (four[[0, 2]].mean(axis=0), four[[1, 3]].mean(axis=0))
    near, far = sorted(ends, key=lambda end: float(end[axis]))
    is_near = float(near[axis]) > (width if axis else height) + 2 * ground.unit
    place = (near if is_near else far).copy()
    away = _GAP * ground.unit + (width if axis else height) / 2
    place[axis] += -away if is_near else away
    return Words(words, Box(float(place[0]), float(place[1]), height, width))


def _marks(
    angles: Sequence[ShownAngle],
    corners: FloatArray,
    *,
    ground: Ground,
    taken: Sequence[tuple[Box, float]],
) -> tuple[Mark, ...]:
    """Lines and labels of the angles that stand on the film; the largest one chooses first."""
    marks: list[Mark] = []
    drawn = [angle for angle in angles if angle.drawn]
    for angle in sorted(drawn, key=lambda angle: not angle.main):
        shape = cobb_shape(corners, upper=angle.upper, lower=angle.lower, plates=angle.plates)
        costs = (*taken, *((mark.box, _ON_LABEL) for mark in marks))
        marks.append(Mark(angle, shape, _label(angle, shape, ground=ground, costs=costs)))
    return tuple(marks)


def _bones(corners: FloatArray) -> list[Box]:
    """The upright rectangle around each vertebra."""
    fours = corners.reshape(-1, 4, 2)
    low, high = fours.min(axis=1), fours.max(axis=1)
    sides = np.maximum(high - low, 1e-6)
    middles = (low + high) / 2
    return [
        Box(*middle, *side) for middle, side in zip(middles.tolist(), sides.tolist(), strict=True)
    ]


def _label(
    angle: ShownAngle, shape: CobbShape, *, ground: Ground, costs: Sequence[tuple[Box, float]]
) -> Box:
    """The cheapest of the places beside the column."""
    unit = ground.unit
    figure = width_of(angle.figure, size=FIGURE_SIZE * unit, strong=True)
    width = max(figure, width_of(angle.ends, size=ENDS_SIZE * unit)) + 2 * _PADDING * unit
    height = (FIGURE_SIZE + ENDS_SIZE) * 1.15 * unit + 2 * _PADDING * unit
    best, least = Box(0.0, 0.0, height, width), np.inf
    for wanted, price in _places(shape, height=height, width=width, unit=unit):
        box = wanted.inside(ground.size, margin=_MARGIN * unit)
        moved = np.hypot(box.row - wanted.row, box.column - wanted.column) / height
        cost = price + moved + sum(rate * box.shared(other) for other, rate in costs)
        if cost < least:
            best, least = box, cost
    return best


def _places(
    shape: CobbShape, *, height: float, width: float, unit: float
) -> Iterator[tuple[Box, float]]:
    """Places outside the bracket, then across the column, each with what its distance costs."""
    outward = shape.outward
    along = np.array([-outward[1], outward[0]])
    reach = abs(outward[0]) * height / 2 + abs(outward[1]) * width / 2 + _GAP * unit
    across = shape.lines[:, 0].mean(axis=0) - outward * reach
    for start, price in ((shape.label + outward * reach, 0.0), (across, _ACROSS)):
        for step in range(-_STEPS, _STEPS + 1):
            row, column = start + along * (step * height / 2)
            yield Box(float(row), float(column), height, width), price + abs(step) / 2
