"""`python3 launch.py bench`: every suite against its budgets; 1 where a budget is not kept.

Without names it runs all, one after the other, and writes the table `docs/performance.md`.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.napari_peer import NAPARI
from benchmarks.report import MACHINE, as_json, as_line, as_page, broken
from benchmarks.suites import ROOT, SUITES, run

TABLE = ROOT / "docs" / "performance.md"


def main(argv: Sequence[str]) -> int:
    """Measure, say it line by line, and write it down."""
    options = _parser().parse_args(argv)
    chosen = [suite for suite in SUITES if suite.name in (options.suites or _NAMES)]
    parts = []
    for suite in chosen:
        part = run(suite, **{NAPARI: options.napari})
        for line in part.lines:
            print(as_line(line), flush=True)
        parts.append(part)
    if options.json:
        options.json.write_text(as_json(parts, machine=options.machine), encoding="utf-8")
    table = options.table or (None if options.suites else TABLE)
    if table:
        table.write_text(as_page(parts, machine=options.machine), encoding="utf-8")
    return 1 if broken(parts) else 0


_NAMES = [suite.name for suite in SUITES]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="launch.py bench", description=__doc__)
    parser.add_argument("suites", nargs="*", choices=[[], *_NAMES], metavar="SUITE")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there too")
    parser.add_argument("--table", type=Path, metavar="FILE", help="write the table there instead")
    parser.add_argument("--machine", default=MACHINE, help="what the table calls this machine")
    parser.add_argument(
        "--napari",
        default=os.environ.get(NAPARI, ""),
        metavar="PYTHON",
        help="a Python that has napari, to be compared with",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
