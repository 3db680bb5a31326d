"""Who watches a run from another process: JSON lines on stdout; a word on stdin stops it."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from contextlib import suppress
from typing import Any, Protocol

TICK_S = 0.5
ALONE_S = 10.0  # a run whose owner is gone may take this long to write its checkpoint
NICENESS = 10


class Watcher(Protocol):
    """Who reads along while a run lasts, and may want it to stop."""

    def tell(self, event: str, **values: Any) -> None:
        """Something happened."""

    def tick(self, **values: Any) -> None:
        """One step, or one film, more; not each of them need be told."""

    def go_on(self) -> None:
        """Between two steps.

        Raises:
            KeyboardInterrupt: the run is to stop here.
        """


class Nobody:
    """No program watches: Ctrl-C is how to stop."""

    def tell(self, event: str, **values: Any) -> None:
        """Nobody hears it."""

    def tick(self, **values: Any) -> None:
        """Nobody hears it."""

    def go_on(self) -> None:
        """Nobody minds."""


NOBODY = Nobody()


class Pipe:
    """Tells the process that started this one, and stops between steps when that writes anything.

    Nothing outlives its owner: once stdin is closed, the process ends within ALONE_S.
    """

    def __init__(self) -> None:
        # A windowed program has no sys.stdout, but has the pipe.
        self._out = os.fdopen(os.dup(1), "w", encoding="utf-8")
        sys.stderr = sys.stderr or os.fdopen(os.dup(2), "w", encoding="utf-8", errors="replace")
        self._unwanted = threading.Event()
        self._ticked = 0.0
        if hasattr(os, "nice"):
            os.nice(NICENESS)
        threading.Thread(target=self._listen, name="owner", daemon=True).start()

    def tell(self, event: str, **values: Any) -> None:
        """One line, at once; an owner that is gone is found out by its stdin."""
        with suppress(OSError, ValueError):
            self._out.write(json.dumps({"event": event, **values}) + "\n")
            self._out.flush()

    def tick(self, **values: Any) -> None:
        """A line now and then."""
        now = time.monotonic()
        if now - self._ticked >= TICK_S:
            self._ticked = now
            self.tell("step", **values)

    def go_on(self) -> None:
        """Stop here if nobody wants the rest."""
        if self._unwanted.is_set():
            raise KeyboardInterrupt

    def _listen(self) -> None:
        with suppress(OSError):
            while os.read(0, 1024):
                self._unwanted.set()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # nobody reads; a line must not end the run
        self._unwanted.set()
        time.sleep(ALONE_S)
        os._exit(1)
