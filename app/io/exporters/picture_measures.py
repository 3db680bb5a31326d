"""Draws what was measured by hand into the picture that leaves the program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from PIL import ImageDraw

from app.io.exporters.spec import VertebraeExport
from domain.calibration import grid_of
from domain.geometry import resample
from domain.measure_shapes import strokes
from domain.measures import reading

_INK = (243, 233, 107)
_HALO = (5, 7, 10)
Write = Callable[[str, tuple[float, float]], None]


@dataclass(frozen=True)
class Scale:
    """How the film was enlarged: (rows, columns) factors, and the unit that widths are sized by."""

    factors: tuple[float, float]
    unit: float


def draw_measures(
    pen: ImageDraw.ImageDraw, export: VertebraeExport, *, scale: Scale, write: Write
) -> None:
    """Every measure with its name and reading.

    Args:
        write: writes words at (x, y).
    """
    image, annotations = export.image, export.annotations
    grid = grid_of(image, annotations)

    def places_of(line: ArrayLike) -> list[tuple[float, float]]:
        placed = export.look.placed(np.asarray(line, dtype=np.float64), shape=image.shape)
        return [(column, row) for row, column in resample(placed, scale=scale.factors).tolist()]

    width = max(1, round(0.16 * scale.unit))
    for measure in annotations.measures:
        shape = strokes(measure.kind, measure.points, rows=image.shape[0])
        for line in (*shape.solid, *shape.dashed):
            places = places_of(line)
            pen.line(places, fill=_HALO, width=width + 2)
            pen.line(places, fill=_INK, width=width)
        found = reading(measure, grid=grid, pixels=image.pixels)
        words = f"{measure.label}   {found.text}".strip()
        if words:
            at = max(places_of(measure.points))
            write(words, (at[0] + scale.unit, at[1]))
