"""What a benchmark says: one row each, ours beside a reference of the same run, and its budget."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from benchmarks.timing import Measured

SECONDS, RATE = "s", "/s"


@dataclass(frozen=True)
class Times:
    """Some measurements of one thing, in the unit of their row.

    Args:
        p95: a twentieth took longer.
    """

    median: float
    p95: float
    count: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Times:
        """Of at least one measurement."""
        median, p95 = np.percentile(values, [50, 95])
        return cls(float(median), float(p95), len(values))


@dataclass(frozen=True)
class Budget:
    """What was asked for; a limit of seconds, of so many times faster than the reference, or both.

    Args:
        median_s: the median takes no longer.
        p95_s: nor does the slowest twentieth.
        times: and it is so many times faster than the reference.
    """

    median_s: float | None = None
    p95_s: float | None = None
    times: float | None = None


@dataclass(frozen=True)
class Row:
    """A thing that was measured.

    Args:
        name: what a person waits for.
        ours: how long it takes here.
        reference: what it is compared with.
        theirs: how long that takes; None where there is nothing to compare with.
        unit: SECONDS, or RATE where more is better.
        note: what the figures do not say.
    """

    name: str
    ours: Times
    reference: str = ""
    theirs: Times | None = None
    budget: Budget = Budget()
    unit: str = SECONDS
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times faster ours is, by the medians."""
        if self.theirs is None:
            return None
        ours, theirs = self.ours.median, self.theirs.median
        return ours / theirs if self.unit == RATE else theirs / ours

    @property
    def holds(self) -> bool | None:
        """Whether the budget is kept; None where there is none."""
        budget = self.budget
        kept = [
            value <= most
            for value, most in (
                (self.ours.median, budget.median_s),
                (self.ours.p95, budget.p95_s),
            )
            if most is not None
        ]
        if budget.times is not None:
            kept.append(self.ratio is not None and self.ratio >= budget.times)
        return all(kept) if kept else None


@dataclass(frozen=True)
class Absent:
    """What could not be measured, and why.

    Args:
        failed: something went wrong; otherwise it was only not asked for, or is not installed.
    """

    name: str
    why: str
    failed: bool = False


Line = Row | Absent


def as_row(measured: Measured) -> Row:
    """A ratio of two medians as a row; of a single measurement nothing is said of its p95."""
    name, _, reference = measured.name.rstrip(")").partition(" (")
    return Row(
        name,
        Times(measured.ours_s, measured.ours_s, 1),
        reference,
        Times(measured.plain_s, measured.plain_s, 1),
        Budget(times=measured.budget),
    )


def to_json(line: Line) -> str:
    """One line of text."""
    said: dict[str, Any] = asdict(line)
    if isinstance(line, Row):
        said |= {"ratio": line.ratio, "holds": line.holds}
    return json.dumps(said)


def from_json(text: str) -> Line:
    """The way back.

    Raises:
        ValueError, KeyError, TypeError: it is no line.
    """
    said = json.loads(text)
    if "why" in said:
        return Absent(said["name"], said["why"], failed=said["failed"])
    theirs = said["theirs"]
    return Row(
        said["name"],
        Times(**said["ours"]),
        said["reference"],
        None if theirs is None else Times(**theirs),
        Budget(**said["budget"]),
        said["unit"],
        said["note"],
    )
