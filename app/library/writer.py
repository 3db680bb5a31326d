"""The one thread that writes: in order, each write committed before its future resolves."""

from __future__ import annotations

import atexit
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import TypeVar

from domain.errors import LibraryUnavailable

News = TypeVar("News")

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0

# A write that SQLite refuses for one of these would be refused for ever.
HOPELESS = frozenset(
    (
        sqlite3.SQLITE_ERROR,
        sqlite3.SQLITE_TOOBIG,
        sqlite3.SQLITE_CONSTRAINT,
        sqlite3.SQLITE_MISMATCH,
        sqlite3.SQLITE_MISUSE,
        sqlite3.SQLITE_RANGE,
    )
)
WORDS = {
    sqlite3.SQLITE_FULL: "The disk is full. Make room; what you did is kept here until then.",
    sqlite3.SQLITE_BUSY: "Another program holds the library. Trying again.",
    sqlite3.SQLITE_LOCKED: "Another program holds the library. Trying again.",
    sqlite3.SQLITE_READONLY: "The library cannot be written. Trying again.",
    sqlite3.SQLITE_IOERR: "The disk reported an error. Trying again.",
    sqlite3.SQLITE_CANTOPEN: "The library's file cannot be opened. Trying again.",
}


@dataclass(frozen=True)
class Statement:
    """One SQL statement with its values by name."""

    sql: str
    values: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class _Write:
    statements: tuple[Statement, ...]
    future: Future[None]


class Writer:
    """Writes transactions in the order they were given; one that fails is tried until it lands.

    Args:
        connect: a fresh connection in autocommit.
        on_saved: told the time of a commit after which nothing is waiting and nothing was refused
            for good; on the writer's thread.
        on_trouble: told in words why a write has not landed yet; on the writer's thread.
    """

    def __init__(
        self,
        connect: Callable[[], sqlite3.Connection],
        *,
        on_saved: Callable[[float], None],
        on_trouble: Callable[[str], None],
    ) -> None:
        self._connect, self._on_saved, self._on_trouble = connect, on_saved, on_trouble
        self._connection: sqlite3.Connection | None = None
        self._queue: SimpleQueue[_Write | None] = SimpleQueue()
        self._gate = Lock()
        self._pending = 0
        self._closing = Event()
        self._awake = Event()
        self._trouble, self._lost, self._may_be_there = "", False, False
        self._thread = Thread(target=self._run, name="library writer", daemon=True)
        self._thread.start()
        # A program that ends without close still commits what it was given.
        atexit.register(self.close)

    @property
    def pending(self) -> int:
        """How many writes are not committed yet."""
        return self._pending

    def submit(self, *statements: Statement) -> Future[None]:
        """Put one transaction at the end of the queue."""
        future: Future[None] = Future()
        future.set_running_or_notify_cancel()  # nobody can cancel what a person did
        with self._gate:
            if self._closing.is_set():
                future.set_exception(_not_saved("The library is closed."))
                return future
            self._pending += 1
            self._queue.put(_Write(statements, future))
        return future

    def try_now(self) -> None:
        """Do not wait any longer before the next attempt."""
        self._awake.set()

    def close(self) -> None:
        """Commit what is waiting and end; what cannot land now fails in its future."""
        with self._gate:
            if not self._closing.is_set():
                self._closing.set()
                self._awake.set()
                self._queue.put(None)
        self._thread.join()
        atexit.unregister(self.close)

    def _run(self) -> None:
        lost = ""
        while (write := self._queue.get()) is not None:
            lost = lost or self._land(write)
            if lost and not write.future.done():
                # Nothing overtakes a write that could not land.
                self._finish(write, _not_saved(lost))
        self._disconnect()

    def _land(self, write: _Write) -> str:
        """Try until the write is committed or hopeless; words where closing cut this short."""
        self._may_be_there = False
        for pause in _pauses():
            closing = self._closing.is_set()
            error = self._attempt(write.statements)
            if error is None or (self._may_be_there and _is_there_already(error)):
                self._finish(write, None)
                return ""
            if _is_hopeless(error):
                refusal = _not_saved(f"The library refused it ({error}).")
                self._lost = True
                _tell(self._on_trouble, str(refusal))
                self._finish(write, refusal)
                return ""
            self._report(words_for(error))
            if closing:
                return words_for(error)
            self._awake.wait(pause)
            if not self._closing.is_set():
                self._awake.clear()
        return ""

    def _attempt(self, statements: tuple[Statement, ...]) -> Exception | None:
        try:
            if self._connection is None:
                self._connection = self._connect()
            self._connection.execute("BEGIN IMMEDIATE")
            for statement in statements:
                self._connection.execute(statement.sql, statement.values)
            # A disk may fail after the point from which there is no return.
            self._may_be_there = True
            self._connection.execute("COMMIT")
        except (sqlite3.Error, ValueError, OverflowError, MemoryError) as error:
            self._disconnect()  # rolls back, and the next attempt starts afresh
            return error
        return None

    def _finish(self, write: _Write, refusal: LibraryUnavailable | None) -> None:
        with self._gate:
            self._pending -= 1
            is_last = self._pending == 0
        if refusal is not None:
            write.future.set_exception(refusal)
            return
        write.future.set_result(None)
        self._trouble = ""
        if is_last and not self._lost:
            _tell(self._on_saved, time.time())

    def _report(self, words: str) -> None:
        if words != self._trouble:
            self._trouble = words
            _tell(self._on_trouble, words)

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def words_for(error: Exception) -> str:
    """Why a write has not landed, for a person."""
    return WORDS.get(_code(error), f"The library cannot be written ({error}). Trying again.")


def _code(error: Exception) -> int:
    """SQLite's primary result code, 0 where the error is not SQLite's."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _is_there_already(error: Exception) -> bool:
    """Whether what is inserted has been; ids are never given twice."""
    return getattr(error, "sqlite_errorcode", 0) in (
        sqlite3.SQLITE_CONSTRAINT_UNIQUE,
        sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
    )


def _is_hopeless(error: Exception) -> bool:
    if isinstance(error, ValueError | OverflowError):
        return True
    is_misuse = isinstance(error, sqlite3.ProgrammingError | sqlite3.InterfaceError)
    return is_misuse or _code(error) in HOPELESS


def _not_saved(why: str) -> LibraryUnavailable:
    return LibraryUnavailable("A change was not saved.", why=why)


def _pauses() -> Iterator[float]:
    pause = FIRST_PAUSE_S
    while True:
        yield pause
        pause = min(2 * pause, LONGEST_PAUSE_S)


def _tell(listener: Callable[[News], None], news: News) -> None:
    """Call a listener; a future logs what its callback raises, so no listener stops the writer."""
    notice: Future[News] = Future()
    notice.add_done_callback(lambda done: listener(done.result()))
    notice.set_result(news)
