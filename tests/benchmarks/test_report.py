"""The table and the JSON of a canned result."""

from __future__ import annotations

import json

from benchmarks.report import Part, as_json, as_line, as_page, broken
from benchmarks.rows import RATE, Absent, Budget, Row, Times

KEPT = Row("drag", Times(0.0421, 0.0872, 30), "plain", Times(0.21, 0.3, 30), Budget(p95_s=0.1))
OVER = Row("start", Times(1.75, 2.0, 5), budget=Budget(median_s=1.5), note="with a cold disk")
FREE = Row("pace", Times(24.0, 25.0, 4), "plain", Times(8.0, 9.0, 4), unit=RATE)
RATIO = Row("width", Times(0.1, 0.1, 1), "plain", Times(0.39, 0.4, 5), Budget(times=4.0))
SKIPPED = Absent("napari", "not installed")
FAILED = Absent("library", "it ended with code 3: no room", failed=True)
PARTS = (
    Part("corrections", "Correcting", (KEPT, OVER, FREE), (0.5, 1.25), (0.1, 0.2), 12.34),
    Part("others", "Others", (RATIO, SKIPPED, FAILED), (1.0, 3.5), (0.12, 0.15)),
)


def rows_of(page):
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in page.splitlines()
        if line.startswith("|")
    ]


def test_every_row_stands_in_the_table():
    table = {cells[0]: cells[1:] for cells in rows_of(as_page(PARTS))}
    assert table["drag"] == [
        "42.1 ms", "87.2 ms", "plain", "210 ms", "4.99×", "p95 ≤ 100 ms", "yes",
    ]  # fmt: skip
    assert table["start"] == ["1.75 s", "2.00 s", "", "", "", "≤ 1.50 s", "**no**"]
    assert table["pace"] == ["24.0 a second", "25.0 a second", "plain", "8.0 a second", "3.00×", "", ""]  # noqa: E501  # fmt: skip
    assert table["width"] == ["100 ms", "", "plain", "390 ms", "3.90×", "≥ 4×", "**no**"]


def test_what_is_missing_and_what_failed_is_said_and_hides_nothing():
    page = as_page(PARTS)
    assert "**napari**: not measured: not installed" in page
    assert "**library**: failed: it ended with code 3: no room" in page
    assert "start: with a cold disk." in page
    assert "## Correcting" in page
    assert "## Others" in page


def test_the_page_names_the_machine_in_general_and_its_load():
    page = as_page(PARTS)
    assert "two cores of an x86-64 server, no GPU" in page
    assert "0.5 to 3.5" in page
    assert "took 100 to 200 ms" in page


def test_what_is_broken():
    assert broken(PARTS) == [OVER, RATIO, FAILED]
    assert broken([Part("x", "X", (KEPT, FREE, SKIPPED))]) == []


def test_json_holds_every_figure_and_the_load_beside_it():
    said = json.loads(as_json(PARTS, machine="a machine"))
    first, second = said["suites"]
    assert said["machine"] == "a machine"
    assert first["load_average"] == {"before": 0.5, "after": 1.25}
    assert first["pace_seconds"] == {"before": 0.1, "after": 0.2}
    assert first["seconds"] == 12.3
    assert first["rows"][0]["ours"] == {"median": 0.0421, "p95": 0.0872, "count": 30}
    assert [row.get("holds") for row in first["rows"]] == [True, False, None]
    assert second["rows"][1:] == [
        {"name": "napari", "why": "not installed", "failed": False},
        {"name": "library", "why": "it ended with code 3: no room", "failed": True},
    ]


def test_lines_for_a_terminal():
    assert as_line(OVER).endswith("budget ≤ 1.50 s: OVER BUDGET")
    assert "4.99×" in as_line(KEPT)
    assert as_line(KEPT).endswith(": ok")
    assert as_line(SKIPPED) == "napari: not measured, not installed"
    assert as_line(FAILED).startswith("library: FAILED")
