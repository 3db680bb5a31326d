"""The rule that stand-in engines answer by: no Qt, so that their processes start fast."""

from __future__ import annotations

from typing import Any

import numpy as np

from domain.doubting import doubts_of_hints
from domain.vertebrae import VertebraeFindings
from inference.contracts import Request
from inference.vertebrae.asked import hints_of


def column() -> np.ndarray[Any, Any]:
    """(68, 2) a straight column."""
    corners = [
        (100.0 + 30 * v + down, 90.0 + across)
        for v in range(17)
        for down, across in ((0, 0), (0, 40), (20, 0), (20, 40))
    ]
    return np.array(corners)


def follow(request: Request) -> np.ndarray[Any, Any]:
    """The rule: every hint carries the whole column along by a tenth of its own way."""
    corners = column()
    shift = np.zeros(2)
    for hint in (hint for hints in request.prompt.rounds for hint in hints):
        shift += 0.1 * (np.array([hint.row, hint.column]) - column()[hint.index])
    return corners + shift


def findings_by_rule(request: Request) -> VertebraeFindings:
    """What the rule finds, as little sure everywhere, and what it says of hints."""
    doubts = doubts_of_hints(hints_of(request.prompt))
    return VertebraeFindings(follow(request), np.full(68, 3.0), doubts=doubts)
