"""A child process that answers question after question about files nobody trusts."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from app.io.checked import count
from app.io.limits import allow_mapping, bound_this_process, why_it_ended
from domain.errors import Cancelled, UnreadableFile

IDLE_S = 30.0
START_LIMIT_S = 60.0
LOOK_UP_S = 0.1
STEP_S = 0.25  # what each frame that is done adds to the time that a question may take
TELL_S = 0.25
_DONE = "done"
_NOTHING = b""
_SPAWN = multiprocessing.get_context("spawn")

Head = dict[str, Any]
Answer = Callable[[str], tuple[Head, bytes]]
_teller: Callable[[int], None] | None = None


def tell_done(done: int) -> None:
    """From inside an answer: how many frames are done; buys time, and is told to who waits."""
    if _teller is not None:
        _teller(done)


class Child:
    """One process; a new one takes over when it dies or was idle.

    It gives bytes back, never objects, so that nothing it says is run here. May be asked from
    several threads; they wait for one another.

    Args:
        answer: what the child runs, question -> what fits JSON, and bytes; a function of a module,
            alone or as a `functools.partial`.
        time_limit_s: for one question, its process standing; each frame that it tells of
            (`tell_done`) adds a little, but no two may lie that far apart.
        idle_s: after this long without a question the child ends by itself.
    """

    def __init__(
        self, answer: Answer, *, name: str, time_limit_s: float, idle_s: float = IDLE_S
    ) -> None:
        self._answer, self._name = answer, name
        self._time_limit_s, self._idle_s = time_limit_s, idle_s
        self._lock = threading.Lock()
        self._process: SpawnProcess | None = None
        self._pipe: Connection[bytes, bytes] | None = None
        self._stands = False
        self.on_done: Callable[[int], None] = lambda done: None

    def ask(
        self,
        question: str | Callable[[], str],
        *,
        about: Path,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> tuple[Head, bytes]:
        """The answer, not checked yet; a refusal is in it (`study_text.head_of_refusal`).

        Args:
            question: or what makes it, just before it is asked.

        Raises:
            UnreadableFile: it took too long or too much, or the process died of it.
            Cancelled: nobody wants to know any more.
        """
        with self._lock:
            said = self._ask(question, about, is_cancelled)
            if said is None:  # it was leaving for idleness just as we asked
                said = self._ask(question, about, is_cancelled)
            if said is None:
                raise lost(about, why="The reader ended without a word.")
            return said

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _ask(
        self, question: str | Callable[[], str], about: Path, is_cancelled: Callable[[], bool]
    ) -> tuple[Head, bytes] | None:
        """The process's answer; None where it had gone before it saw the question."""
        pipe = self._require_process()
        try:
            if not self._stands:
                self._wait(pipe, START_LIMIT_S, about=about, is_cancelled=is_cancelled)
                pipe.recv_bytes()
                self._stands = True
            words = question if isinstance(question, str) else question()
            pipe.send_bytes(words.encode("utf-8", "surrogatepass"))
            head = self._head(pipe, about, is_cancelled)
            return head, pipe.recv_bytes()
        except (EOFError, OSError) as error:
            code = self._end()
            if code == 0:
                return None
            raise lost(about, why=why_it_ended(code)) from error
        except (ValueError, RecursionError) as error:  # no JSON: whatever it is, it is ours no more
            self._end()
            raise lost(about, why="What its reader answers makes no sense.") from error

    def _head(
        self, pipe: Connection[bytes, bytes], about: Path, is_cancelled: Callable[[], bool]
    ) -> Head:
        """The answer's head; what comes before it tells how far it is."""
        begun, done = time.monotonic(), 0
        while True:
            allowed_s = self._time_limit_s + done * STEP_S
            limit_s = min(self._time_limit_s, begun + allowed_s - time.monotonic())
            self._wait(pipe, limit_s, about=about, is_cancelled=is_cancelled)
            head: Head = json.loads(pipe.recv_bytes())
            if not isinstance(head, dict) or _DONE not in head:
                return head
            done = max(done, count(head[_DONE]))
            self.on_done(done)

    def _wait(
        self,
        pipe: Connection[bytes, bytes],
        limit_s: float,
        *,
        about: Path,
        is_cancelled: Callable[[], bool],
    ) -> None:
        """Until it says something, or its end of the pipe is gone."""
        deadline = time.monotonic() + limit_s
        while not pipe.poll(max(0.0, min(LOOK_UP_S, deadline - time.monotonic()))):
            if is_cancelled():
                self._end()
                raise Cancelled("Nobody waits for this file any more.")
            if time.monotonic() >= deadline:
                self._end()
                raise lost(about, why=f"Reading took longer than {self._time_limit_s:g} s.")

    def _require_process(self) -> Connection[bytes, bytes]:
        if self._pipe is None or self._process is None or not self._process.is_alive():
            self._end()
            self._pipe, theirs = _SPAWN.Pipe()
            arguments = (theirs, self._answer, self._idle_s)
            self._process = _SPAWN.Process(
                target=_serve, args=arguments, name=self._name, daemon=True
            )
            self._process.start()
            theirs.close()
        return self._pipe

    def _end(self) -> int | None:
        """Let the process go; its exit code, None where there was none or it had to be ended."""
        if self._pipe is not None:
            self._pipe.close()
        code = None
        if self._process is not None:
            self._process.join(timeout=0.5)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()
            else:
                code = self._process.exitcode
            self._process.close()
        self._pipe = self._process = None
        self._stands = False
        return code


class Parent:
    """Whoever has a child of its own; to be closed, or used by `with`."""

    def __init__(self, child: Child) -> None:
        self._child = child

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child."""
        self._child.close()


def lost(path: Path, *, why: str) -> UnreadableFile:
    """What is said of a file that its reader did not survive."""
    return UnreadableFile(
        f"“{path.name}” cannot be read.",
        why=why,
        remedy="The file is damaged or far too large; copy it again from its source.",
    )


def head_of_refusal(error: UnreadableFile) -> Head:
    """A reader's refusal, as the child tells it."""
    return {"refused": [error.what, error.why, error.remedy]}


def _serve(pipe: Connection[bytes, bytes], answer: Answer, idle_s: float) -> None:
    """The process: answer what is asked until nobody asks any more."""
    # A terminal sends Ctrl-C to the whole group; the parent decides when this child ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    bound_this_process()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(EOFError, OSError):  # the window has gone
        pipe.send_bytes(_NOTHING)  # it stands
        while pipe.poll(idle_s):
            question = pipe.recv_bytes().decode("utf-8", "surrogatepass")
            _tell_through(pipe)
            head, body = _answered(question, answer)
            allow_mapping(0)
            pipe.send_bytes(json.dumps(head).encode())
            pipe.send_bytes(body)


def _tell_through(pipe: Connection[bytes, bytes]) -> None:
    """What is done of the next answer is told by a pipe, a few times a second."""
    global _teller
    told_at = time.monotonic()

    def tell(done: int) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= TELL_S:
            pipe.send_bytes(json.dumps({_DONE: done}).encode())
            told_at = time.monotonic()

    _teller = tell


def _answered(question: str, answer: Answer) -> tuple[Head, bytes]:
    try:
        return answer(question)
    except UnreadableFile as error:
        return head_of_refusal(error), _NOTHING
    except MemoryError:
        about = Path(question.partition(" ")[2])
        refusal = lost(about, why="Decoding it needs more memory than a film may take.")
        return head_of_refusal(refusal), _NOTHING


def _end_with_parent() -> None:
    """A killed window must not leave a child at work."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
