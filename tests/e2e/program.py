"""The program as processes of its own: started, listened to, killed, and looked for afterwards."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 120.0
LOOK_S = 0.01
MARK = "CALIPER_HOME"
SCREEN = ("Xvfb", "-displayfd", "1", "-screen", "0", "1600x1000x24", "-nolisten", "tcp")


class Program:
    """A window in a process of its own, and the lines it printed.

    Args:
        home: where it keeps everything; also the mark by which its family is found.
        screen: what Qt draws on, as environment.
    """

    def __init__(
        self, command: Sequence[object], *, home: Path, screen: dict[str, str] | None = None
    ) -> None:
        self._home = home
        env = {**os.environ, **(screen or {}), MARK: str(home), "PYTHONPATH": str(ROOT)}
        self._process = subprocess.Popen(
            [sys.executable, *map(str, command)],
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.lines: list[str] = []
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        # The last line may have been cut in the pipe.
        self.lines.extend(line[:-1] for line in self._process.stdout if line.endswith("\n"))

    @property
    def family(self) -> dict[int, str]:
        """The window and all that it started, by the mark in their environment."""
        return dict(processes_of(self._home))

    @property
    def has_ended(self) -> bool:
        """Whether the window's own process is over."""
        return self._process.poll() is not None

    def said(self, word: str) -> list[str]:
        """What followed this word at the beginning of lines."""
        return [line.partition(" ")[2] for line in self.lines if line.split(" ")[0] == word]

    def await_word(self, word: str) -> bool:
        """Wait until it says this; False where it ended before."""
        return wait_until(lambda: bool(self.said(word)) or self.has_ended) and bool(self.said(word))

    def kill(self) -> float:
        """SIGKILL for the window alone; the seconds until nobody of its family lived."""
        began = time.monotonic()
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        wait_until(lambda: not self.family)
        seconds = time.monotonic() - began
        self.wait()
        return seconds

    def wait(self) -> int:
        """Until the window's process has ended; its exit code."""
        code = self._process.wait(timeout=PATIENCE_S)
        self._listener.join(timeout=PATIENCE_S)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return code

    def clear_away(self) -> None:
        """Whatever happened, leave nobody behind."""
        for pid in self.family:
            os.kill(pid, signal.SIGKILL)
        self.wait()


def processes_of(home: Path) -> Iterator[tuple[int, str]]:
    """Pid and command of every living process with this home."""
    mark = f"{MARK}={home}".encode()
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            if mark not in (folder / "environ").read_bytes().split(b"\0"):
                continue
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:  # it has just ended, or is somebody else's
            continue
        if state != "Z":
            yield int(folder.name), command


def wait_until(
    done: Callable[[], bool], *, seconds: float = PATIENCE_S, look_s: float = LOOK_S
) -> bool:
    """Look again and again; False where it did not come true."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(look_s)
    return True


@contextmanager
def screen() -> Iterator[dict[str, str]]:
    """A screen of X11 where Xvfb is installed, none otherwise; as environment for Qt."""
    if shutil.which(SCREEN[0]) is None:
        yield {"QT_QPA_PLATFORM": "offscreen"}
        return
    with subprocess.Popen(SCREEN, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        try:
            assert server.stdout is not None
            number = server.stdout.readline().decode().strip()
            yield {"QT_QPA_PLATFORM": "xcb", "DISPLAY": f":{number}"}
        finally:
            server.terminate()
