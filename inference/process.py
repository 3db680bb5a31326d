"""One life of the engine process, and the three threads that serve its pipes (no torch)."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, cast

from domain.errors import CaliperError
from inference.contracts import Failure, PipelineFailed
from inference.wire import MAX_ANSWER_BYTES, Ask, ToEngine, Wire, WireBroken

_TAIL_LINES = 30
_LAST_WORDS_S = 1.0
_MALLOC_TOP_PAD = 256 * 2**20


@dataclass(frozen=True)
class Died:
    """The engine process is gone, and why, as far as one can know."""

    why: str


Deliver = Callable[["EngineProcess", object], None]


def engine_environment(base: Mapping[str, str], *, threads: int | None = None) -> dict[str, str]:
    """The environment an engine wants: its allocator keeps memory, its threads sleep when idle.

    glibc would otherwise map each large temporary afresh and pay for it in page faults. Other C
    libraries do not look at these names. What a person has set already wins.
    """
    wanted = {
        "MALLOC_MMAP_MAX_": "0",
        "MALLOC_TRIM_THRESHOLD_": str(2**31 - 1),
        "MALLOC_TOP_PAD_": str(_MALLOC_TOP_PAD),
        "OMP_WAIT_POLICY": "PASSIVE",
        "KMP_BLOCKTIME": "0",
    }
    if threads is not None:
        wanted["OMP_NUM_THREADS"] = str(threads)
    return wanted | dict(base)


class EngineProcess:
    """A started engine: messages go in by `send`, and come out by `deliver` from a thread.

    The last thing delivered is `Died`. It ends when its pipe closes, or by `kill`.

    Raises:
        OSError: the command cannot be started.
    """

    def __init__(self, command: Sequence[str], *, env: Mapping[str, str], deliver: Deliver) -> None:
        self._deliver = deliver
        self._outbox: queue.SimpleQueue[ToEngine | None] = queue.SimpleQueue()
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self._process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(env),
            creationflags=_windows_flags(),
        )
        reader, writer = self._process.stdout, self._process.stdin
        self._wire = Wire(
            cast("BinaryIO", reader), cast("BinaryIO", writer), longest=MAX_ANSWER_BYTES
        )
        try:
            self._listener = self._start_thread(self._listen, name="engine-out")
            self._drainer = self._start_thread(self._drain, name="engine-err")
            self._writer = self._start_thread(self._write, name="engine-in")
        except RuntimeError as error:  # no more threads are to be had
            self.kill()
            raise OSError(str(error)) from error

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def send(self, message: ToEngine) -> None:
        """Send without waiting: an engine that does not read cannot hold up its owner."""
        self._outbox.put(message)

    def kill(self) -> None:
        """End the process now, whatever it does."""
        self._process.kill()
        self._outbox.put(None)

    def close(self, *, timeout_s: float) -> None:
        """Close its pipe so that it ends by itself; end it where it has not after `timeout_s`."""
        self._outbox.put(None)
        self._listener.join(timeout_s)
        if self._process.poll() is None:
            self.kill()
        for thread in (self._listener, self._writer, self._drainer):
            thread.join(_LAST_WORDS_S)

    def _start_thread(self, work: Callable[[], None], *, name: str) -> threading.Thread:
        thread = threading.Thread(target=work, name=name, daemon=True)
        thread.start()
        return thread

    def _listen(self) -> None:
        try:
            while True:
                self._deliver(self, self._wire.receive())
        except WireBroken as broken:
            reason = str(broken)
        self._deliver(self, Died(self._last_words(reason)))
        self._wire.close_reader()

    def _last_words(self, reason: str) -> str:
        """How the process ended, once it has; it may have closed its pipe only."""
        try:
            code = self._process.wait(_LAST_WORDS_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            self._outbox.put(None)
            return f"The engine no longer makes sense: {reason}."
        self._outbox.put(None)
        self._drainer.join(_LAST_WORDS_S)
        unsaid = f"({reason})" if code >= 0 else ""  # a signal says enough
        said = next((line for line in reversed(self._tail) if line.strip()), unsaid)
        return f"{_exit_words(code)} {said}".strip()

    def _drain(self) -> None:
        """Read what the process says aside, so that it never waits for us; keep the end of it."""
        stream = cast("BinaryIO", self._process.stderr)
        with stream:
            for line in stream:
                self._tail.append(line.decode(errors="replace").rstrip())

    def _write(self) -> None:
        while (message := self._outbox.get()) is not None:
            try:
                self._wire.send(message)
            except (OSError, ValueError):
                break  # the process is gone: the listener tells
            except Exception as error:  # noqa: BLE001
                # A process boundary: pickling runs what foreign values bring along, which may raise
                # anything, and this thread has the next messages to send.
                traceback.print_exc()
                self._refuse(message, error=error)
        self._wire.close_writer()

    def _refuse(self, message: ToEngine, *, error: Exception) -> None:
        if isinstance(message, Ask):
            failure: CaliperError = PipelineFailed(
                "The request cannot be sent to the engine.", why=f"{type(error).__name__}: {error}"
            )
            self._deliver(self, Failure(message.request.id, failure))


def _exit_words(code: int) -> str:
    if code >= 0:
        return f"The engine process ended with code {code}."
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = str(-code)
    hint = " (perhaps the computer ran out of memory)" if name == "SIGKILL" else ""
    return f"The engine process was ended by signal {name}{hint}."


def _windows_flags() -> int:
    """No console window, and behind the window's own threads; elsewhere the engine nices itself."""
    if sys.platform == "win32":
        return subprocess.CREATE_NO_WINDOW | subprocess.BELOW_NORMAL_PRIORITY_CLASS
    return 0


def default_environment() -> dict[str, str]:
    """This process's environment, made an engine's."""
    return engine_environment(os.environ)
