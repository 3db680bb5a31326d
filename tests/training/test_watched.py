"""A program that starts a run reads JSON lines, and nothing outlives it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.training.folder import write_aasce
from training.journal import LOG_NAME, Journal
from training.vertebrae import CHECKPOINT_NAME

TINY = (
    '{"network": {"rows": 64, "columns": 32, "width": 48, "heads": 4, "image_layers": 1, '
    '"joint_layers": 1, "pixel_width": 16}, "batch": 1, "phantom_share": 0, "warm_up": 1, '
    '"bfloat16": false}'
)
# main.py without what is looked for on the network.
PROGRAM = """
import sys, training.vertebrae
training.vertebrae.imagenet_state = lambda variant: None
from training.cli import run
sys.exit(run(sys.argv[1:]))
"""


def start(tmp_path: Path, *, steps: int, root: Path) -> subprocess.Popen[str]:
    if not (tmp_path / "data").exists():
        write_aasce(tmp_path / "data", count=2)
        (tmp_path / "tiny.json").write_text(TINY)
    places = ["--data", str(tmp_path / "data"), "--out", str(tmp_path / "out")]
    config = ["--config", str(tmp_path / "tiny.json"), "--steps", str(steps)]
    watched = ["--device", "cpu", "--progress", "json"]
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "train", "vertebrae", *places, *config, *watched],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=root,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


def step_of(out: Path) -> int:
    return int(torch.load(out / CHECKPOINT_NAME, weights_only=True)["step"])


@pytest.mark.slow
def test_a_run_tells_stops_when_told_and_goes_on(tmp_path: Path, project_root: Path) -> None:
    out = tmp_path / "out"
    with start(tmp_path, steps=100_000, root=project_root) as run:
        assert run.stdin
        assert run.stdout
        events = []
        for line in run.stdout:
            events.append(json.loads(line))
            if events[-1]["event"] == "step" and "of" in events[-1] and "stage" not in events[-1]:
                run.stdin.write("stop\n")
                run.stdin.flush()
        assert run.wait(60) == 1
    begin = next(event for event in events if event["event"] == "begin")
    assert (begin["step"], begin["of"], begin["films"]) == (0, 100_000, 2)
    assert events[-1]["event"] == "stopped"
    stopped = events[-1]["step"]
    assert step_of(out) == stopped > 0
    with start(tmp_path, steps=stopped + 2, root=project_root) as run:
        assert run.stdout
        told = run.stdout.read()  # its stdin stays open: it is wanted
        assert run.wait(60) == 0
    events = [json.loads(line) for line in told.splitlines()]
    assert next(event for event in events if event["event"] == "begin")["step"] == stopped
    assert events[-1]["event"] == "done"
    assert Path(events[-1]["weights"]).is_file()
    assert "losses" in {event["event"] for event in events}


@pytest.mark.slow
def test_a_run_ends_with_the_program_that_started_it(tmp_path: Path, project_root: Path) -> None:
    with start(tmp_path, steps=100_000, root=project_root) as run:
        assert run.stdin
        assert run.stdout
        for line in run.stdout:
            if json.loads(line)["event"] == "begin":
                run.stdin.close()  # as where its owner is killed
                break
        assert run.wait(60) == 1
    assert step_of(tmp_path / "out") >= 0


def test_what_is_no_number_is_not_logged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Journal(tmp_path).log("losses", {"step": 3, "heat": 1.5, "alone": float("nan")})
    line = (tmp_path / LOG_NAME).read_text()
    assert json.loads(line) == {"event": "losses", "step": 3, "heat": 1.5}
    assert capsys.readouterr().err == line
