"""`kill -9` of the window at any moment: no process stays, and nothing that was saved is lost."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.library.history import History
from app.library.library import Library
from app.library.opening import FILE_NAME
from domain.revision import Revision

Films = Callable[[str], Path]
ROUNDS = 3
LONGEST_DRAGGING_S = 1.2
START_S = 60.0
MARK = "CALIPER_HOME"

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="looks for processes in /proc"
)


class Window:
    """A window in a process of its own, and what it printed."""

    def __init__(self, command: list[str], *, home: Path, root: Path) -> None:
        self._home = home
        env = {**os.environ, MARK: str(home), "PYTHONPATH": str(root)}
        self._process = subprocess.Popen(
            command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.saved: list[str] = []
        self.ended = False
        self.began = threading.Event()
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()

    def _listen(self) -> None:
        for line in self._process.stdout:
            if line.startswith("saved "):
                self.saved.append(line.split()[1])
                self.began.set()
            self.ended = self.ended or line.startswith("ended")
        self.began.set()

    @property
    def family(self) -> dict[int, str]:
        """The window and all that it started, by the mark in their environment."""
        return dict(processes_of(self._home))

    def kill(self) -> None:
        """SIGKILL for the window alone."""
        self._process.send_signal(signal.SIGKILL)
        self.wait()

    def wait(self) -> int:
        """Until the window's process has ended; its exit code."""
        code = self._process.wait(timeout=START_S)
        self._listener.join(timeout=START_S)
        self._process.stdout.close()
        return code


def processes_of(home: Path) -> Iterator[tuple[int, str]]:
    mark = f"{MARK}={home}".encode()
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            if mark not in (folder / "environ").read_bytes().split(b"\0"):
                continue
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:  # it has just ended, or is somebody else's
            continue
        if state != "Z":
            yield int(folder.name), command


def wait_until(done: Callable[[], bool], *, seconds: float = START_S) -> bool:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@pytest.fixture
def start(tmp_path: Path, project_root: Path) -> Iterator[Callable[..., Window]]:
    """Starts windows that share one home."""
    started: list[Window] = []

    def begin(*command: object) -> Window:
        window = Window(
            [sys.executable, *map(str, command)], home=tmp_path / "home", root=project_root
        )
        started.append(window)
        return window

    yield begin
    for pid in {pid for window in started for pid in window.family}:
        os.kill(pid, signal.SIGKILL)


def gestures(revisions: dict[str, Revision]) -> list[str]:
    """Each gesture once, in the order they were made."""
    return list(dict.fromkeys(revision.gesture for revision in revisions.values()))


def integrity(library: Path) -> str:
    connection = sqlite3.connect(f"file:{library / FILE_NAME}?mode=ro", uri=True)
    try:
        return connection.execute("PRAGMA integrity_check").fetchone()[0]
    finally:
        connection.close()


def test_killed_at_any_moment_nothing_saved_is_lost(
    start: Callable[..., Window], film: Films, tmp_path: Path, project_root: Path
) -> None:
    path, library = film("one"), tmp_path / "home" / "library"
    moments = random.Random(3)
    promised: set[str] = set()
    for _ in range(ROUNDS):
        window = start(project_root / "tests" / "e2e" / "busy_hand.py", library, path, 10000)
        assert window.began.wait(START_S)
        time.sleep(moments.uniform(0.0, LONGEST_DRAGGING_S))
        assert len(window.family) >= 3, "the window, its engine and its reader should be there"
        window.kill()
        assert wait_until(lambda window=window: not window.family), window.family
        assert window.saved
        promised.update(window.saved)
        assert integrity(library) == "ok"
        check(library, promised)
    assert len(promised) > 2 * ROUNDS


def check(folder: Path, promised: set[str]) -> None:
    """What was promised is there, and the case stands where the hand was at the end."""
    library = Library.open(folder)
    try:
        assert not library.read_only
        (case,) = library.cases()
        revisions = library.revisions(case.id)
        assert library.damaged(case.id) == ()
        assert promised <= revisions.keys()
        history = History(revisions, case.head, case_id=case.id, tip=case.tip)
        assert history.head == case.head
        assert revisions[case.head].gesture in gestures(revisions)[-2:]
        assert history.current.points is not None
    finally:
        library.close()


def test_closed_it_ends_by_itself_and_has_kept_every_drag(
    start: Callable[..., Window], film: Films, tmp_path: Path, project_root: Path
) -> None:
    library = tmp_path / "home" / "library"
    window = start(project_root / "tests" / "e2e" / "busy_hand.py", library, film("one"), 3)
    assert window.wait() == 0
    assert window.ended
    assert wait_until(lambda: not window.family), window.family
    opened = Library.open(library)
    try:
        (case,) = opened.cases()
        revisions = opened.revisions(case.id)
    finally:
        opened.close()
    assert set(window.saved) <= revisions.keys()
    assert len(gestures(revisions)) == 1 + 3


def test_the_program_itself_leaves_nothing_behind(
    start: Callable[..., Window], film: Films, tmp_path: Path, project_root: Path
) -> None:
    path, library = film("one"), tmp_path / "home" / "library"
    window = start(project_root / "main.py", path)

    def has_case() -> bool:
        return (library / FILE_NAME).is_file() and bool(cases_in(library))

    assert wait_until(has_case)
    assert wait_until(lambda: any(" engine " in command for command in window.family.values()))
    window.kill()
    assert wait_until(lambda: not window.family), window.family
    assert len(cases_in(library)) == 1


def cases_in(library: Path) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(f"file:{library / FILE_NAME}?mode=ro", uri=True)
    try:
        return connection.execute("SELECT id FROM cases").fetchall()
    except sqlite3.OperationalError:  # the tables are not there yet
        return []
    finally:
        connection.close()
