"""The engine as a process: what `main.py engine` says, and when it ends."""

from __future__ import annotations

import importlib.util
import os
import struct
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from app.catalog import TASKS
from domain.errors import WeightsMissing
from domain.image import image_identity
from inference.contracts import Failure, Progress, Request, Response
from inference.engine import NICENESS, OOM_SCORE, PIPELINES, run
from inference.process import default_environment
from inference.wire import Ask, Cancel, Heart, Hello, Loading, Ready, Unavailable, Wire
from tests.fake_engine import TASK, fake_engine_command

HAS_TORCH = importlib.util.find_spec("torch") is not None
needs_torch = pytest.mark.skipif(not HAS_TORCH, reason="torch is not installed")


@contextmanager
def engine(*command):
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=default_environment() | {"OMP_NUM_THREADS": "1"},
    )
    try:
        yield process, Wire(process.stdout, process.stdin)
    finally:
        process.kill()
        process.stdout.close()
        process.stdin.close()
        process.wait()


def next_of(wire, *kinds):
    """The next message of some kinds; signs of life and loading are skipped."""
    while True:
        message = wire.receive()
        if isinstance(message, kinds):
            return message
        assert isinstance(message, (Heart, Loading, Progress)), message


def real_engine(project_root, *options):
    return (sys.executable, str(project_root / "main.py"), "engine", *options)


def test_every_task_has_a_pipeline():
    assert {spec.id for spec in TASKS} <= set(PIPELINES)


@pytest.mark.parametrize(
    "options", [["--threads", "many"], ["--threads", "-1"], ["--cache-mib", "-5"], ["film.png"]]
)
def test_wrong_options_are_refused(options):
    with pytest.raises(SystemExit) as ended:
        run(options)
    assert ended.value.code == 2


def test_an_engine_lives_as_long_as_its_pipe():
    with engine(*fake_engine_command()) as (process, wire):
        assert isinstance(next_of(wire, Hello), Hello)
        assert next_of(wire, Ready) == Ready("a fake device")
        assert isinstance(wire.receive(), Heart)
        assert process.poll() is None
        process.stdin.close()
        assert process.wait(10) == 0


def test_an_engine_whose_pipe_closes_ends_in_the_middle_of_a_job():
    with engine(*fake_engine_command()) as (process, wire):
        wire.send(Ask(Request(TASK, "w", prompt={"seconds": 600})))
        next_of(wire, Hello)
        next_of(wire, Ready)
        next_of(wire, Progress)
        process.stdin.close()
        assert process.wait(10) == 0


@pytest.mark.parametrize(
    "sent",
    [b"no message of ours, though long enough", struct.pack(">4sQ", b"CALI", 3) + b"\x80\x05x"],
)
def test_bytes_that_are_no_message_end_the_engine(sent):
    with engine(*fake_engine_command()) as (process, wire):
        next_of(wire, Hello)
        process.stdin.write(sent)
        process.stdin.flush()
        assert process.wait(10) == 0


def test_a_message_of_a_foreign_kind_ends_the_engine():
    with engine(*fake_engine_command()) as (process, wire):
        wire.send({"a": "dict"})
        assert process.wait(10) == 0


def test_a_cancel_reaches_a_job_that_still_waits():
    with engine(*fake_engine_command()) as (_, wire):
        first, second = Request(TASK, "w", prompt={"seconds": 0.3}), Request(TASK, "w")
        for message in (Ask(first), Ask(second), Cancel(second.id), Cancel(-1)):
            wire.send(message)
        next_of(wire, Hello)
        next_of(wire, Ready)
        assert next_of(wire, Response, Failure).request_id == first.id
        end = next_of(wire, Response, Failure)
        assert (end.request_id, type(end.error).__name__) == (second.id, "Cancelled")


def test_findings_that_cannot_travel_are_a_failure_and_the_engine_lives():
    with engine(*fake_engine_command()) as (_, wire):
        wire.send(Ask(Request(TASK, "w", prompt={"fault": "untransportable"})))
        wire.send(Ask(Request(TASK, "w", prompt={"echo": "alive"})))
        next_of(wire, Hello)
        next_of(wire, Ready)
        assert type(next_of(wire, Response, Failure).error).__name__ == "PipelineFailed"
        assert next_of(wire, Response, Failure).findings["echo"] == "alive"


def test_an_engine_without_torch_says_so_and_ends():
    with engine(*fake_engine_command("--is", "bare")) as (process, wire):
        next_of(wire, Hello)
        assert next_of(wire, Unavailable) == Unavailable("No module named 'torch'")
        assert process.wait(10) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows priorities, not niceness")
def test_an_engine_stands_behind_the_window():
    with engine(*fake_engine_command()) as (process, wire):
        next_of(wire, Hello)
        assert os.getpriority(os.PRIO_PROCESS, process.pid) == min(
            os.getpriority(os.PRIO_PROCESS, 0) + NICENESS, 19
        )


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux can be asked")
def test_an_engine_offers_itself_where_memory_runs_out():
    with engine(*fake_engine_command()) as (process, wire):
        next_of(wire, Hello)
        own, its = (
            int(Path(f"/proc/{pid}/oom_score_adj").read_text()) for pid in ("self", process.pid)
        )
        assert its == OOM_SCORE
        assert its > own


@needs_torch
@pytest.mark.slow
def test_an_engine_computes_with_torch():
    film = np.arange(30, dtype=np.uint8).reshape(5, 6)
    name = image_identity(film)
    with engine(*fake_engine_command("--is", "torch")) as (_, wire):
        wire.send(Ask(Request(TASK, "w", images=(name,)), {name: film}))
        next_of(wire, Hello)
        assert next_of(wire, Ready).device.startswith("CPU")
        answer = next_of(wire, Response, Failure)
    windows = np.lib.stride_tricks.sliding_window_view(film.astype(np.float32), (3, 3))
    np.testing.assert_allclose(answer.findings, windows.sum(axis=(2, 3)))
    assert answer.origin.dtype == "float32"


@needs_torch
@pytest.mark.slow
def test_the_real_engine_starts_and_names_weights_that_are_not_there(project_root, tmp_path):
    command = real_engine(project_root, "--device", "cpu", "--weights", str(tmp_path))
    with engine(*command) as (_, wire):
        next_of(wire, Hello)
        assert next_of(wire, Ready).device.startswith("CPU")
        wire.send(Ask(Request("vertebrae", "no such weights")))
        error = next_of(wire, Failure, Response).error
        assert isinstance(error, WeightsMissing)
        assert "no such weights" in error.what


@needs_torch
@pytest.mark.slow
def test_the_real_engine_refuses_a_device_that_no_machine_has(project_root):
    with engine(*real_engine(project_root, "--device", "abacus")) as (process, wire):
        next_of(wire, Hello)
        assert "abacus" in next_of(wire, Unavailable).why
        assert process.wait(30) == 3
