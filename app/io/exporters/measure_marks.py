"""What was measured by hand, as it is drawn into pictures that leave the program."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from app.io.exporters.spec import VertebraeExport
from domain.calibration import grid_of
from domain.geometry import FloatArray, resample
from domain.measure_shapes import strokes
from domain.measures import reading


@dataclass(frozen=True, eq=False)
class MeasureMark:
    """One measure on a picture.

    Args:
        lines: each (n, 2) rows and columns.
        words: its name and reading; may be empty.
        at: (row, column) of its rightmost point, which the words stand beside.
    """

    lines: tuple[FloatArray, ...]
    words: str
    at: tuple[float, float]


def measure_marks(
    export: VertebraeExport, *, factors: tuple[float, float]
) -> Iterator[MeasureMark]:
    """Every measure with its reading.

    Args:
        factors: how the film's rows and columns were enlarged, as it lies on the picture.
    """
    image, annotations = export.image, export.annotations
    grid = grid_of(image, annotations)

    def placed(line: ArrayLike) -> FloatArray:
        places = export.look.placed(np.asarray(line, dtype=np.float64), shape=image.shape)
        return resample(places, scale=factors)

    for measure in annotations.measures:
        shape = strokes(measure.kind, measure.points, rows=image.shape[0])
        found = reading(measure, grid=grid, pixels=image.pixels)
        ends = placed(measure.points)
        row, column = ends[ends[:, 1].argmax()].tolist()
        yield MeasureMark(
            tuple(placed(line) for line in (*shape.solid, *shape.dashed)),
            f"{measure.label}   {found.text}".strip(),
            (row, column),
        )
