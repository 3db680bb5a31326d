"""What all tests share: a screen-less, silent, repeatable surrounding, and nobody left behind."""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_LOGGING_RULES", "qt.qpa.*=false;qt.text.font.*=false")
os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Never a timed assertion: on a busy machine an example may take as long as it takes.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

ROOT = Path(__file__).resolve().parent.parent
GRACE_S = 5.0  # processes and threads that were told to end may take this long
HELPERS = ("resource_tracker", "forkserver")  # Python's own, they live as long as it does


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The root of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real films beside the checkout; tests that need it are skipped without."""
    data = ROOT.parent / "shared" / "data"
    if not data.is_dir():
        pytest.skip("needs the data folder beside the checkout (../shared/data)")
    return data


@pytest.fixture(autouse=True)
def nobody_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a child process or a running thread behind."""
    processes, threads, native = child_processes(), python_threads(), native_threads()
    yield
    if request.node.get_closest_marker("leaves_processes"):
        return
    deadline = time.monotonic() + GRACE_S
    while True:
        left = [*newcomers(processes), *(python_threads() - threads)]
        if native_threads() - native:
            left += running_qt_threads()
        if not left or time.monotonic() > deadline:
            break
        time.sleep(0.05)
    assert not left, f"left behind: {left}"


@pytest.fixture(autouse=True)
def garbage_waits_for_the_main_thread() -> Iterator[None]:
    """No thread of a test's may end what Qt made, as in the program (`app.window.garbage`)."""
    if "PySide6.QtCore" not in sys.modules:
        yield
        return
    gc.disable()
    yield
    gc.enable()


def child_processes() -> set[str]:
    """Living children of this process, as "pid command"; only Linux can tell cheaply."""
    tasks = Path(f"/proc/{os.getpid()}/task")
    if not sys.platform.startswith("linux") or not tasks.is_dir():
        return set()
    found = set()
    for listing in tasks.glob("*/children"):
        try:
            pids = listing.read_text().split()
        except OSError:  # that thread has just ended
            continue
        found |= {f"{pid} {command}" for pid in pids if (command := command_of(pid))}
    return found


def newcomers(before: set[str]) -> set[str]:
    """Children that were not there, by number: a command line changes while a process starts."""
    known = {child.partition(" ")[0] for child in before}
    return {child for child in child_processes() if child.partition(" ")[0] not in known}


def command_of(pid: str) -> str:
    """The command line of a living process; empty for an ended one and for Python's helpers."""
    process = Path("/proc") / pid
    try:
        state = (process / "stat").read_text().rpartition(")")[2].split()[0]
        command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""
    if state == "Z" or any(name in command for name in HELPERS):
        return ""
    return command.strip() or "(starting)"


def python_threads() -> set[str]:
    """Python threads that would keep the program alive."""
    return {
        f"thread {thread.name}"
        for thread in threading.enumerate()
        if not thread.daemon and thread is not threading.main_thread()
    }


def native_threads() -> set[str]:
    """Ids of this process's threads of any making; where only Linux could tell, never the same."""
    tasks = Path(f"/proc/{os.getpid()}/task")
    return set(os.listdir(tasks)) if tasks.is_dir() else {str(time.monotonic_ns())}


def running_qt_threads() -> set[str]:
    """Qt threads that run, where anything has loaded Qt; looks at every object, so ask rarely."""
    if "PySide6.QtCore" not in sys.modules:
        return set()
    import shiboken6
    from PySide6.QtCore import QCoreApplication, QThread

    application = QCoreApplication.instance()
    main = application.thread() if application else None
    return {
        f"QThread {thread.objectName() or hex(id(thread))}"
        for thread in gc.get_objects()
        if issubclass(type(thread), QThread)
        and shiboken6.isValid(thread)
        and thread is not main
        and thread.isRunning()
        and thread.objectName() != "main"
    }
