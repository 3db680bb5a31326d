"""A locked-down process keeps what it needs and loses the rest."""

from __future__ import annotations

import subprocess
import sys

import pytest

MIB = 2**20
ATTEMPTS = {
    "network": "import socket; socket.create_connection(('127.0.0.1', 9))",
    "name": "import socket; socket.getaddrinfo('example.org', 80)",
    "child": "import subprocess; subprocess.run(['true'])",
    "shell": "import os; os.system('true')",
    "fork": "import os; os.fork()",
    "other file": "open(elsewhere, 'w')",
    "append": "open(elsewhere, 'a')",
    "low level": "import os; os.open(elsewhere, os.O_WRONLY | os.O_CREAT)",
    "remove": "import os; os.remove(writable)",
    "rename": "import os; os.rename(writable, elsewhere)",
    "library": "import ctypes; ctypes.CDLL(None)",
}


def run_locked(project_root, tmp_path, attempt):
    source = (
        "import sys, ctypes\n"
        "from pathlib import Path\n"
        "from inference.lockdown import lock_down\n"
        "writable, elsewhere = Path(sys.argv[1]), sys.argv[2]\n"
        f"lock_down(writable=writable, memory={200 * MIB}, file_bytes={MIB})\n"
        "try:\n"
        f"    {attempt}\n"
        "except PermissionError as error:\n"
        "    sys.exit('refused: %s' % error)\n"
        "except MemoryError:\n"
        "    sys.exit('too much memory')\n"
    )
    (tmp_path / "out").touch()
    return subprocess.run(
        [sys.executable, "-c", source, str(tmp_path / "out"), str(tmp_path / "elsewhere")],
        cwd=project_root,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_what_is_not_needed_is_refused(project_root, tmp_path, attempt):
    if attempt == "fork" and sys.platform == "win32":
        pytest.skip("Windows has no fork")
    done = run_locked(project_root, tmp_path, ATTEMPTS[attempt])
    assert "refused: " in done.stderr
    assert not (tmp_path / "elsewhere").exists()
    assert (tmp_path / "out").exists()


def test_what_is_needed_is_left(project_root, tmp_path):
    done = run_locked(
        project_root, tmp_path, "writable.write_bytes(open(__import__('os').__file__, 'rb').read())"
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out").stat().st_size > 1000


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds the address space")
def test_memory_is_bounded(project_root, tmp_path):
    assert run_locked(project_root, tmp_path, f"bytes({100 * MIB})").returncode == 0
    assert "too much memory" in run_locked(project_root, tmp_path, f"bytes({300 * MIB})").stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_the_file_is_bounded(project_root, tmp_path):
    run_locked(project_root, tmp_path, f"writable.write_bytes(bytes({3 * MIB}))")
    assert (tmp_path / "out").stat().st_size <= MIB


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_processor_time_is_bounded(project_root, tmp_path):
    bound = "import resource; sys.exit(resource.getrlimit(resource.RLIMIT_CPU)[0] != 120)"
    assert run_locked(project_root, tmp_path, bound).returncode == 0
