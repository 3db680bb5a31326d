"""Looks a folder of films over before anything learns from it or is measured on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from domain.errors import WrongUse
from training.data.aasce import ROW, Labelled, read_aasce, some_of

FloatArray = NDArray[np.float64]
_LARGEST_SHARE = 1.5  # published corners reach 1.02
_ORDER = "A vertebra's corners are top left, top right, bottom left, bottom right, as on the film."


def require_trainable(data: Path) -> None:
    """Refuse a folder that nothing can be learnt from, before anything starts.

    Raises:
        WrongUse: it is missing or empty; its tables do not fit; films are missing; or corners stand
            in another order.
    """
    if not data.is_dir():
        raise WrongUse(f"There is no folder {data}.", remedy="Choose the folder with the films.")
    films = read_aasce(data)
    if not films:
        raise WrongUse(
            f"There is no film in {data}.",
            why="Its tables are empty.",
            remedy="Export cases as AASCE training folder, or choose another folder.",
        )
    require_order(films)
    missing = [film.name for film in films if not film.path.is_file()]
    if missing:
        raise WrongUse(
            f"Films are missing in {films[0].path.parent}.",
            why=f"{some_of(missing, of=len(films))} name a file that is not there.",
            remedy="Put them back, or take their rows out of both tables.",
        )


def require_order(films: Sequence[Labelled]) -> None:
    """Refuse corners that most vertebrae of a film name in another order, or in other units.

    Films of which a few vertebrae contradict themselves are another matter: they are left out.

    Raises:
        WrongUse: with how many rows, and the first by name.
    """
    for is_wrong, why, remedy in _FAULTS:
        wrong = [film.name for film in films if is_wrong(film.unit_corners.reshape(17, 4, 2))]
        if wrong:
            raise WrongUse(
                "The corners in landmarks.csv cannot be learnt from.",
                why=f"{some_of(wrong, of=len(films))} {why}.",
                remedy=remedy,
            )


def _is_no_share(boxes: FloatArray) -> bool:
    return not bool((np.abs(boxes) <= _LARGEST_SHARE).all())  # no number compares as false


def _is_swapped(boxes: FloatArray) -> bool:
    left, right = boxes[:, [0, 2], 1], boxes[:, [1, 3], 1]
    return bool((left > right).mean() > 0.5)


def _is_upside_down(boxes: FloatArray) -> bool:
    top, bottom = boxes[:, [0, 1], 0], boxes[:, [2, 3], 0]
    return bool((top > bottom).mean() > 0.5)


_FAULTS: tuple[tuple[Callable[[FloatArray], bool], str, str], ...] = (
    (_is_no_share, "hold numbers that are no shares of a film's size, as pixels are", ROW),
    (_is_swapped, "have left and right exchanged", _ORDER),
    (_is_upside_down, "have the bottom corners before the top ones", _ORDER),
)
