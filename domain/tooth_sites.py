"""Which tooth belongs where on a panoramic radiograph, by the FDI's two digits (ISO 3950)."""

from __future__ import annotations

import numpy as np

# Mean centres of the boxed teeth of the 307 panoramics of UFBA-425 (Apache-2.0; labels_yolo_fdi):
# for each quadrant the teeth 1 to 8, (row, column) as shares of the picture's height and width.
# One tooth spreads by about 0.02 to either side and 0.05 up and down.
MEAN_PLACES: dict[int, tuple[tuple[float, float], ...]] = {
    1: (
        (0.436, 0.489),
        (0.430, 0.452),
        (0.414, 0.415),
        (0.424, 0.379),
        (0.419, 0.343),
        (0.419, 0.299),
        (0.400, 0.247),
        (0.340, 0.212),
    ),
    2: (
        (0.438, 0.532),
        (0.436, 0.569),
        (0.422, 0.603),
        (0.429, 0.641),
        (0.422, 0.675),
        (0.424, 0.719),
        (0.401, 0.767),
        (0.344, 0.802),
    ),
    3: (
        (0.658, 0.522),
        (0.661, 0.550),
        (0.679, 0.585),
        (0.668, 0.620),
        (0.662, 0.661),
        (0.644, 0.714),
        (0.609, 0.774),
        (0.576, 0.829),
    ),
    4: (
        (0.658, 0.494),
        (0.660, 0.468),
        (0.674, 0.432),
        (0.665, 0.397),
        (0.660, 0.355),
        (0.648, 0.299),
        (0.607, 0.237),
        (0.572, 0.179),
    ),
}
_UPPER, _LOWER = (1, 2), (4, 3)  # of the patient's right and left


def site_of(row: float, column: float, *, mirrored: bool = False) -> str:
    """The tooth nearest to a place, given as shares of a panoramic picture's height and width.

    Above the line halfway between the upper and lower teeth it is an upper one; along the arch it
    is the one whose mean column is nearest. A rule of thumb: a person may know better.

    Args:
        mirrored: the patient's left lies on the left; else the right does, as radiologists look.
    """
    column = 1 - column if mirrored else column
    upper, lower = (_arch(quadrants) for quadrants in (_UPPER, _LOWER))
    line = (np.interp(column, *upper[1:]) + np.interp(column, *lower[1:])) / 2
    names, columns, _ = upper if row < line else lower
    return names[int(np.abs(np.array(columns) - column).argmin())]


def _arch(quadrants: tuple[int, ...]) -> tuple[list[str], list[float], list[float]]:
    """Names, columns and rows of a jaw's sixteen teeth, from left to right in the picture."""
    teeth = [
        (column, row, f"{quadrant}{number}")
        for quadrant in quadrants
        for number, (row, column) in enumerate(MEAN_PLACES[quadrant], start=1)
    ]
    columns, rows, names = zip(*sorted(teeth), strict=True)
    return list(names), list(columns), list(rows)
