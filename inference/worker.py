"""The background thread that owns the engine: questions in, events out (no torch, no Qt)."""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from domain.errors import EngineLost
from inference.contracts import Event, Lane, PixelArray, Request
from inference.foreman import Engine, Foreman
from inference.lanes import Job
from inference.process import EngineProcess, default_environment
from inference.vitals import Patience
from inference.wire import Warm

_CLOSE_S = 5.0
_SWITCH_S = 0.0005
"""How long a thread that computes keeps Python's lock from the others; Python's own is 5 ms.

A question and its answer go through five threads of this process, while its main thread paints.
"""


class Worker:
    """Keeps one engine busy, and alive.

    Its methods return at once and may be called from any thread. Every submitted request ends
    exactly once, by Response or Failure; `on_event` is called from the worker's thread.

    Args:
        command: starts an engine: interpreter and main.py, or the frozen program, and the verb.
        on_event: must return soon, and raise nothing.
        env: the engine's environment; this process's own with an engine's allocator otherwise.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        on_event: Callable[[Event], None],
        env: Mapping[str, str] | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._command = tuple(command)
        self._env = dict(default_environment() if env is None else env)
        self._inbox: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._foreman = Foreman(self._launch, on_event=on_event, patience=patience)
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)
        self._closed = False
        self._pid: int | None = None

    def start(self) -> None:
        """Start the engine; what was submitted before waits for it."""
        sys.setswitchinterval(min(_SWITCH_S, sys.getswitchinterval()))
        self._thread.start()

    def submit(
        self,
        case_id: str,
        request: Request,
        images: Mapping[str, PixelArray],
        lane: Lane,
    ) -> None:
        """Ask a question.

        Args:
            images: the pixels of `request.images`, read-only; sent where the engine lacks them.

        Raises:
            EngineLost: the worker was closed.
        """
        job = Job(case_id=case_id, request=request, images=images, lane=lane)
        self._post(partial(self._foreman.submit, job))

    def cancel(self, request_id: int) -> None:
        """End a request; its Failure(Cancelled) comes at once, unless it has ended already."""
        self._post(partial(self._foreman.cancel, request_id))

    def warm(self, task: str, weights_id: str) -> None:
        """Have a task ready before the first question, in this and each later engine."""
        self._post(partial(self._foreman.warm, Warm(task, weights_id)))

    def restart(self) -> None:
        """Start the engine anew: after weights changed, or once it had been given up."""
        self._post(self._foreman.restart)

    @property
    def engine_pid(self) -> int | None:
        """Process id of the last engine that was started, for those who watch over it."""
        return self._pid

    def close(self) -> None:
        """End all requests as cancelled, and the engine; waits for it, a few seconds at most."""
        self._closed = True
        self._inbox.put(None)
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join(_CLOSE_S)

    def _post(self, work: Callable[[], None]) -> None:
        if self._closed:
            raise EngineLost("The engine was closed.", remedy="Restart Caliper.")
        self._inbox.put(work)

    def _run(self) -> None:
        """Everything about jobs and engines happens here, one thing after the other."""
        foreman = self._foreman
        try:
            foreman.start()
            while True:
                try:
                    work = self._inbox.get(timeout=foreman.wait_s())
                except queue.Empty:
                    pass
                else:
                    if work is None:
                        return
                    work()
                foreman.tick()
        finally:
            foreman.close()

    def _launch(self) -> Engine:
        process = EngineProcess(self._command, env=self._env, deliver=self._deliver)
        self._pid = process.pid
        return process

    def _deliver(self, engine: EngineProcess, message: object) -> None:
        self._inbox.put(partial(self._foreman.hear, engine, message=message))
