"""What a person measures by hand: points on a film and what they read, in pixels or millimetres."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from domain.geometry import FloatArray
from domain.grid import Grid
from domain.image import Pixels

Place = tuple[float, float]


class MeasureKind(StrEnum):
    """What is measured."""

    LINE = "line"
    ANGLE = "angle"
    COBB = "cobb"
    RATIO = "ratio"
    RECTANGLE = "rectangle"
    ELLIPSE = "ellipse"
    PLUMB = "plumb"
    BALANCE = "balance"


POINTS = {
    MeasureKind.LINE: 2,
    MeasureKind.ANGLE: 3,
    MeasureKind.COBB: 4,
    MeasureKind.RATIO: 4,
    MeasureKind.RECTANGLE: 2,
    MeasureKind.ELLIPSE: 2,
    MeasureKind.PLUMB: 1,
    MeasureKind.BALANCE: 2,
}
AREAS = frozenset({MeasureKind.RECTANGLE, MeasureKind.ELLIPSE})
TITLES = {
    MeasureKind.LINE: "line",
    MeasureKind.ANGLE: "angle",
    MeasureKind.COBB: "Cobb angle",
    MeasureKind.RATIO: "ratio",
    MeasureKind.RECTANGLE: "rectangle",
    MeasureKind.ELLIPSE: "ellipse",
    MeasureKind.PLUMB: "plumb line",
    MeasureKind.BALANCE: "coronal balance",
}


@dataclass(frozen=True)
class Measure:
    """Points that a person placed to measure something.

    Args:
        id: unique within a case.
        points: (row, column) in original pixels, as many as the kind needs: the ends of a line;
            arm, vertex, arm of an angle; both ends of two lines for Cobb and ratio; opposite
            corners of a rectangle, or of the box around an ellipse; C7 (or T1), then the sacrum,
            for the balance.
        label: a name that the person gave, or "".
    """

    id: str
    kind: MeasureKind
    points: tuple[Place, ...]
    label: str = ""

    def __post_init__(self) -> None:
        if len(self.points) != POINTS[self.kind]:
            msg = f"a {self.kind} has {POINTS[self.kind]} points, not {len(self.points)}"
            raise ValueError(msg)
        if not all(len(place) == 2 and all(map(math.isfinite, place)) for place in self.points):
            msg = "a measure's points must be finite pairs"
            raise ValueError(msg)

    @property
    def handles(self) -> tuple[Place, ...]:
        """Where it can be taken: its points; of a rectangle or ellipse all four corners."""
        if self.kind not in AREAS:
            return self.points
        (top, left), (bottom, right) = self.points
        return (*self.points, (top, right), (bottom, left))

    def with_handle(self, index: int, *, to: Place) -> Measure:
        """The same with one of its handles somewhere else."""
        points = [list(place) for place in self.points]
        if index < len(points):
            points[index] = list(to)
        else:  # corner 2 shares its row with the first point, corner 3 with the second
            points[index - 2][0], points[3 - index][1] = to
        return replace(self, points=tuple((row, column) for row, column in points))

    def moved(self, rows: float, columns: float) -> Measure:
        """The same somewhere else, as a whole."""
        points = tuple((row + rows, column + columns) for row, column in self.points)
        return replace(self, points=points)


@dataclass(frozen=True)
class Value:
    """One number of a reading; `unit` is "px", "mm", "px²", "mm²", "°" or "" for a bare number."""

    name: str
    value: float
    unit: str


@dataclass(frozen=True)
class Reading:
    """What a measure says.

    Args:
        text: short, drawn beside it; empty for a plumb line.
        detail: definition and source of spacing.
        values: the numbers; empty where the points lie so that there is none.
    """

    text: str
    detail: str = ""
    values: tuple[Value, ...] = ()


COBB_BY_HAND = (
    "Cobb angle by hand: the angle between the two end-plate lines, 0 to 180°, both taken from the "
    "same side of the line that joins their middles, so that the order of the clicks does not "
    "matter. Up to 90° it is the acute angle between the lines; a stiffer curve is larger than "
    "the acute angle, which then stands beside it (Cobb 1948)."
)
BALANCE_BY_HAND = (
    "Coronal balance: how far the middle of C7 (or T1) lies beside the vertical through the middle "
    "of the sacrum (central sacral vertical line), along the film's rows; + is to the right of the "
    "film as it is stored, not as it is flipped or turned on the screen."
)
_NOTHING = Reading("–", "Two of its points lie at one place: there is nothing to read.")


def reading(measure: Measure, *, grid: Grid, pixels: Pixels | None = None) -> Reading:
    """What a measure says on a film.

    Args:
        grid: spacing of the pixels; without it lengths are in pixels, taken as square.
        pixels: of the film, for the grey values inside a rectangle or ellipse.
    """
    ruler = _Ruler(grid)
    at = ruler.scaled(np.array(measure.points, dtype=np.float64))
    match measure.kind:
        case MeasureKind.LINE:
            return _read_line(at, ruler)
        case MeasureKind.ANGLE:
            return _read_angle(at)
        case MeasureKind.COBB:
            return _read_cobb(at)
        case MeasureKind.RATIO:
            return _read_ratio(at, ruler)
        case MeasureKind.BALANCE:
            return _read_balance(at, ruler)
        case MeasureKind.PLUMB:
            return Reading("", "Vertical: along the columns of the film as it is stored.")
        case _:
            return _read_area(measure, ruler, pixels)


@dataclass(frozen=True)
class _Ruler:
    """Turns places into lengths, and says in which unit and by whose word."""

    grid: Grid

    def scaled(self, points: FloatArray) -> FloatArray:
        scaled: FloatArray = points * np.array(self.grid.spacing_mm or (1.0, 1.0))
        return scaled

    @property
    def unit(self) -> str:
        return "mm" if self.grid.calibrated else "px"

    @property
    def note(self) -> str:
        """What follows a length in a short text."""
        return "" if self.grid.calibrated else ", uncalibrated"

    @property
    def source(self) -> str:
        if self.grid.spacing_mm is None:
            return "No pixel spacing is known: lengths are in pixels, taken as square."
        rows, columns = self.grid.spacing_mm
        return f"Spacing {rows:.4g} × {columns:.4g} mm ({self.grid.source})."

    def words(self, length: float) -> str:
        return f"{length:.1f} {self.unit}"


def _read_line(at: FloatArray, ruler: _Ruler) -> Reading:
    length = float(np.linalg.norm(at[1] - at[0]))
    value = Value("length", length, ruler.unit)
    return Reading(ruler.words(length) + ruler.note, ruler.source, (value,))


def _read_angle(at: FloatArray) -> Reading:
    angle = _between(at[0] - at[1], at[2] - at[1])
    if angle is None:
        return _NOTHING
    detail = "Angle at the second point, 0 to 180°."
    return Reading(f"{angle:.1f}°", detail, (Value("angle", angle, "°"),))


def _read_cobb(at: FloatArray) -> Reading:
    angle = cobb_by_hand(at)
    if angle is None:
        return _NOTHING
    acute = min(angle, 180.0 - angle)
    text = f"{angle:.1f}°" if angle <= 90 else f"{angle:.1f}° (acute {acute:.1f}°)"
    detail = f"Angle {angle:.1f}°, acute {acute:.1f}°. {COBB_BY_HAND}"
    return Reading(text, detail, (Value("angle", angle, "°"), Value("acute", acute, "°")))


def cobb_by_hand(at: FloatArray) -> float | None:
    """Degrees (0..180) between the lines 0–1 and 2–3, by `COBB_BY_HAND`; None where one is a point.

    Args:
        at: (4, 2) places where both axes have one unit.

    Source: J. R. Cobb, Outline for the study of scoliosis, AAOS Instructional Course Lectures 5
        (1948); that the smaller angle is wrong for severe curves: cornerstone3D issue 634.
    """
    one, other = at[1] - at[0], at[3] - at[2]
    down = at[2:].mean(axis=0) - at[:2].mean(axis=0)
    sides = _cross(down, one) * _cross(down, other)
    if sides == 0:  # the lines cross in their middles, or run along the column: no side to tell
        angle = _between(one, other)
        return None if angle is None else min(angle, 180.0 - angle)
    return _between(one, other if sides > 0 else -other)


def _read_ratio(at: FloatArray, ruler: _Ruler) -> Reading:
    first = float(np.linalg.norm(at[1] - at[0]))
    second = float(np.linalg.norm(at[3] - at[2]))
    if second == 0:
        return _NOTHING
    values = (
        Value("ratio", first / second, ""),
        Value("first", first, ruler.unit),
        Value("second", second, ruler.unit),
    )
    text = f"{first / second:.3f}"
    detail = f"{ruler.words(first)} : {ruler.words(second)}{ruler.note}. {ruler.source}"
    return Reading(text, detail, values)


def _read_balance(at: FloatArray, ruler: _Ruler) -> Reading:
    offset = float(at[0, 1] - at[1, 1])
    detail = f"{BALANCE_BY_HAND} {ruler.source}"
    text = f"{offset:+.1f} {ruler.unit}{ruler.note}"
    return Reading(text, detail, (Value("offset", offset, ruler.unit),))


def _read_area(measure: Measure, ruler: _Ruler, pixels: Pixels | None) -> Reading:
    corners = ruler.scaled(np.array(measure.points, dtype=np.float64))
    high, wide = (float(side) for side in np.abs(corners[1] - corners[0]))
    is_ellipse = measure.kind is MeasureKind.ELLIPSE
    area = high * wide * (math.pi / 4 if is_ellipse else 1.0)
    values = [Value("area", area, f"{ruler.unit}²")]
    text = f"{area:.0f} {ruler.unit}²{ruler.note}"
    inside = None if pixels is None else pixels_inside(measure, pixels)
    if inside is not None and inside.size:
        found = {"mean": inside.mean(), "sd": inside.std(), "min": inside.min()}
        found |= {"max": inside.max(), "count": inside.size}
        values += [Value(name, float(value), "") for name, value in found.items()]
        text = f"mean {inside.mean():.1f}   sd {inside.std():.1f}"
    said = [f"{v.name} {v.value:.6g} {v.unit}".rstrip() for v in values]
    how = "Grey values of the pixels whose centres lie inside or on the edge; of a colour film the "
    how += "mean of red, green and blue; sd over all of them (not n - 1)."
    return Reading(text, f"{', '.join(said)}. {how} {ruler.source}", tuple(values))


def pixels_inside(measure: Measure, pixels: Pixels) -> FloatArray:
    """(n,) grey values of the pixels whose centres lie in a rectangle or ellipse, edge included."""
    (top, left), (bottom, right) = np.sort(np.array(measure.points, dtype=np.float64), axis=0)
    rows = np.arange(max(math.ceil(top), 0), min(math.floor(bottom) + 1, pixels.shape[0]))
    columns = np.arange(max(math.ceil(left), 0), min(math.floor(right) + 1, pixels.shape[1]))
    if not len(rows) or not len(columns):
        return np.empty(0)
    part = pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    grey: FloatArray = part.astype(np.float64)
    if grey.ndim == 3:
        grey = grey.mean(axis=2)
    if measure.kind is not MeasureKind.ELLIPSE:
        return grey.ravel()
    # A flat ellipse is a line: its pixels are on its middle, where the quotient is 0.
    high, wide = max((bottom - top) / 2, 1e-12), max((right - left) / 2, 1e-12)
    down, across = (rows - (top + bottom) / 2) / high, (columns - (left + right) / 2) / wide
    within: FloatArray = grey[np.add.outer(down**2, across**2) <= 1.0 + 1e-12]
    return within


def _between(one: FloatArray, other: FloatArray) -> float | None:
    """Degrees between two directions, 0..180; None where one of them is none."""
    if not one.any() or not other.any():
        return None
    return math.degrees(math.atan2(abs(_cross(one, other)), float(one @ other)))


def _cross(one: FloatArray, other: FloatArray) -> float:
    return float(one[0] * other[1] - one[1] * other[0])
