"""The whole way: worker, the real engine, the pipeline and a network, with weights made here."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import queue
import signal
import sys

import numpy as np
import pytest

from domain.annotation import Hint
from domain.image import image_identity
from domain.vertebrae import CORNER_COUNT, VertebraePrompt
from inference.contracts import Failure, Lane, PipelineFailed, Request, Response
from inference.worker import Worker

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="torch is not installed"),
    pytest.mark.slow,
]

WEIGHTS = "tiny"
FILM = np.random.default_rng(5).integers(0, 255, (300, 140), dtype=np.uint8)
FILM_ID = image_identity(FILM)
ROUNDS = ((Hint(20, 120.0, 60.0),), (Hint(41, 200.5, 77.25),))
LONG_S = 60.0


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A folder with a manifest and a small network whose weights are drawn by lot."""
    import torch

    from inference.entry import WeightsEntry, canonical_json
    from inference.loader import save_weights, split_parts
    from inference.manifest import Manifest
    from models.vertebrae.column import ColumnNet, ColumnNetConfig

    folder = tmp_path_factory.mktemp("weights")
    config = ColumnNetConfig(rows=64, columns=32, width=48, heads=2, joint_layers=1)
    torch.manual_seed(0)
    path = folder / "tiny.safetensors"
    save_weights(ColumnNet(config), path, architecture="column_net", config=config)
    content = path.read_bytes()
    entry = WeightsEntry(
        id=WEIGHTS,
        task="vertebrae",
        title="A tiny network",
        architecture="column_net",
        config_json=canonical_json(vars(config)),
        parts=split_parts(path),
        sha256=hashlib.sha256(content).hexdigest(),
        bytes=len(content),
        folder=folder,
    )
    Manifest().with_entry(entry).write(folder / "manifest.json")
    return folder


class Client:
    """Asks one question after the other."""

    def __init__(self, project_root, folder):
        self.events = queue.SimpleQueue()
        main = str(project_root / "main.py")
        command = (sys.executable, main, "engine", "--device", "cpu", "--weights", str(folder))
        self.worker = Worker(command, on_event=self.events.put)

    def __enter__(self):
        self.worker.start()
        return self

    def __exit__(self, *_):
        self.worker.close()

    def ask(self, *rounds, weights_id=WEIGHTS):
        request = Request(
            "vertebrae", weights_id, images=(FILM_ID,), prompt=VertebraePrompt(rounds)
        )
        self.worker.submit("a", request, {FILM_ID: FILM}, Lane.FINAL)
        return self.end()

    def end(self):
        while True:
            event = self.events.get(timeout=LONG_S)
            if isinstance(event, (Response, Failure)):
                return event


def test_the_same_question_has_the_same_answer_live_again_and_after_a_kill(project_root, weights):
    with Client(project_root, weights) as client:
        client.worker.warm("vertebrae", WEIGHTS)
        first = [client.ask(), client.ask(ROUNDS[0]), client.ask(*ROUNDS)]
        again = [client.ask(), client.ask(ROUNDS[0]), client.ask(*ROUNDS)]
        kill_engine_of(client.worker)
        # The last question first: the new engine has to replay what the old one had cached.
        after = [client.ask(*ROUNDS), client.ask(ROUNDS[0]), client.ask()][::-1]
    for one, two, three in zip(first, again, after, strict=True):
        assert one.findings.corners.shape == (CORNER_COUNT, 2)
        np.testing.assert_array_equal(one.findings.corners, two.findings.corners)
        np.testing.assert_array_equal(one.findings.corners, three.findings.corners)
    np.testing.assert_array_equal(first[1].findings.corners[20], (120.0, 60.0))
    assert not np.array_equal(first[0].findings.corners, first[2].findings.corners)


def test_an_answer_tells_what_made_it(project_root, weights):
    with Client(project_root, weights) as client:
        origin = client.ask().origin
        content = (weights / "tiny.safetensors").read_bytes()
        assert origin.weights_sha256 == hashlib.sha256(content).hexdigest()
        assert origin.device.startswith("CPU")
        assert origin.dtype == "float32"
        missing = client.ask(weights_id="no such weights")
        assert "no such weights" in missing.error.what
        assert not isinstance(missing.error, PipelineFailed)


def kill_engine_of(worker):
    """As the system does when memory runs out."""
    os.kill(worker.engine_pid, signal.SIGKILL)
