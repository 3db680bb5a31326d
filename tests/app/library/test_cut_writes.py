"""Writes that are cut short anywhere, disks that fill, and disks that nobody can write any more."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest

from app.library.library import Library
from domain.errors import LibraryUnavailable
from tests.app.library.makers import WAIT_S, a_case, a_revision, sql

MEMORY = Path("/dev/shm")  # syncing costs nothing there
linux = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="limits and mounts as Linux has them"
)


@pytest.fixture
def quick() -> Iterator[Path]:
    folder = tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None)
    yield Path(folder)
    shutil.rmtree(folder)


@linux
@pytest.mark.parametrize("place", ["home", "share"])
@pytest.mark.parametrize(
    ("kind", "steps"),
    [
        ("killed at byte", {"home": 8209, "share": 2053}),
        ("refused at byte", {"home": 16411, "share": 4099}),
        ("killed at step", {"home": 211, "share": 211}),
        ("refused at step", {"home": 317, "share": 317}),
    ],
)
def test_a_write_that_is_cut_short_is_there_or_not(kind, steps, place, quick, project_root):
    script = project_root / "tests/app/library/cut_writes.py"
    done = subprocess.run(
        [sys.executable, str(script), kind, place, str(quick), str(steps[place])],
        env={**os.environ, "PYTHONPATH": str(project_root)},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr


def test_a_log_that_ends_anywhere_holds_whole_changes(quick):
    """What a power cut leaves of a log of which only the beginning reached the disk."""
    base, count = quick / "base", 6
    with closing(Library.open(base)) as library:
        library.add_case(a_case(), None).result(WAIT_S)
        for number in range(count):
            parent = f"r{number - 1}" if number else None
            made = a_revision(f"r{number}", parent=parent, created=float(number))
            library.append(made, make_head=True).result(WAIT_S)
        cut = quick / "cut"
        shutil.copytree(base, cut)  # the log with it: closing would fold it into the file
    log = (cut / "library.sqlite-wal").read_bytes()
    seen = set()
    for end in range(0, len(log), 4099):
        work = quick / "work"
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(cut, work)
        (work / "library.sqlite-shm").unlink(missing_ok=True)
        noise = os.urandom(2000) if end % 2 else b""
        (work / "library.sqlite-wal").write_bytes(log[:end] + noise)
        with closing(Library.open(work)) as library:
            kept = [name for case in library.cases() for name in library.revisions(case.id)]
            assert kept == [f"r{number}" for number in range(len(kept))]
            assert not kept or library.case("case").head == kept[-1]
        seen.add(len(kept))
    assert {0, 1, count - 1} <= seen


@pytest.fixture
def disk(tmp_path) -> Iterator[Path]:
    """A disk of two megabytes; its owner may write-protect it."""
    place = tmp_path / "disk"
    place.mkdir()
    if not mount("-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)):
        pytest.skip("may not mount a disk here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def mount(*arguments: str) -> bool:
    try:
        done = subprocess.run(["mount", *arguments], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


@linux
def test_a_full_disk_is_told_and_made_up_for(disk):
    with closing(Library.open(disk / "library")) as library:
        library.add_case(a_case(), None).result(WAIT_S)
        in_trouble, saved = Event(), []
        library.on_trouble = lambda words: (saved.clear(), told.append(words), in_trouble.set())
        library.on_saved = saved.append
        told: list[str] = []
        (disk / "films").write_bytes(bytes(shutil.disk_usage(disk).free))
        large = library.add_case(a_case("large"), bytes(100_000))
        small = library.append(a_revision("r"), make_head=True)
        assert in_trouble.wait(WAIT_S)
        assert "full" in told[0]
        assert saved == []
        assert not small.done()
        assert [case.id for case in library.cases()] == ["case"]
        (disk / "films").unlink()
        library.try_now()
        small.result(WAIT_S)
        assert large.done()
        assert library.case("case").head == "r"
    assert len(saved) == 1


@linux
def test_a_full_disk_at_the_start_is_named_and_no_library_is_half_made(disk):
    (disk / "films").write_bytes(bytes(shutil.disk_usage(disk).free))
    with pytest.raises(LibraryUnavailable, match="disk is full"):
        Library.open(disk / "library")
    (disk / "films").unlink()
    with closing(Library.open(disk / "library")) as library:
        library.add_case(a_case(), None).result(WAIT_S)


@linux
def test_a_disk_that_is_write_protected_meanwhile_is_told_and_made_up_for(disk):
    with closing(Library.open(disk / "library")) as library:
        library.add_case(a_case(), None).result(WAIT_S)
        in_trouble, told = Event(), []
        library.on_trouble = lambda words: (told.append(words), in_trouble.set())
        library._writer._disconnect()  # while it is open for writing no disk can be protected
        library.stop()
        library._lock.free()
        assert mount("-o", "remount,ro", str(disk))
        waiting = library.append(a_revision("r"), make_head=True)
        assert in_trouble.wait(WAIT_S)
        assert "Trying again" in told[0]
        assert not waiting.done()
        with closing(Library.open(disk / "library")) as reading:
            assert reading.read_only
            assert "cannot be written" in reading.why
            assert reading.case("case").head is None
        assert mount("-o", "remount,rw", str(disk))
        library.try_now()
        waiting.result(WAIT_S)
    assert sql(disk / "library", "SELECT head FROM cases") == [("r",)]
