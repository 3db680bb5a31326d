"""A crew of one does nothing; a crew of two agrees on gradients and on the time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from training.crew import Crew

_TWO = """
import torch
from training.crew import Crew
crew = Crew.join(torch.device("cpu"))
value = torch.nn.Parameter(torch.zeros(3))
value.grad = torch.full((3,), float(crew.rank))
crew.average([value])
assert value.grad.tolist() == [0.5, 0.5, 0.5], value.grad
assert crew.clock(10.0 * crew.rank) == 5.0
import sys
# One write: the pieces of two processes' prints may mingle.
sys.stdout.write(f"rank {crew.rank} of {crew.size} {'leads' if crew.leads else 'follows'}\\n")
crew.leave()
"""


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
def test_two_agree(tmp_path: Path, project_root: Path) -> None:
    script = tmp_path / "two.py"
    script.write_text(f"import sys; sys.path.insert(0, {str(project_root)!r})\n{_TWO}")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    done = subprocess.run(
        [*command, "--nproc-per-node", "2", str(script)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "rank 0 of 2 leads" in done.stdout
    assert "rank 1 of 2 follows" in done.stdout
