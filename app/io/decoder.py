"""Runs readers in a child process, so that no file can take the program down with it."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
import threading
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import TracebackType

from app.io.open import read_study
from app.io.readers.spec import ReadPage
from app.io.study_text import Head, head_of_refusal, head_of_study, study_of
from domain.errors import UnreadableFile
from domain.image import Study

TIME_LIMIT_S = 60.0
MEMORY_LIMIT_BYTES = 2 * 2**30  # above what the child needs to stand there
IDLE_S = 30.0
_NO_PIXELS = b""
_SPAWN = multiprocessing.get_context("spawn")


class Decoder:
    """One child that reads file after file; a new one takes over when it dies or was idle.

    The child gives bytes back, never objects, so that nothing it says is run here. May be called
    from several threads; they wait for one another.

    Args:
        read: what the child runs; a function of a module, for tests to replace.
        time_limit_s: for one file.
        idle_s: after this long without a file the child ends by itself.
    """

    def __init__(
        self,
        *,
        read: ReadPage = read_study,
        time_limit_s: float = TIME_LIMIT_S,
        idle_s: float = IDLE_S,
    ) -> None:
        self._reader, self._time_limit_s, self._idle_s = read, time_limit_s, idle_s
        self._lock = threading.Lock()
        self._child: SpawnProcess | None = None
        self._pipe: Connection[bytes, bytes] | None = None

    def __enter__(self) -> Decoder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start the child now, so that the first file need not wait for it."""
        with self._lock:
            self._require_child()

    def read(self, path: Path, *, page: int = 0) -> Study:
        """Read a picture of a file in the child.

        Raises:
            UnreadableFile: the reader refused it, took too long or too much, or crashed on it.
        """
        with self._lock:
            study = self._ask(path, page)
            if study is None:  # it was leaving for idleness just as we asked
                study = self._ask(path, page)
            if study is None:
                raise _lost(path, why="The reader ended without a word.")
            return study

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._end()

    def _ask(self, path: Path, page: int) -> Study | None:
        """The child's answer; None where it had gone before it saw the question."""
        pipe = self._require_child()
        try:
            pipe.send_bytes(f"{page} {path}".encode("utf-8", "surrogatepass"))
            if not pipe.poll(self._time_limit_s):
                self._end()
                raise _lost(path, why=f"Reading took longer than {self._time_limit_s:g} s.")
            return study_of(path, json.loads(pipe.recv_bytes()), pixels=pipe.recv_bytes())
        except (EOFError, OSError) as error:
            code = self._end()
            if code == 0:
                return None
            raise _lost(path, why=f"The reader crashed on it (exit code {code}).") from error

    def _require_child(self) -> Connection[bytes, bytes]:
        if self._pipe is None or self._child is None or not self._child.is_alive():
            self._end()
            self._pipe, theirs = _SPAWN.Pipe()
            arguments = (theirs, self._reader, self._idle_s)
            self._child = _SPAWN.Process(
                target=_serve, args=arguments, name="caliper-decoder", daemon=True
            )
            self._child.start()
            theirs.close()
        return self._pipe

    def _end(self) -> int | None:
        """Let the child go; its exit code, None where there was none or it had to be ended."""
        if self._pipe is not None:
            self._pipe.close()
        code = None
        if self._child is not None:
            self._child.join(timeout=0.5)
            if self._child.is_alive():
                self._child.kill()
                self._child.join()
            else:
                code = self._child.exitcode
            self._child.close()
        self._pipe = self._child = None
        return code


def decode_in_child(path: Path, *, page: int = 0) -> Study:
    """Read one file in a child of its own; for several files use one `Decoder`.

    Raises:
        UnreadableFile: the reader refused it, took too long or too much, or crashed on it.
    """
    with Decoder() as decoder:
        return decoder.read(path, page=page)


def _lost(path: Path, *, why: str) -> UnreadableFile:
    return UnreadableFile(
        f"“{path.name}” cannot be read.",
        why=why,
        remedy="The file is damaged or far too large; copy it again from its source.",
    )


def _serve(pipe: Connection[bytes, bytes], read: ReadPage, idle_s: float) -> None:
    """The child: read what is asked for until nobody asks any more."""
    # A terminal sends Ctrl-C to the whole group; the parent decides when this child ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _limit_memory()
    with suppress(EOFError, OSError):  # the window has gone
        while pipe.poll(idle_s):
            page, _, path = pipe.recv_bytes().decode("utf-8", "surrogatepass").partition(" ")
            head, pixels = _answer(Path(path), int(page), read)
            pipe.send_bytes(json.dumps(head).encode())
            pipe.send_bytes(pixels)


def _answer(path: Path, page: int, read: ReadPage) -> tuple[Head, bytes]:
    try:
        study = read(path, page=page)
    except UnreadableFile as error:
        return head_of_refusal(error), _NO_PIXELS
    except MemoryError:
        lost = _lost(path, why="Decoding it needs more memory than a film may take.")
        return head_of_refusal(lost), _NO_PIXELS
    return head_of_study(study), study.image.pixels.tobytes()


def _end_with_parent() -> None:
    """A killed window must not leave a child at work."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _limit_memory() -> None:
    """Bound the address space; Windows and macOS cannot, there the time limit must do."""
    if sys.platform != "linux":
        return
    import resource

    in_use = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (in_use + MEMORY_LIMIT_BYTES,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
