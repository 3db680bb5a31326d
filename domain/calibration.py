"""Which grid counts on a film, and the one that follows from a line of known length."""

from __future__ import annotations

import math

from domain.annotation import Annotations
from domain.errors import WrongUse
from domain.grid import Grid
from domain.image import Image
from domain.measures import Place


def grid_of(image: Image, annotations: Annotations | None) -> Grid:
    """The grid that lengths are read by: a person's calibration wins over the file's."""
    by_hand = annotations.calibration if annotations is not None else None
    return by_hand or image.grid


def calibrated(grid: Grid, line: tuple[Place, Place], *, length_mm: float) -> Grid:
    """The grid on which a drawn line has the length that a person knows.

    Pixels keep their shape: where the file knows rows and columns apart, both are scaled alike.

    Raises:
        WrongUse: the line is a point, or the length is not positive.
    """
    rows, columns = grid.spacing_mm or (1.0, 1.0)
    (row, column), (last_row, last_column) = line
    drawn = math.hypot((last_row - row) * rows, (last_column - column) * columns)
    if not (drawn > 0 and length_mm > 0 and math.isfinite(length_mm / drawn)):
        raise WrongUse(
            "This line cannot calibrate the film.",
            why="It has no length, or the length given is not above zero.",
            remedy="Draw a line along something whose length in millimetres you know.",
        )
    scale = length_mm / drawn
    source = f"user: {length_mm:g} mm drawn"
    return Grid(spacing_mm=(rows * scale, columns * scale), source=source)
