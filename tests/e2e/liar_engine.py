"""An engine that lies once, and in its next life answers vertebrae questions by a rule.

A file remembers that it has lied; without one it lies in each life.
"""

from __future__ import annotations

import argparse
import os
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from domain.provenance import ModelOrigin
from domain.vertebrae import VertebraeFindings
from inference.contracts import VERSION, Request, Response
from inference.engine import settle_process, take_over_pipes
from inference.wire import Ask, Hello, Ready, Wire, pack
from tests.rule import follow

FOREVER_S = 600.0
CLAIMED = 2**29


def liar_command(lie: str, *, mark: Path | None = None) -> tuple[str, ...]:
    """How to start it."""
    remembered = () if mark is None else ("--mark", str(mark))
    return (sys.executable, str(Path(__file__).resolve()), lie, *remembered)


def sound(request: Request) -> Response:
    """The right answer."""
    origin = ModelOrigin(
        request.weights_id,
        sha256(request.weights_id.encode()).hexdigest(),
        request.mode,
        "a device",
        "float64",
        0.0,
        VERSION,
    )
    return Response(request.id, VertebraeFindings(follow(request), np.full(68, 3.0)), origin)


def _with(request: Request, **changes: object) -> bytes:
    answer = sound(request)
    return _framed(replace(answer, findings=replace(answer.findings, **changes)))


def _framed(message: object) -> bytes:
    payload = pack(message)  # type: ignore[arg-type]
    return struct.pack(">4sQ", b"CALI", len(payload)) + payload


def _nowhere(request: Request) -> bytes:
    corners = follow(request)
    corners[20, 1] = np.nan
    return _with(request, corners=corners)


LIES: dict[str, Callable[[Request], bytes]] = {
    "another question": lambda r: _framed(replace(sound(r), request_id=r.id + 1000)),
    "another task": lambda r: _framed(replace(sound(r), findings={"score": 0.5})),
    "other shapes": lambda r: _with(r, corners=follow(r)[:60]),
    "nowhere": _nowhere,
    "random bytes": lambda _: np.random.default_rng(7).bytes(5000),
    "random bytes in a frame": lambda _: (
        struct.pack(">4sQ", b"CALI", 5000) + np.random.default_rng(7).bytes(5000)
    ),
    "no message": lambda _: _framed({"a": "dict"}),
    "half a frame": lambda r: _framed(sound(r))[:-100],
    "half a gigabyte, claimed": lambda _: struct.pack(">4sQ", b"CALI", CLAIMED) + b"CALI",
}
THEN_IS_SILENT = ("half a frame", "half a gigabyte, claimed")


def serve(wire: Wire, *, lie: str, mark: Path | None) -> None:
    """Answer until the pipe closes."""
    wire.send(Hello())
    wire.send(Ready("a device"))
    while True:
        message = wire.receive()
        if not isinstance(message, Ask):
            continue
        if mark is not None and mark.exists():
            wire.send(sound(message.request))
            continue
        if mark is not None:
            mark.touch()
        wire._writer.write(LIES[lie](message.request))
        wire._writer.flush()
        if lie in THEN_IS_SILENT:
            time.sleep(FOREVER_S)


def main() -> None:
    """Serve the standard pipes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("lie", choices=LIES)
    parser.add_argument("--mark", type=Path)
    options = parser.parse_args()
    wire = take_over_pipes()
    settle_process()
    serve(wire, lie=options.lie, mark=options.mark)


if __name__ == "__main__":
    main()
    os._exit(0)
