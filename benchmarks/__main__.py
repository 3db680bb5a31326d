"""`python3 launch.py bench`: every ratio with its budget; 1 where a budget is not kept."""

from __future__ import annotations

import sys

from benchmarks import engine_latency, library, one_use, stillness, ten_films, vertebrae


def main() -> int:
    """Measure everything and say it line by line."""
    kept = True
    for suite in (vertebrae, library, engine_latency, one_use, ten_films, stillness):
        for measured in suite.measure():
            print(measured, flush=True)
            kept = kept and measured.within_budget
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
