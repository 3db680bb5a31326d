"""A training or evaluation as a process of its own: started, heard, stopped, never left behind."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Signal, Slot

from app.session.run_news import News, read_news

TAIL_LINES = 60
CLOSE_MS = 8000
STOP = b"stop\n"


class Outcome(Enum):
    """How a run ended."""

    DONE = auto()
    STOPPED = auto()
    FAILED = auto()


@dataclass(frozen=True)
class Ending:
    """How a run ended, and what it said of that.

    Args:
        said: why, where it failed; else what it said itself, or "".
        lines: what it said of single films.
        kept: id of new weights.
        result: what was written.
    """

    outcome: Outcome
    said: str = ""
    lines: tuple[str, ...] = ()
    kept: str = ""
    result: Path | None = None


class OwnRun(QObject):
    """One run at a time; what it says comes as News."""

    told = Signal(object)  # News
    ended = Signal(object)  # Ending

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._last: News | None = None
        self._said = ""
        self.is_stopping = False

    @property
    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None

    @property
    def process_id(self) -> int:
        """Of the process; 0 where there is none."""
        return 0 if self._process is None else self._process.processId()

    @property
    def tail(self) -> str:
        """The last lines that it wrote aside."""
        return "\n".join(self._tail)

    def start(self, command: Sequence[str]) -> None:
        """Start a process; the former one must have ended."""
        assert self._process is None
        self._tail.clear()
        self._last, self._said, self.is_stopping = None, "", False
        process = QProcess(self)
        process.setProcessEnvironment(_environment())
        process.readyReadStandardOutput.connect(self._listen)
        process.readyReadStandardError.connect(self._drain)
        process.finished.connect(self._end)
        process.errorOccurred.connect(self._fail_to_start)
        self._process = process
        process.start(command[0], list(command[1:]))

    def stop(self) -> None:
        """Ask it to write its checkpoint and end; a second time it ends at once."""
        if self._process is None:
            return
        if self.is_stopping:
            self._process.kill()
        else:
            self._process.write(STOP)
        self.is_stopping = True

    @Slot()
    def close(self) -> None:
        """End it, with its checkpoint where that does not take long."""
        process = self._process
        if process is None:
            return
        self.is_stopping = True
        process.write(STOP)
        process.closeWriteChannel()
        if not process.waitForFinished(CLOSE_MS):
            process.kill()
            process.waitForFinished(CLOSE_MS)

    @Slot()
    def _listen(self) -> None:
        process = self._process
        while process is not None and process.canReadLine():
            line = bytes(process.readLine().data()).decode("utf-8", "replace")
            news = read_news(line)
            if news is not None:
                self._last = news
                self._said = news.said or self._said
                self.told.emit(news)

    @Slot()
    def _drain(self) -> None:
        if self._process is None:
            return
        self._process.setReadChannel(QProcess.ProcessChannel.StandardError)
        while self._process.canReadLine():
            read = bytes(self._process.readLine().data())
            line = read.decode("utf-8", "replace").rstrip()
            if line and not line.startswith("{"):  # those are told as news
                self._tail.append(line)
        self._process.setReadChannel(QProcess.ProcessChannel.StandardOutput)

    @Slot(int, QProcess.ExitStatus)
    def _end(self, code: int, status: QProcess.ExitStatus) -> None:
        self._listen()
        self._drain()
        crashed = status is QProcess.ExitStatus.CrashExit
        last = self._last or News("")
        if last.event == "done" and not crashed:
            ending = Ending(Outcome.DONE, last.said, kept=last.kept, result=last.result)
        elif self.is_stopping or last.event == "stopped":
            ending = Ending(Outcome.STOPPED)
        else:
            said = self._said or _why(code, crashed=crashed)
            lines = last.lines if last.event == "trouble" else ()
            ending = Ending(Outcome.FAILED, said, lines)
        self._let_go()
        self.ended.emit(ending)

    @Slot(QProcess.ProcessError)
    def _fail_to_start(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart and self._process is not None:
            why = self._process.errorString()
            self._let_go()
            self.ended.emit(Ending(Outcome.FAILED, f"It could not be started: {why}."))

    def _let_go(self) -> None:
        if self._process is not None:
            self._process.deleteLater()
            self._process = None


def _environment() -> QProcessEnvironment:
    """Half of the cores, and threads that sleep when idle: the engine and the window go first."""
    environment = QProcessEnvironment.systemEnvironment()
    threads = max(1, (os.cpu_count() or 2) // 2)
    wanted = {"OMP_NUM_THREADS": str(threads), "OMP_WAIT_POLICY": "PASSIVE", "KMP_BLOCKTIME": "0"}
    for name, value in wanted.items():
        if not environment.contains(name):
            environment.insert(name, value)
    return environment


def _why(code: int, *, crashed: bool) -> str:
    if crashed:
        return "Its process was ended from outside, or ran out of memory."
    return f"Its process ended with code {code}."
