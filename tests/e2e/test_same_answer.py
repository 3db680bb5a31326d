"""The real engine with a real network: the same request gives the same answer, after a kill too."""

from __future__ import annotations

import hashlib
import os
import queue
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from app.places import engine_command
from domain.annotation import Hint
from domain.image import Image
from domain.vertebrae import VertebraePrompt
from inference.contracts import Event, Failure, Lane, Request, Response
from inference.entry import Part, WeightsEntry, canonical_json
from inference.loader import save_weights
from inference.manifest import MANIFEST_NAME, Manifest
from inference.worker import Worker
from models.vertebrae.column import ColumnNet, ColumnNetConfig

FILM = Image(np.random.default_rng(0).integers(0, 255, (900, 340), dtype=np.uint8))
ROUNDS = ((Hint(20, 300.5, 120.25),), (Hint(44, 610.0, 160.0), Hint(45, 611.0, 200.0)))


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A folder with a network of random weights."""
    torch.manual_seed(0)
    net = ColumnNet(ColumnNetConfig())
    path = tmp_path / "random.safetensors"
    save_weights(net, path, architecture="column_net", config=net.config)
    content = path.read_bytes()
    sha256, size = hashlib.sha256(content).hexdigest(), len(content)
    config = canonical_json(vars(net.config))
    entry = WeightsEntry(
        id="random",
        task="vertebrae",
        title="Random",
        architecture="column_net",
        config_json=config,
        parts=(Part(path.name, size, sha256),),
        sha256=sha256,
        bytes=size,
    )
    Manifest((entry,)).write(tmp_path / MANIFEST_NAME)
    return tmp_path


@pytest.fixture
def asked(weights: Path) -> Iterator[tuple[Worker, queue.Queue[Event]]]:
    """A worker with the program's own engine."""
    events: queue.Queue[Event] = queue.Queue()
    worker = Worker(engine_command(weights=weights, device="cpu"), on_event=events.put)
    worker.start()
    yield worker, events
    worker.close()


def answer(worker: Worker, events: queue.Queue[Event], rounds=()) -> Response:
    request = Request(
        "vertebrae", "random", images=(FILM.sha256,), prompt=VertebraePrompt(tuple(rounds))
    )
    worker.submit("case", request, {FILM.sha256: FILM.pixels}, Lane.FINAL)
    while True:
        event = events.get(timeout=120)
        if isinstance(event, Failure):
            raise event.error
        if isinstance(event, Response) and event.request_id == request.id:
            return event


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is not known there")
def test_live_again_and_after_a_kill(asked) -> None:
    worker, events = asked
    before = answer(worker, events)
    hinted = answer(worker, events, ROUNDS)
    assert np.abs(hinted.findings.corners - before.findings.corners).max() > 1
    assert np.array_equal(answer(worker, events).findings.corners, before.findings.corners)
    os.kill(worker.engine_pid, signal.SIGKILL)
    after = answer(worker, events, ROUNDS)
    assert np.array_equal(after.findings.corners, hinted.findings.corners)
    assert np.array_equal(after.findings.spread, hinted.findings.spread)
    assert after.origin.weights_sha256 == hinted.origin.weights_sha256
