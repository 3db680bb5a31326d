"""What the engine process costs and gains: its pipe, its allocator, its threads.

`python -m benchmarks.engine_latency` also tells absolute times; as `... engine` it is the engine.
"""

from __future__ import annotations

import os
import queue
import statistics
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from benchmarks.timing import Measured, compare
from domain.image import image_identity
from inference.bench import Bench, LoadedNetwork
from inference.contracts import (
    EngineState,
    EngineStatus,
    Event,
    Failure,
    Lane,
    PixelArray,
    Report,
    Request,
    Response,
)
from inference.process import engine_environment
from inference.worker import Worker

ROOT = Path(__file__).resolve().parents[1]
TASK = "work"
ROUNDS = 15


class _Work:
    """A pipeline that is quick, or as heavy as a small U-Net at 512 x 256."""

    def run(self, request: Request, report: Report, bench: Bench) -> float:
        import torch

        for sha256 in request.images:
            bench.pixels(sha256)
        if request.prompt != "heavy":
            return 0.0
        net = bench.network(request.weights_id).module
        with torch.inference_mode():
            return float(net(torch.ones(1, 1, 512, 256)).mean())


def _load(*_: object) -> LoadedNetwork:
    from torch import nn

    from inference import loader
    from inference.entry import WeightsEntry

    layers: list[nn.Module] = []
    width = 1
    for wider in (32, 32, 64, 64):
        layers += [nn.Conv2d(width, wider, 3, padding=1), nn.BatchNorm2d(wider), nn.ReLU()]
        width = wider
    net = nn.Sequential(*layers, nn.Conv2d(width, 68, 1)).eval().requires_grad_(False)
    return loader.LoadedNetwork(net, WeightsEntry("measured", TASK, "Blocks"))


def _engine(threads: int) -> int:
    from inference.device import pick_device
    from inference.engine import serve
    from inference.serving import Device, Trade

    def open_device() -> Device:
        import torch

        if threads:
            torch.set_num_threads(threads)
        return pick_device("cpu")

    return serve(Trade(pipelines={TASK: _Work}, open_device=open_device, load=_load))


class _Client:
    """Asks one question after the other and waits for each."""

    def __init__(self, env: Mapping[str, str], *, threads: int = 0) -> None:
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.started = time.perf_counter()
        command = (sys.executable, "-m", "benchmarks.engine_latency", "engine", str(threads))
        paths = {"PYTHONPATH": str(ROOT)}
        self._worker = Worker(command, on_event=self._events.put, env=dict(env) | paths)
        self._worker.start()

    def wait_until_ready(self) -> float:
        """Seconds since the start of the process."""
        while True:
            event = self._events.get()
            if isinstance(event, EngineState) and event.status is EngineStatus.READY:
                return time.perf_counter() - self.started

    def ask(self, prompt: str = "", *, images: Mapping[str, PixelArray] | None = None) -> None:
        """Ask and wait for the answer."""
        images = images or {}
        request = Request(TASK, "w", images=tuple(images), prompt=prompt)
        self._worker.submit("case", request, images, Lane.FINAL)
        while not isinstance(event := self._events.get(), (Response, Failure)):
            pass
        if isinstance(event, Failure):
            raise event.error

    def seconds(self, prompt: str) -> float:
        """Median seconds an answer takes."""
        self.ask(prompt)
        measured = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            self.ask(prompt)
            measured.append(time.perf_counter() - began)
        return statistics.median(measured)

    def close(self) -> None:
        """End the engine."""
        self._worker.close()


def measure() -> list[Measured]:
    """Every ratio of the engine."""
    return [_allocator(), _pixels()]


def _allocator() -> Measured:
    plain, ours = _Client(os.environ), _Client(engine_environment(os.environ))
    try:
        return compare(
            "engine: a U-Net's layers (our allocator settings against the C library's own)",
            plain=lambda: plain.ask("heavy"),
            ours=lambda: ours.ask("heavy"),
            budget=1.2,
            rounds=ROUNDS,
        )
    finally:
        plain.close()
        ours.close()


def _pixels() -> Measured:
    client = _Client(engine_environment(os.environ))
    film = np.random.default_rng(0).integers(0, 255, (4000, 4000), dtype=np.uint8)
    kept = {image_identity(film): film.copy()}

    def fresh() -> None:
        film[0, :8] = np.frombuffer(np.int64(time.perf_counter_ns()).tobytes(), np.uint8)
        client.ask(images={image_identity(film): film})

    try:
        return compare(
            "engine: a question about 16 MB of pixels (by hash against sending them)",
            plain=fresh,
            ours=lambda: client.ask(images=kept),
            budget=5.0,
        )
    finally:
        client.close()


def _tell_times() -> None:
    """Times that depend on the machine, and so have no budget."""
    for threads in (1, 2):
        client = _Client(engine_environment(os.environ), threads=threads)
        ready = client.wait_until_ready()
        small, heavy = client.seconds(""), client.seconds("heavy")
        client.close()
        print(
            f"{threads} thread(s): ready after {ready:.2f} s, "
            f"empty question {1e3 * small:.2f} ms, U-Net's layers {1e3 * heavy:.0f} ms"
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["engine"]:
        sys.exit(_engine(int(sys.argv[2])))
    _tell_times()
    for line in measure():
        print(line)
