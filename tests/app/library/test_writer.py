"""The writing thread: commits in order, keeps what cannot land, loses nothing silently."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest

from app.library.writer import Statement, Writer, words_for
from domain.errors import LibraryUnavailable
from tests.app.library.makers import WAIT_S


class Disk:
    """A database file whose size can be limited, and what its writer said."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.most_pages = 1_000_000
        self.saved: list[float] = []
        self.troubles: list[str] = []
        self.in_trouble = Event()
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, load BLOB)")
        self.writer = Writer(self.connect, on_saved=self.saved.append, on_trouble=self.note_trouble)

    def connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.file, isolation_level=None, timeout=0.05, check_same_thread=False
        )
        connection.execute(f"PRAGMA max_page_count = {self.most_pages}")
        return connection

    def note_trouble(self, words: str) -> None:
        self.troubles.append(words)
        self.in_trouble.set()

    def put(self, number: int, *, size: int = 10):
        values = {"n": number, "load": bytes(size)}
        return self.writer.submit(Statement("INSERT INTO t VALUES (:n, :load)", values))

    @property
    def rows(self) -> list[int]:
        with closing(sqlite3.connect(self.file)) as connection:
            return [row[0] for row in connection.execute("SELECT n FROM t ORDER BY rowid")]


@pytest.fixture
def disk(tmp_path) -> Iterator[Disk]:
    made = Disk(tmp_path / "disk.sqlite")
    yield made
    made.most_pages = 1_000_000
    made.writer.close()


def test_a_future_resolves_after_the_commit(disk):
    for number in range(5):
        disk.put(number).result(WAIT_S)
        assert disk.rows == list(range(number + 1))


def test_saved_is_told_when_nothing_waits(disk):
    futures = [disk.put(number) for number in range(50)]
    futures[-1].result(WAIT_S)
    disk.writer.close()
    assert disk.writer.pending == 0
    assert 1 <= len(disk.saved) <= 50
    assert disk.saved == sorted(disk.saved)


def test_several_statements_land_together_or_not_at_all(disk):
    twice = Statement("INSERT INTO t VALUES (7, NULL)")
    refusal = disk.writer.submit(twice, twice).exception(WAIT_S)
    assert isinstance(refusal, LibraryUnavailable)
    assert disk.rows == []


def test_a_refused_write_does_not_hold_up_the_next(disk):
    disk.put(1).result(WAIT_S)
    refused, landed = disk.put(1), disk.put(2)
    assert "UNIQUE" in str(refused.exception(WAIT_S))
    landed.result(WAIT_S)
    assert disk.rows == [1, 2]
    assert "UNIQUE" in disk.troubles[0]


class Late:
    """A connection whose first commit lands, and says that it failed."""

    def __init__(self, connection: sqlite3.Connection, failures: list[int]) -> None:
        self._connection, self._failures = connection, failures

    def execute(self, sql: str, *values):
        done = self._connection.execute(sql, *values)
        if sql == "COMMIT" and self._failures:
            self._failures.pop()
            raise sqlite3.OperationalError("disk I/O error")
        return done

    def close(self) -> None:
        self._connection.close()


def test_a_commit_that_landed_and_failed_is_no_loss(disk):
    connect, failures = disk.connect, [1, 2]
    disk.writer._connect = lambda: Late(connect(), failures)
    disk.put(1).result(WAIT_S)
    disk.put(2).result(WAIT_S)
    assert failures == []
    assert disk.rows == [1, 2]
    assert isinstance(disk.put(1).exception(WAIT_S), LibraryUnavailable)


def test_after_a_loss_nothing_is_called_saved(disk):
    disk.put(1).result(WAIT_S)
    disk.writer.submit(Statement("not SQL")).exception(WAIT_S)
    said = len(disk.saved)
    disk.put(2).result(WAIT_S)
    disk.writer.close()
    assert len(disk.saved) == said
    assert disk.rows == [1, 2]


def test_a_wait_can_be_cut_short(disk, monkeypatch):
    monkeypatch.setattr("app.library.writer.FIRST_PAUSE_S", 3600.0)
    disk.most_pages = 2
    waiting = disk.put(1, size=100_000)
    assert disk.in_trouble.wait(WAIT_S)
    disk.most_pages = 1_000_000
    disk.writer.try_now()
    waiting.result(WAIT_S)


