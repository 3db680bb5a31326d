"""`kill -9` of the window at any moment: no process stays, and nothing that was saved is lost."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.library.opening import FILE_NAME
from tests.e2e.busy_hand import START
from tests.e2e.power_cuts import Kept, Tally, beat, check, look
from tests.e2e.program import ROOT, Program, wait_until

Films = Callable[[str], Path]
KILLS = 20

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="looks for processes in /proc"
)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Program]]:
    """Starts programs that share one home."""
    started: list[Program] = []

    def begin(*command: object) -> Program:
        started.append(Program(command, home=tmp_path / "home"))
        return started[-1]

    yield begin
    for program in started:
        program.clear_away()


@pytest.mark.slow
def test_killed_at_any_moment_it_keeps_its_promises(tmp_path: Path) -> None:
    *_, tally = beat(KILLS, seed=3, folder=tmp_path)
    assert tally.kills == KILLS
    assert tally.promised > KILLS
    assert tally.undone > 0


def test_closed_it_ends_by_itself_and_has_kept_everything(
    start: Callable[..., Program], film: Films, tmp_path: Path
) -> None:
    program = start(*START, film("one"), "--gestures", 6)
    assert program.wait() == 0
    assert program.said("ended")
    assert wait_until(lambda: not program.family), program.family
    tally = Tally()
    check(program, tmp_path / "home" / "library", {}, tally)
    assert tally.promised == tally.changes > 2


def test_the_program_itself_leaves_nothing_behind(
    start: Callable[..., Program], film: Films, tmp_path: Path
) -> None:
    path, library = film("one"), tmp_path / "home" / "library"
    program = start(ROOT / "main.py", path)

    def has_case() -> bool:
        return (library / FILE_NAME).is_file() and bool(cases_in(library))

    assert wait_until(has_case)
    assert wait_until(lambda: any(" engine " in command for command in program.family.values()))
    program.kill()
    assert not program.family
    assert len(cases_in(library)) == 1


def cases_in(library: Path) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(f"file:{library / FILE_NAME}?mode=ro", uri=True)
    try:
        return connection.execute("SELECT id FROM cases").fetchall()
    except sqlite3.OperationalError:  # the tables are not there yet
        return []
    finally:
        connection.close()


class Told:
    """A program that is over, by what it said."""

    def __init__(self, *lines: str) -> None:
        self.lines = lines

    def said(self, word: str) -> list[str]:
        return [line.partition(" ")[2] for line in self.lines if line.split(" ")[0] == word]


def test_the_judge_tells_a_broken_promise(tmp_path: Path) -> None:
    write = "write " + json.dumps({"case": "c", "added": {"r": "digest"}, "head": "r"})
    before = {"c": Kept({}, None)}
    nothing = tmp_path / "nothing"
    check(Told(), nothing, {}, Tally())
    with pytest.raises(AssertionError, match="1 of 1 changes were promised"):
        check(Told(write, "saved 1"), nothing, {}, Tally())
    with pytest.raises(AssertionError, match="0 of 1 changes were promised"):
        check(Told(write), nothing, before, Tally())
    assert look(nothing) == ({}, {})
