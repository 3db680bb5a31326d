"""Every suite of benchmarks, and how one runs: in a process of its own, so that none hides others.

`python -m benchmarks.suites NAME` is that process; each line it prints that is JSON is a row.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryFile
from typing import cast

from benchmarks.report import Part
from benchmarks.rows import Absent, Line, Row, as_row, from_json, to_json
from benchmarks.timing import Measured

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_S = 420.0
LOOPS = 2_000_000


@dataclass(frozen=True)
class Suite:
    """A module `benchmarks.NAME` with a function `measure`, and what it is about."""

    name: str
    title: str


SUITES = (
    Suite("startup", "Starting"),
    Suite("first_pixels", "From a file to its first pixels"),
    Suite("corrections", "Correcting, with the weights that ship"),
    Suite("published", "Correcting, with the published network at its full width"),
    Suite("napari_peer", "Beside napari"),
    Suite("one_use", "One use"),
    Suite("ten_films", "Ten films"),
    Suite("stillness", "Stillness"),
    Suite("vertebrae", "Parts of the vertebrae task"),
    Suite("implant", "Healing a dental study"),
    Suite("engine_latency", "The engine process"),
    Suite("library", "Ten thousand cases"),
)


def run(
    suite: Suite, *, command: Sequence[str] = (), patience_s: float = PATIENCE_S, **settings: str
) -> Part:
    """Run a suite to its end, or until it took too long; what it said until then counts.

    Args:
        command: runs it; this module by default.
        settings: for its environment.
    """
    command = command or (sys.executable, "-m", "benchmarks.suites", suite.name)
    before, pace_before, began = load_average(), pace(), time.perf_counter()
    with TemporaryFile("w+", encoding="utf-8") as said:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **settings},
            stdout=said,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        why = _wait(process, patience_s=patience_s)
        said.seek(0)
        lines = list(_lines(said))
    if why:
        lines.append(Absent(suite.title, why, failed=True))
    seconds, load = time.perf_counter() - began, (before, load_average())
    return Part(suite.name, suite.title, tuple(lines), load, (pace_before, pace()), seconds)


def pace() -> float:
    """Seconds of a loop that is always the same: cores that are shared run faster and slower."""
    began = time.perf_counter()
    for number in range(LOOPS):
        number * number
    return time.perf_counter() - began


def load_average() -> float:
    """Of the last minute; 0 where the system does not tell."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def _wait(process: subprocess.Popen[str], *, patience_s: float) -> str:
    """Why the process failed; empty where it did not."""
    try:
        _, aside = process.communicate(timeout=patience_s)
    except subprocess.TimeoutExpired:
        _end(process)
        return f"it took longer than {patience_s:g} s"
    sys.stderr.write(aside)
    if process.returncode == 0:
        return ""
    _end(process)
    last = next((line for line in reversed(aside.splitlines()) if line.strip()), "")
    return f"it ended with code {process.returncode}: {last.strip()}"


def _end(process: subprocess.Popen[str]) -> None:
    """End a suite and whatever it started."""
    if sys.platform == "win32":
        process.kill()
    else:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def _lines(text: Iterable[str]) -> Iterator[Line]:
    for line in text:
        if line.startswith("{"):
            yield from_json(line)


def main(name: str) -> int:
    """Be a suite's process."""
    measure = import_module(f"benchmarks.{name}").measure
    for said in cast("Iterable[Row | Absent | Measured]", measure()):
        line = as_row(said) if isinstance(said, Measured) else said
        print(to_json(line), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
