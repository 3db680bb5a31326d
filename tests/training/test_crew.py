"""A crew of one does nothing; a crew of two agrees on gradients and on the time."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from training.crew import Crew

OTHER = "from tests.training.test_crew import work_in_a_crew; print(work_in_a_crew())"


def work_in_a_crew() -> str:
    """What each of two processes does; says who it was."""
    crew = Crew.join(torch.device("cpu"))
    value = torch.nn.Parameter(torch.zeros(3))
    value.grad = torch.full((3,), float(crew.rank))
    crew.average([value])
    assert value.grad.tolist() == [0.5, 0.5, 0.5], value.grad
    assert crew.clock(10.0 * crew.rank) == 5.0
    crew.leave()
    return f"rank {crew.rank} of {crew.size} {'leads' if crew.leads else 'follows'}"


def test_alone_nothing_changes() -> None:
    crew = Crew.join(torch.device("cpu"))
    assert (crew.rank, crew.size, crew.leads) == (0, 1, True)
    value = torch.nn.Parameter(torch.zeros(2))
    value.grad = torch.tensor([1.0, 2.0])
    crew.average([value])
    assert value.grad.tolist() == [1.0, 2.0]
    assert crew.clock(3.5) == 3.5
    crew.leave()


@pytest.mark.slow
def test_two_agree(project_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process leads, another follows; each finds what torchrun would have told it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    told = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    surrounding = os.environ | told | {"RANK": "1", "PYTHONPATH": str(project_root)}
    for name, value in (told | {"RANK": "0"}).items():
        monkeypatch.setenv(name, value)
    with subprocess.Popen(
        [sys.executable, "-c", OTHER], env=surrounding, stdout=subprocess.PIPE, text=True
    ) as other:
        try:
            assert work_in_a_crew() == "rank 0 of 2 leads"
            said, _ = other.communicate(timeout=120)
        finally:
            other.kill()
    assert other.returncode == 0
    assert said.strip() == "rank 1 of 2 follows"
