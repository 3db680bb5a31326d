"""Ratios measured in one run: two ways to the same answer, taken in turns, by their medians."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """A ratio with its budget.

    Args:
        name: what is compared.
        plain_s: median seconds of the plain way.
        ours_s: median seconds of our way.
        budget: ours must be at least this many times faster.
    """

    name: str
    plain_s: float
    ours_s: float
    budget: float

    @property
    def ratio(self) -> float:
        """How many times faster ours is."""
        return self.plain_s / self.ours_s

    @property
    def within_budget(self) -> bool:
        """Whether the budget is kept."""
        return self.ratio >= self.budget

    def __str__(self) -> str:
        verdict = "ok" if self.within_budget else "OVER BUDGET"
        return (
            f"{self.name}: plain {1e3 * self.plain_s:.1f} ms, ours {1e3 * self.ours_s:.1f} ms, "
            f"{self.ratio:.2f}x (budget {self.budget:g}x) {verdict}"
        )


def compare(
    name: str,
    *,
    plain: Callable[[], object],
    ours: Callable[[], object],
    budget: float,
    rounds: int = 15,
) -> Measured:
    """Run both in turns after one warm-up each, so that a busy machine slows both alike."""
    seconds: dict[str, list[float]] = {"plain": [], "ours": []}
    plain()
    ours()
    for _ in range(rounds):
        for key, run in (("plain", plain), ("ours", ours)):
            began = time.perf_counter()
            run()
            seconds[key].append(time.perf_counter() - began)
    return Measured(
        name, statistics.median(seconds["plain"]), statistics.median(seconds["ours"]), budget
    )
