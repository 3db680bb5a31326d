"""Letters at the edges of the canvas that say which side of the patient lies there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.canvas.placement import Placement
from domain.image import Presentation


@dataclass(frozen=True)
class Letters:
    """What lies towards each edge.

    Args:
        assumed: nobody said which side is which; by convention the patient's right is on the left
            of an unturned film.
    """

    left: str = "R"
    right: str = "L"
    top: str = ""
    bottom: str = ""
    assumed: bool = True


def letters_of(asked: Presentation) -> Letters:
    """The letters that a film's file gives it, those of the convention where it names no side."""
    if asked.side_known:
        return Letters(asked.left, asked.right, asked.top, asked.bottom, assumed=False)
    return Letters(top=asked.top, bottom=asked.bottom)


def letters_on_screen(letters: Letters, *, placement: Placement) -> Letters:
    """The letters of the image, each at the screen edge it points to now."""
    directions = {
        (-1, 0): letters.left,
        (1, 0): letters.right,
        (0, -1): letters.top,
        (0, 1): letters.bottom,
    }
    seen = {}
    for direction, letter in directions.items():
        x, y = placement.orientation @ np.array(direction)
        seen[int(x), int(y)] = letter
    return Letters(seen[-1, 0], seen[1, 0], seen[0, -1], seen[0, 1], assumed=letters.assumed)