@pytest.mark.parametrize(
    "statement",
    [
        Statement("INSERT INTO nowhere VALUES (1)"),
        Statement("not SQL"),
        Statement("INSERT INTO t VALUES (:n, NULL)", {}),
        Statement("INSERT INTO t VALUES (:n, NULL)", {"n": 1 << 70}),
        Statement("INSERT INTO t VALUES (NULL, :load)", {"load": "\udce9"}),
        Statement("INSERT INTO t VALUES (NULL, :load)", {"load": object()}),
        Statement("INSERT INTO t VALUES (:n, NULL)", {"n": "no number"}),
    ],
)
def test_what_can_never_land_is_refused_at_once(disk, statement):
    assert isinstance(disk.writer.submit(statement).exception(WAIT_S), LibraryUnavailable)
    disk.put(1).result(WAIT_S)


def test_a_write_waits_for_room_and_nothing_overtakes_it(disk):
    disk.put(1).result(WAIT_S)
    disk.most_pages = 3
    disk.writer.submit(Statement("also not SQL")).exception(WAIT_S)  # a fresh, limited connection
    disk.in_trouble.clear()
    large, small = disk.put(2, size=100_000), disk.put(3)
    assert disk.in_trouble.wait(WAIT_S)
    assert "full" in disk.troubles[-1]
    assert not large.done()
    assert not small.done()
    assert disk.writer.pending == 2
    assert disk.rows == [1]
    disk.most_pages = 1_000_000
    small.result(WAIT_S)
    assert large.done()
    assert disk.rows == [1, 2, 3]


def test_the_same_trouble_is_told_once(disk):
    disk.most_pages = 2
    waiting = disk.put(1, size=100_000)
    attempts = []
    connect = disk.connect
    disk.writer._connect = lambda: attempts.append(1) or connect()
    assert disk.in_trouble.wait(WAIT_S)
    while len(attempts) < 3:
        assert not waiting.done()
        Event().wait(0.02)
    assert len(disk.troubles) == 1
    disk.most_pages = 1_000_000
    waiting.result(WAIT_S)


def test_a_write_waits_for_another_program_s_lock(disk):
    with closing(sqlite3.connect(disk.file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = disk.put(1)
        assert disk.in_trouble.wait(WAIT_S)
        assert not waiting.done()
        other.execute("ROLLBACK")
    waiting.result(WAIT_S)
    assert disk.rows == [1]


def test_closing_commits_what_waits(disk):
    futures = [disk.put(number) for number in range(100)]
    disk.writer.close()
    assert all(future.exception(0) is None for future in futures)
    assert disk.rows == list(range(100))


def test_closing_on_a_full_disk_says_what_is_lost(disk):
    disk.most_pages = 2
    large, small = disk.put(1, size=100_000), disk.put(2)
    assert disk.in_trouble.wait(WAIT_S)
    disk.writer.close()
    for future in (large, small):
        assert isinstance(future.exception(0), LibraryUnavailable)
        assert "full" in str(future.exception(0))
    assert disk.rows == []
    assert disk.writer.pending == 0


def test_after_closing_writes_are_refused(disk):
    disk.writer.close()
    disk.writer.close()
    assert isinstance(disk.put(1).exception(0), LibraryUnavailable)
    assert disk.rows == []


def test_a_failing_listener_does_not_stop_the_writer(disk, caplog):
    def fail(_when: float) -> None:
        raise RuntimeError("the window is gone")

    disk.writer._on_saved = fail
    disk.put(1).result(WAIT_S)
    disk.put(2).result(WAIT_S)
    disk.writer.close()
    assert disk.rows == [1, 2]
    assert "the window is gone" in caplog.text


def test_nobody_can_cancel_a_write(disk):
    future = disk.put(1)
    assert not future.cancel()
    future.result(WAIT_S)


def test_every_trouble_has_words():
    unknown = sqlite3.OperationalError("odd")
    assert "odd" in words_for(unknown)
