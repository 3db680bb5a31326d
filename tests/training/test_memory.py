"""Memory that is kept: a run may ask for it anywhere, and works on."""

from __future__ import annotations

import subprocess
import sys


def test_a_process_goes_on_with_its_memory_kept() -> None:
    program = (
        "from training.memory import reuse_memory; reuse_memory();"
        "print(sum(len(bytearray(1 << 26)) for _ in range(8)) >> 26)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "8")
