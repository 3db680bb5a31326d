"""A library whose writes are cut short at one place after another, each in a process of its own.

Run as a script, so that it forks while it has no threads: `cut_writes.py KIND PLACE FOLDER STEP`.
KIND: `killed at byte`, where no file may grow beyond it; `refused at byte`, where the write fails
and there is room again later; `killed at step` and `refused at step` of SQLite's virtual machine.
PLACE: `home` (write-ahead log) or `share` (rollback journal). Ends with 0 after a line of figures.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from app.library import opening, schema
from app.library.library import Library
from domain.errors import LibraryUnavailable
from tests.app.library.makers import WAIT_S, a_case, a_revision

REVISIONS = 8
KILLED = 9
Cut = Callable[[int], Callable[[], None]]


def main(kind: str, place: str, folder: Path, step: int) -> None:
    """Cut at one place after another, until nothing is left to be cut."""
    opening.is_on_network = lambda _folder: place == "share"
    base = folder / "base"
    with closing(Library.open(base)) as library:
        library.add_case(a_case(), b"PNG").result(WAIT_S)
    cuts, told, after = 0, set[str](), 0
    while True:
        work = folder / "work"
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(base, work)
        lines, was_cut = in_child(CUTS[kind], after, work)
        told.update(line for line in lines if line[0] in "tu")
        check(work, lines, finished=kind.startswith("refused"))
        if not was_cut:
            break
        cuts, after = cuts + 1, after + step
    sys.stdout.write(f"{kind}, {place}: {cuts} cuts; said: {sorted(told)}\n")
    assert cuts > 5


def in_child(cut: Cut, after: int, work: Path) -> tuple[list[str], bool]:
    """What a process said that was cut there, and whether anything was."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            write_all(cut, after, work, lambda line: os.write(writing, f"{line}\n".encode()))
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        lines = pipe.read().splitlines()
    _, status = os.waitpid(child, 0)
    was_killed = os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == KILLED
    return lines, was_killed or any(line[0] in "tu" for line in lines)


def write_all(cut: Cut, after: int, work: Path, say: Callable[[str], object]) -> None:
    """In the child: every revision, one after another; `d` for what is saved, `t` for trouble."""
    mend = cut(after)
    try:
        library = Library.open(work)
    except LibraryUnavailable as error:
        say(f"u {error.why}")
        mend()
        library = Library.open(work)
    library.on_trouble = lambda words: (say(f"t {words}"), mend())
    for number in range(REVISIONS):
        parent = f"r{number - 1}" if number else None
        made = a_revision(f"r{number}", parent=parent, created=float(number))
        library.append(made, make_head=True).result(WAIT_S)
        say(f"d {number}")
    library.close()


def check(work: Path, lines: list[str], *, finished: bool) -> None:
    """What was called done is there, nothing is by half, and the library goes on."""
    done = sum(line.startswith("d ") for line in lines)
    assert done == REVISIONS or not finished, lines
    with closing(Library.open(work)) as library:
        kept = list(library.revisions("case"))
        assert kept == [f"r{number}" for number in range(len(kept))]
        assert len(kept) in (done, done + 1), (kept, lines)
        assert library.case("case").head == (kept[-1] if kept else None)
        assert library._connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        library.append(a_revision("on"), make_head=True).result(WAIT_S)


def _at_byte(after: int, *, deadly: bool) -> Callable[[], None]:
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL if deadly else signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (after, resource.RLIM_INFINITY))
    everything = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, everything)


def _at_step(after: int, *, deadly: bool) -> Callable[[], None]:
    connect, left = schema.connect, [after]

    def count() -> int:
        left[0] -= 1
        if left[0] == 0 and deadly:
            os._exit(KILLED)
        return left[0] == 0

    def counted(file: Path, *, mode: str) -> sqlite3.Connection:
        connection = connect(file, mode=mode)
        if mode == "rw":
            connection.set_progress_handler(count, 1)
        return connection

    opening.schema.connect = counted
    left[0] += 1
    return lambda: None


CUTS: dict[str, Cut] = {
    "killed at byte": lambda after: _at_byte(after, deadly=True),
    "refused at byte": lambda after: _at_byte(after, deadly=False),
    "killed at step": lambda after: _at_step(after, deadly=True),
    "refused at step": lambda after: _at_step(after, deadly=False),
}

if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
