"""The result of a run as a table for people, `docs/performance.md`, and as JSON for machines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.rows import RATE, Absent, Budget, Line, Row, to_json

MACHINE = "two cores of an x86-64 server, no GPU"
ASKED = "\N{LESS-THAN OR EQUAL TO}"
AT_LEAST = "\N{GREATER-THAN OR EQUAL TO}"
HEAD = """\
# Performance

Written by `python3 launch.py bench`; do not edit. Every ratio is of two ways to the same thing, in
turns in the same run: how many times faster ours is than the reference, by the medians. The
machine: {machine}. Load average of the machine while it ran: {load} (its own work and everybody
else's; above the number of cores, figures in seconds say more about the neighbours than about
Caliper). The same loop of plain Python, before and after each suite, took {pace}: so much did the
machine's own pace change.
"""
COLUMNS = ("what", "median", "p95", "reference", "its median", "ratio", "budget", "kept")


@dataclass(frozen=True)
class Part:
    """What one suite said.

    Args:
        name: of the suite.
        title: what it is about, for people.
        lines: its rows, and what is absent from them.
        load: the machine's load average before and after.
        pace: seconds of the same loop before and after: how fast the machine was.
        seconds: how long it took.
    """

    name: str
    title: str
    lines: tuple[Line, ...]
    load: tuple[float, float] = (0.0, 0.0)
    pace: tuple[float, float] = (0.0, 0.0)
    seconds: float = 0.0


def broken(parts: Sequence[Part]) -> list[Line]:
    """The rows whose budget is not kept, and what failed."""
    lines = (line for part in parts for line in part.lines)
    return [
        line for line in lines if (line.failed if isinstance(line, Absent) else line.holds is False)
    ]


def as_json(parts: Sequence[Part], *, machine: str) -> str:
    """Everything that was measured, with the load of the machine beside each suite."""
    suites: list[dict[str, Any]] = [
        {
            "name": part.name,
            "title": part.title,
            "load_average": {"before": part.load[0], "after": part.load[1]},
            "pace_seconds": {"before": part.pace[0], "after": part.pace[1]},
            "seconds": round(part.seconds, 1),
            "rows": [json.loads(to_json(line)) for line in part.lines],
        }
        for part in parts
    ]
    return json.dumps({"machine": machine, "suites": suites}, indent=1) + "\n"


def as_page(parts: Sequence[Part], *, machine: str = MACHINE) -> str:
    """The page of all tables."""
    loads = [load for part in parts for load in part.load] or [0.0]
    paces = [pace for part in parts for pace in part.pace] or [0.0]
    text = HEAD.format(
        machine=machine,
        load=f"{min(loads):.1f} to {max(loads):.1f}",
        pace=f"{1e3 * min(paces):.0f} to {1e3 * max(paces):.0f} ms",
    )
    return text + "".join(f"\n## {part.title}\n\n{_table(part.lines)}" for part in parts)


def as_line(line: Line) -> str:
    """One row for a terminal."""
    if isinstance(line, Absent):
        return f"{line.name}: {'FAILED' if line.failed else 'not measured'}, {line.why}"
    cells = dict(zip(COLUMNS, _cells(line), strict=True))
    said = f"{line.name}: {cells['median']}"
    if cells["p95"]:
        said += f" (p95 {cells['p95']})"
    if line.theirs is not None:
        said += f", {line.reference}: {cells['its median']}, {cells['ratio']}"
    if line.holds is not None:
        said += f", budget {cells['budget']}: {'ok' if line.holds else 'OVER BUDGET'}"
    return said


def _table(lines: Sequence[Line]) -> str:
    rows = [COLUMNS, ("---",) * len(COLUMNS)]
    rows += [_cells(line) for line in lines if isinstance(line, Row)]
    text = "".join(f"| {' | '.join(row)} |\n" for row in rows) if len(rows) > 2 else ""
    return text + "".join(f"\n{said}\n" for said in _asides(lines))


def _asides(lines: Sequence[Line]) -> Iterator[str]:
    for line in lines:
        if isinstance(line, Absent):
            yield f"**{line.name}**: {'failed' if line.failed else 'not measured'}: {line.why}"
        elif line.note:
            yield f"{line.name}: {line.note}."


def _cells(row: Row) -> tuple[str, ...]:
    theirs, ratio = row.theirs, row.ratio
    return (
        row.name,
        _quantity(row.ours.median, unit=row.unit),
        "" if row.ours.count == 1 else _quantity(row.ours.p95, unit=row.unit),
        row.reference,
        "" if theirs is None else _quantity(theirs.median, unit=row.unit),
        "" if ratio is None else f"{ratio:.2f}×",
        _asked(row.budget),
        {True: "yes", False: "**no**", None: ""}[row.holds],
    )


def _quantity(value: float, *, unit: str) -> str:
    if unit == RATE:
        return f"{value:.1f} a second"
    return f"{value:.2f} s" if value >= 1 else f"{1e3 * value:.{1 if value < 0.1 else 0}f} ms"


def _asked(budget: Budget) -> str:
    parts = []
    if budget.median_s is not None:
        parts.append(f"{ASKED} {_quantity(budget.median_s, unit='s')}")
    if budget.p95_s is not None:
        parts.append(f"p95 {ASKED} {_quantity(budget.p95_s, unit='s')}")
    if budget.times is not None:
        parts.append(f"{AT_LEAST} {budget.times:g}×")
    return ", ".join(parts)
