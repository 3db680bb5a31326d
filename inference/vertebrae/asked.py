"""What every network of the vertebrae task reads from a request in the same way."""

from __future__ import annotations

import math

from domain.annotation import Hint
from domain.errors import NotForThisTask
from domain.vertebrae import CORNER_COUNT, VertebraeOptions, VertebraePrompt, corner_name
from inference.contracts import Request


def options_of(request: Request) -> VertebraeOptions:
    """The options of a request, the usual ones where it has none."""
    options = request.options
    return options if isinstance(options, VertebraeOptions) else VertebraeOptions()


def hints_of(prompt: VertebraePrompt) -> tuple[Hint, ...]:
    """The hints that hold: the last that was given at each corner, by corner."""
    latest = {hint.index: hint for hints in prompt.rounds for hint in hints}
    return tuple(latest[index] for index in sorted(latest))


def require_places(hints: tuple[Hint, ...], *, film: tuple[int, int]) -> None:
    """Refuse hints that are nowhere.

    One beside the film is none of them: a film may cut through a vertebra.

    Args:
        film: its rows and columns.

    Raises:
        NotForThisTask: a hint is at no corner, at no place, or farther off the film than it is
            large.
    """
    for hint in hints:
        if not 0 <= hint.index < CORNER_COUNT:
            raise NotForThisTask(
                f"There is no corner {hint.index} to hint at.",
                why=f"Corners run from 0 to {CORNER_COUNT - 1}.",
            )
        name = corner_name(hint.index)
        if not (math.isfinite(hint.row) and math.isfinite(hint.column)):
            raise NotForThisTask(f"The hint at {name} is at no place.", why="It is no number.")
        sides = zip((hint.row, hint.column), film, strict=True)
        if not all(-side <= place <= 2 * side for place, side in sides):
            raise NotForThisTask(
                f"The hint at {name} lies far outside the film.",
                why=f"The film has {film[0]} rows and {film[1]} columns.",
                remedy="Put the corner on the film, or give it back to the network.",
            )
