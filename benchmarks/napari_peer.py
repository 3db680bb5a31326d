"""The real window beside napari, each on a screen of X11 where Xvfb is installed.

napari is none of our requirements: `--napari PYTHON` names an interpreter that has it. On a screen
without a graphics card its drawing is done in software, as ours is.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.films import draw_film
from benchmarks.off_screen import OffScreen
from benchmarks.rows import Absent, Line, Row, Times
from tests.e2e.program import screen

NAPARI = "CALIPER_BENCH_NAPARI"
PEER = Path(__file__).with_name("napari_looks.py")
FILMS, MOVES, DRAGGED = 6, 20, 20
PATIENCE_S = 180.0


def measure() -> Iterator[Line]:
    """Opening films and moving a point."""
    python = os.environ.get(NAPARI, "")
    if not python:
        yield Absent("napari", "no interpreter that has it was named (--napari PYTHON)")
        return
    with tempfile.TemporaryDirectory() as folder, screen() as shown:
        films = [draw_film(Path(folder) / f"film {n}.png", seed=n) for n in range(FILMS)]
        try:
            said = _peer(python, films, shown=shown)
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            print(f"napari: {error}", file=sys.stderr)
            yield Absent("napari", "the interpreter that was named did not run it")
            return
        os.environ.update(shown)
        opened, moved = _ours(Path(folder) / "library", films)
    name = f"napari {said.version}"
    yield Row("a film opened and painted", Times.of(opened), name, Times.of(said.opened[1:]))
    yield Row("one of 68 corners moved and painted", Times.of(moved), name, Times.of(said.moved))


@dataclass(frozen=True)
class _Said:
    """Seconds of each film opened and of each point moved there."""

    version: str
    opened: list[float]
    moved: list[float]


def _peer(python: str, films: list[Path], *, shown: dict[str, str]) -> _Said:
    done = subprocess.run(
        [python, str(PEER), *map(str, films)],
        env={**os.environ, **shown},
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_S,
    )
    *_, last = done.stdout.splitlines()
    return _Said(**json.loads(last))


def _ours(library: Path, films: list[Path]) -> tuple[list[float], list[float]]:
    room = _Room(library)
    try:
        opened = [room.show(film) for film in films]
        return opened[1:], room.move()
    finally:
        room.close()


class _Room(OffScreen):
    def show(self, film: Path) -> float:
        """Seconds until a film is painted; then its corners are waited for."""
        began = time.perf_counter()
        self.window.commands.open_paths([film])
        self.wait(lambda: self.is_shown(film))
        self.surface.repaint()
        seconds = time.perf_counter() - began
        self.open(film)
        return seconds

    def move(self) -> list[float]:
        """Seconds of each move of a corner, painted."""
        editing = self.window.editing
        row, column = map(float, self.corners[DRAGGED])
        editing.grasp(DRAGGED)
        taken = []
        for step in range(MOVES):
            began = time.perf_counter()
            editing.move((row + 3.0 * step, column))
            self.application.processEvents()
            self.surface.repaint()
            taken.append(time.perf_counter() - began)
        editing.release()
        self.wait(lambda: not self.window.asking.is_busy)
        return taken
