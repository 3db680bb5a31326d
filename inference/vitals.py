"""How the engine is doing: signs of life, deaths in a row, when to start again (no threads)."""

from __future__ import annotations

from dataclasses import dataclass

from inference.contracts import EngineStatus
from inference.wire import Hello, Loading, Ready


@dataclass(frozen=True)
class Patience:
    """How long to wait before calling something lost, in seconds.

    Args:
        hello_s: from the start of a process to its first word.
        heart_s: between two signs of life outside loading.
        loading_s: between two signs of life while the engine loads.
        cancel_s: from the boundary at which a cancelled job should have ended.
        close_s: for the engine to end by itself.
        back_off_s: before the first, second ... start in a row without an answer in between.
        deaths: how many starts in a row may fail.
        work_s: between two boundaries of a job outside loading.
        steady_s: an engine that stood this long did not fail to start.
    """

    hello_s: float = 60.0
    heart_s: float = 30.0
    loading_s: float = 600.0
    cancel_s: float = 2.0
    close_s: float = 1.0
    back_off_s: tuple[float, ...] = (0.0, 0.5, 2.0, 5.0, 10.0)
    deaths: int = 3
    work_s: float = 120.0
    steady_s: float = 60.0


class Vitals:
    """What the engine said of itself in this life, and how its lives ended.

    Attributes:
        hello: the process listens.
        ready: it owns a device.
        was_ready: some life of it did.
        device: that device in words.
        loading: what it loads, or "".
        lost: how the last life ended.
    """

    def __init__(self, patience: Patience) -> None:
        self.device = self.loading = self.lost = ""
        self.hello = self.ready = self.was_ready = False
        self._patience = patience
        self._alive_at = self._born_at = 0.0
        self._deaths = self._ends = 0

    def status(self, *, has_work: bool) -> EngineStatus:
        """What there is to say of an engine that is not given up."""
        if not self.ready:
            return EngineStatus.RESTARTING if self.was_ready else EngineStatus.STARTING
        return EngineStatus.BUSY if has_work or self.loading else EngineStatus.READY

    def born(self, now: float) -> None:
        """A process was started."""
        self.hello = self.ready = False
        self.loading = ""
        self._alive_at = self._born_at = now

    def alive(self, now: float) -> None:
        """A sign of life came, or none could be noticed until now."""
        self._alive_at = now

    def note(self, message: Hello | Ready | Loading) -> None:
        """Keep what the engine says of itself."""
        match message:
            case Hello():
                self.hello = True
            case Ready(device):
                self.device = device
                self.ready = self.was_ready = True
            case Loading(what):
                self.loading = what

    def silent_for_too_long(self, now: float) -> str:
        """Why the engine counts as lost, or ""."""
        silence = now - self._alive_at
        if not self.hello:
            limit = self._patience.hello_s
            return f"The engine did not start within {limit:.0f} s." if silence > limit else ""
        limit = self._patience.loading_s if self.loading else self._patience.heart_s
        return f"The engine gave no sign of life for {silence:.0f} s." if silence > limit else ""

    def healthy(self) -> None:
        """It answered: earlier deaths no longer count."""
        self._deaths = self._ends = 0

    @property
    def news(self) -> str:
        """What is loaded, or why there is no engine now."""
        return self.loading or ("" if self.ready else self.lost)

    def died(self, now: float, *, why: str, at_fault: bool) -> bool:
        """Count an end, also whether it was the engine's own fault; whether to start again."""
        if self.ready and now - self._born_at > self._patience.steady_s:
            self.healthy()
        self.lost, self.loading, self.hello, self.ready = why, "", False, False
        self._ends += 1
        self._deaths += at_fault
        return self._deaths < self._patience.deaths

    def back_off_s(self) -> float:
        """How long to wait before the next start, longer each time."""
        steps = self._patience.back_off_s
        # A failed start is not tried again at once; an engine that a job ended is.
        number = self._ends if self._deaths else self._ends - 1
        return steps[min(number, len(steps) - 1)]
