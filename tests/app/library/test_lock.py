"""One holder at a time; the system frees the lock of a process that is killed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from app.library.lock import InstanceLock

HOLD = """
import sys, time
from pathlib import Path
from app.library.lock import InstanceLock
lock = InstanceLock(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(600)
"""


def test_a_second_lock_is_refused_until_the_first_is_free(tmp_path):
    first = InstanceLock(tmp_path / "lock")
    with pytest.raises(BlockingIOError):
        InstanceLock(tmp_path / "lock")
    first.free()
    first.free()
    InstanceLock(tmp_path / "lock").free()


def test_a_refused_lock_does_not_free_the_first(tmp_path):
    first = InstanceLock(tmp_path / "lock")
    for _ in range(3):
        with pytest.raises(BlockingIOError):
            InstanceLock(tmp_path / "lock")
    first.free()


def test_a_missing_folder_is_no_held_lock(tmp_path):
    with pytest.raises(FileNotFoundError):
        InstanceLock(tmp_path / "nowhere" / "lock")


def test_a_killed_process_holds_nothing(tmp_path, project_root):
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], cwd=project_root, stdout=subprocess.PIPE
    ) as holder:
        try:
            assert holder.stdout.readline() == b"held\n"
            with pytest.raises(BlockingIOError):
                InstanceLock(path)
        finally:
            holder.kill()
    InstanceLock(path).free()
