"""An engine process without torch: the real protocol, with delays and faults that tests set.

A prompt tells it what to do with a request: a mapping with any of `seconds` (to take), `steps` (in
which to take them), `fault` (a word, see `_fault`) and `echo` (the answer). It answers with `echo`
and the sum of the request's pixels.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from domain.errors import NotForThisTask
from inference.bench import Bench
from inference.contracts import Report, Request
from inference.engine import serve, take_over_pipes
from inference.serving import Limits, Trade

TASK = "fake"
ONCE = " once"
SIGNALS = (
    {"kill": signal.SIGKILL, "stop": signal.SIGSTOP, "abort": signal.SIGABRT}
    if sys.platform != "win32"
    else {}
)


def fake_engine_command(*options: str) -> tuple[str, ...]:
    """How to start it."""
    return (sys.executable, str(Path(__file__).resolve()), *options)


ADVISED = "advised"  # weights that need others


@dataclass(frozen=True)
class Scout:
    id: str = "scout"
    sha256: str = ""


@dataclass(frozen=True)
class Entry:
    sha256: str
    architecture: str = "fake"
    scout: Scout | None = None


@dataclass(frozen=True)
class Network:
    module: Any
    entry: Entry
    dtype: str = "float64"


@dataclass(frozen=True)
class Device:
    words: str = "a fake device"
    torch_device: Any = None
    dtype: str = "float64"


@dataclass(frozen=True)
class Pipeline:
    seconds: float

    def run(self, request: Request, report: Report, bench: Bench) -> Any:
        prompt = request.prompt or {}
        network = bench.network(request.weights_id)
        total = sum(int(bench.pixels(sha).sum()) for sha in request.images)
        steps = prompt.get("steps", 1)
        for done in range(steps):
            report(done, steps, "working")
            time.sleep(prompt.get("seconds", self.seconds) / steps)
            _fault(prompt.get("fault", ""))
        echo = threading.Lock() if prompt.get("fault") == "untransportable" else prompt.get("echo")
        return {"echo": echo, "sum": total, "module": network.module}


def _fault(word: str) -> None:
    """Do what a broken pipeline might do; with "once" behind it, in its first life only."""
    if word.endswith(ONCE):
        word, mark = word.removesuffix(ONCE), Path(os.environ["FAKE_ENGINE_MARK"])
        if mark.exists():
            return
        mark.touch()
    if word in SIGNALS:
        os.kill(os.getpid(), SIGNALS[word])
    _misbehave(word)


def _misbehave(word: str) -> None:
    match word:
        case "hang":
            time.sleep(600)
        case "memory":
            raise MemoryError
        case "torch memory":
            text = "DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"
            raise RuntimeError(text)
        case "fault":
            raise ZeroDivisionError(word)
        case "typed":
            what = "Not this film."
            raise NotForThisTask(what)
        case "prints":
            os.write(1, b"a library that prints\n")
            sys.stdout.write("and so does Python\n")
            sys.stdout.flush()
        case "holds the lock":
            _ = 3 ** (10**9)


def _load(weights_id: str, device: object) -> Network:
    seconds = float(os.environ.get("FAKE_ENGINE_LOADING_S", "0"))
    time.sleep(seconds)
    scout = Scout() if weights_id == ADVISED else None
    entry = Entry(sha256=f"sha of {weights_id}", scout=scout)
    return Network(module=weights_id, entry=entry)


def _no_device() -> Device:
    text = "No module named 'torch'"
    raise ImportError(text)


class SumByTorch:
    """A pipeline that really computes: a convolution of ones, on whatever device there is."""

    def run(self, request: Request, report: Report, bench: Bench) -> Any:
        import torch

        net = bench.network(request.weights_id).module
        pixels = torch.from_numpy(bench.pixels(request.images[0]).astype("float32"))
        with torch.inference_mode():
            sums = net(pixels[None, None].to(bench.device))
        report(1, 1, "summed")
        return sums[0, 0].cpu().numpy()


def _load_ones(weights_id: str, device: Any) -> Network:
    import torch

    net = torch.nn.Conv2d(1, 1, 3, bias=False).to(device.torch_device)
    torch.nn.init.ones_(net.weight)
    return Network(module=net, entry=Entry(sha256=f"sha of {weights_id}"), dtype="float32")


def _torch_trade() -> Trade:
    def open_device() -> Any:
        from inference.device import pick_device

        return pick_device("cpu")

    return Trade(pipelines={TASK: SumByTorch}, open_device=open_device, load=_load_ones)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=0.0)
    parser.add_argument("--pixel-bytes", type=int, default=2**20)
    parser.add_argument("--is", dest="kind", default="sound")
    options = parser.parse_args()
    match options.kind:
        case "dead":
            sys.stderr.write("ImportError: nothing is installed here\n")
            return 1
        case "mute":
            take_over_pipes()
            time.sleep(600)
        case "garbled":
            take_over_pipes()._writer.write(b"these bytes are no message of ours, and end here")
            return 0
        case "torch":
            return serve(_torch_trade())
    trade = Trade(
        pipelines={TASK: lambda: Pipeline(options.seconds)},
        open_device=_no_device if options.kind == "bare" else Device,
        load=_load,
        limits=Limits(pixel_bytes=options.pixel_bytes),
    )
    return serve(trade)


if __name__ == "__main__":
    sys.exit(main())
