"""A deed in a process of its own, done once for each line it is sent; it says how long it took."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inference.process import engine_environment

ROOT = Path(__file__).resolve().parents[1]


def plain_environment() -> dict[str, str]:
    """The engine's environment, which lets idle threads sleep, with the C library's allocator."""
    ours = engine_environment(os.environ)
    return {name: value for name, value in ours.items() if not name.startswith("MALLOC_")}


@dataclass(frozen=True)
class Done:
    """How long a deed took, and what it gave back."""

    seconds: float
    result: Any


class Deed:
    """A process that waits for its turn; `with` ends it.

    Args:
        command: what this Python runs; it ends in `serve`.
        env: its environment.
    """

    def __init__(self, *command: str, env: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            (sys.executable, *command),
            cwd=ROOT,
            env=dict(env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Deed:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def do(self) -> Done:
        """Have it done once.

        Raises:
            RuntimeError: the process has ended.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            msg = f"a process to compare with ended: {self._process.args!r}"
            raise RuntimeError(msg)
        return Done(**json.loads(answer))


def serve(deed: Callable[[], object]) -> int:
    """Be that process: do it once to warm up, then once for each line; end with the input.

    Args:
        deed: what it gives back is told beside the seconds, as JSON.
    """
    deed()
    for _ in sys.stdin:
        began = time.perf_counter()
        result = deed()
        print(json.dumps({"seconds": time.perf_counter() - began, "result": result}), flush=True)
    return 0
