"""Letters at the edges of the canvas that say which side of the patient lies there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.canvas.placement import Placement


@dataclass(frozen=True)
class Letters:
    """What lies towards each edge; for the unturned film the patient's right is on the left."""

    left: str = "R"
    right: str = "L"
    top: str = ""
    bottom: str = ""


def letters_on_screen(letters: Letters, *, placement: Placement) -> Letters:
    """The letters of the image, each at the screen edge it points to now."""
    directions = {
        (-1, 0): letters.left,
        (1, 0): letters.right,
        (0, -1): letters.top,
        (0, 1): letters.bottom,
    }
    turn = np.rint(placement.matrix / placement.zoom).astype(int)
    seen = {}
    for direction, letter in directions.items():
        x, y = turn @ np.array(direction)
        seen[int(x), int(y)] = letter
    return Letters(left=seen[-1, 0], right=seen[1, 0], top=seen[0, -1], bottom=seen[0, 1])
