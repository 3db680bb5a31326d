"""Draws come in order, from threads and from processes alike."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from torch import Tensor

from training.data.ahead import ahead


class Pair(NamedTuple):
    step: Tensor
    square: Tensor


def pair(step: int) -> Pair:
    return Pair(torch.tensor([step]), torch.tensor([step**2]))


def broken(step: int) -> Pair:
    raise ValueError(str(step))


@pytest.mark.parametrize("workers", [1, 2])
def test_steps_come_in_order_from_the_first_one(workers: int) -> None:
    drawn = ahead(pair, first=5, workers=workers)
    taken = [next(drawn) for _ in range(9)]
    drawn.close()
    assert [int(one.step) for one in taken] == list(range(5, 14))
    assert [int(one.square) for one in taken] == [n**2 for n in range(5, 14)]
    assert all(isinstance(one, Pair) for one in taken)


def test_what_breaks_a_draw_is_told() -> None:
    with pytest.raises(ValueError, match="3"):
        next(ahead(broken, first=3))


OWNER = """
import os, sys, time, torch
from typing import NamedTuple
from training.data.ahead import ahead
class Drawn(NamedTuple):
    pid: torch.Tensor
def draw(step):
    return Drawn(torch.tensor([os.getpid()]))
if __name__ == "__main__":
    drawn = ahead(draw, first=0, workers=2)
    print(int(next(drawn).pid), flush=True)
    time.sleep(600)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="only Linux tells of processes cheaply")
def test_workers_end_with_a_run_that_is_killed(tmp_path: Path, project_root: Path) -> None:
    script = tmp_path / "owner.py"
    script.write_text(OWNER)
    environment = {**os.environ, "PYTHONPATH": str(project_root)}
    owner = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert owner.stdout
    worker = Path("/proc") / owner.stdout.readline().strip()
    assert worker.is_dir()
    owner.kill()
    owner.wait()
    owner.stdout.close()
    deadline = time.monotonic() + 60
    while worker.is_dir() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not worker.is_dir()
