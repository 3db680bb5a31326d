"""A long sitting in compressed time: case after case opened, corrected, undone and closed.

The real window stands off screen over a library of its own; the engine is a process that answers at
once by a rule. After a warm-up nothing may grow: memory, threads, processes, open handles, files.

    python -m benchmarks.long_sitting --cases 500
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image as Pillow

from benchmarks.off_screen import OffScreen

WARM_UP = 200
"""Cases until the stores of pictures, films and pages of the database are full."""
SHAPE = (700, 240)
DRAGGED = 20
PIXEL_BYTES = 2**21
"""The engine keeps so much of films, so that its store is full after the warm-up."""
MOST_GROWTH = 0.05
LINES = 10


@dataclass(frozen=True)
class Burden:
    """What a process and its children hold at one moment.

    Args:
        memory: resident bytes of this process; `engine_memory` of its engine.
        widgets: of Qt's, shown or not.
        handles: open file descriptors of this process; `engine_handles` of its engine.
        files: in the library and in the folder for temporary files.
    """

    memory: int
    engine_memory: int
    threads: int
    processes: int
    widgets: int
    handles: int
    engine_handles: int
    files: int

    def __str__(self) -> str:
        return (
            f"window {self.memory / 2**20:.1f} MiB, engine {self.engine_memory / 2**20:.1f} MiB, "
            f"{self.threads} threads, {self.processes} processes, {self.widgets} widgets, "
            f"{self.handles} and "
            f"{self.engine_handles} handles, {self.files} files"
        )

    def grown_to(self, later: Burden) -> list[str]:
        """What is held later that was not before, beyond what is allowed; in words."""
        wrong = [
            f"{name} grew from {before} to {now}"
            for name, before, now in (
                ("threads", self.threads, later.threads),
                ("processes", self.processes, later.processes),
                ("widgets", self.widgets, later.widgets),
                ("handles", self.handles, later.handles),
                ("the engine's handles", self.engine_handles, later.engine_handles),
                ("files", self.files, later.files),
            )
            if now > before
        ]
        for name, before, now in (
            ("memory of the window", self.memory, later.memory),
            ("memory of the engine", self.engine_memory, later.engine_memory),
        ):
            if now > before * (1 + MOST_GROWTH):
                wrong.append(f"{name} grew by {now / before - 1:.1%}")
        return wrong


@dataclass(frozen=True)
class Sitting:
    """How a sitting went: the burden after the warm-up and at its end."""

    cases: int
    seconds: float
    warm: Burden
    end: Burden

    @property
    def leaks(self) -> list[str]:
        """What grew."""
        return self.warm.grown_to(self.end)


def sit(cases: int, *, warm_up: int = WARM_UP) -> Sitting:
    """Work through so many cases after the warm-up; Linux only."""
    with tempfile.TemporaryDirectory() as folder, _temporary_files_in(Path(folder) / "tmp"):
        room = _Room(Path(folder))
        try:
            for number in range(warm_up):
                room.work_on(number)
            warm = room.burden()
            _tell(warm_up, warm)
            began = time.perf_counter()
            for number in range(warm_up, warm_up + cases):
                room.work_on(number)
                if (number + 1 - warm_up) % max(1, cases // LINES) == 0:
                    _tell(number + 1, room.burden())
            seconds = time.perf_counter() - began
            return Sitting(cases, seconds, warm, room.burden())
        finally:
            room.close()


class _Room(OffScreen):
    def __init__(self, folder: Path) -> None:
        from app.library.backups import back_up
        from app.library.opening import FILE_NAME
        from inference.manifest import Manifest
        from tests.e2e.rule_engine import rule_engine_command
        from tests.rule_weights import install_rule

        self._folder = folder
        super().__init__(
            folder / "library",
            weights=Manifest((install_rule(folder),)),
            command=rule_engine_command(seconds=0.0, pixel_bytes=PIXEL_BYTES),
        )
        # The first of a day comes twenty seconds after the start, on a slow machine in mid-sitting.
        back_up(folder / "library" / FILE_NAME)

    def work_on(self, number: int) -> None:
        """Open a film nobody has seen, carry a corner, take it back, leave the case."""
        from PySide6.QtCore import QEvent

        window = self.window
        path = self._folder / f"film {number}.png"
        grain = np.random.default_rng(number).integers(40, 200, SHAPE).astype(np.uint8)
        Pillow.fromarray(grain).save(path)
        self.open(path)
        proposed = self.corners.copy()
        self.drag(DRAGGED, to=proposed[DRAGGED] + (12.0, 5.0), seconds=0.0)
        assert not np.array_equal(self.corners, proposed)
        window.editing.undo()
        assert np.array_equal(self.corners, proposed)
        self.wait(lambda: window.session.library.pending == 0 and not window.asking.is_busy)
        window.show_welcome()
        path.unlink()
        # Without an event loop of its own nobody deletes what was to be deleted later.
        self.application.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def burden(self) -> Burden:
        """What is held now, once what nobody needs is let go."""
        self.pause(0.3)
        gc.collect()
        (engine,) = (pid for pid in _children() if "rule_engine" in _command(pid))
        folders = (self._folder / "library", self._folder / "tmp")
        return Burden(
            memory=_resident("self"),
            engine_memory=_resident(engine),
            threads=threading.active_count(),
            processes=len(_children()),
            widgets=len(self.application.allWidgets()),
            handles=len(os.listdir("/proc/self/fd")),
            engine_handles=len(os.listdir(f"/proc/{engine}/fd")),
            files=sum(path.is_file() for folder in folders for path in folder.rglob("*")),
        )


@contextmanager
def _temporary_files_in(folder: Path) -> Iterator[None]:
    """Whatever makes temporary files makes them here, where they are counted."""
    folder.mkdir()
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before


def _children() -> list[str]:
    tasks = Path("/proc/self/task").glob("*/children")
    return [pid for task in tasks for pid in task.read_text().split()]


def _command(pid: str) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


def _resident(process: str) -> int:
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _tell(cases: int, burden: Burden) -> None:
    print(f"{cases:>5} cases: {burden}", file=sys.stderr, flush=True)


def main() -> int:
    """Sit, and say what grew; 1 where something did."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.long_sitting")
    parser.add_argument("--cases", type=int, default=500, help="after the warm-up")
    parser.add_argument("--warm-up", type=int, default=WARM_UP)
    options = parser.parse_args()
    sitting = sit(options.cases, warm_up=options.warm_up)
    growth = sitting.end.memory / sitting.warm.memory - 1
    print(f"{sitting.cases} cases in {sitting.seconds:.0f} s, memory of the window {growth:+.1%}")
    for leak in sitting.leaks:
        print(f"LEAK: {leak}")
    return 1 if sitting.leaks else 0


if __name__ == "__main__":
    sys.exit(main())
