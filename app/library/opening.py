"""Opens a library's file: for writing where this Caliper is the first, for reading otherwise."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from app.library import schema
from app.library.backups import DAMAGED_NAME
from app.library.lock import InstanceLock
from app.library.network import is_on_network
from app.library.salvage import Rescued, finish, salvage
from domain.errors import LibraryDamaged, LibraryUnavailable

FILE_NAME = "library.sqlite"
LOCK_NAME = "library.lock"
IN_USE = "Another Caliper has this library open. Here it can be read; close the other to change it."
NOT_WRITABLE = "The library's folder cannot be written here. Cases can be read, not changed."

LARGE = 16 << 20  # bytes; more takes longer to look at than a person should wait
LEAST_ROOM = 1 << 20  # bytes; an open library needs some for its log


@dataclass(frozen=True)
class Opened:
    """A library's connections.

    Args:
        reader: for questions.
        writer: makes connections for the writer, None where only reading is possible.
        file: the database.
        lock: held while writing is possible.
        why: why there is no writing, empty otherwise.
    """

    reader: sqlite3.Connection
    writer: Callable[[], sqlite3.Connection] | None
    file: Path
    lock: InstanceLock | None
    why: str


def open_file(folder: Path) -> Opened:
    """Open the library of a folder, made where it is missing.

    Raises:
        LibraryUnavailable: the folder or file cannot be used; the file is left as it is.
    """
    file = folder / FILE_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = InstanceLock(folder / LOCK_NAME)
    except BlockingIOError:
        return _for_reading(file, why=IN_USE)
    except OSError as error:
        if not file.exists():
            raise _unusable(folder, error) from error
        return _for_reading(file, why=NOT_WRITABLE)
    with ExitStack() as undo:
        undo.callback(lock.free)
        opened = _for_writing(file, lock)
        undo.pop_all()
    return opened


def restore(folder: Path) -> Rescued:
    """Put a damaged library together from what can be read of it and of its backups.

    Raises:
        LibraryUnavailable: another Caliper has it open, nothing is left, or there is no room.
    """
    file = folder / FILE_NAME
    try:
        lock = InstanceLock(folder / LOCK_NAME)
    except BlockingIOError as error:
        what = "The case library cannot be restored."
        raise LibraryUnavailable(what, why=IN_USE) from error
    except OSError as error:
        raise _unusable(file, error) from error
    try:
        return salvage(file)
    finally:
        lock.free()


def _for_writing(file: Path, lock: InstanceLock) -> Opened:
    finish(file)
    _require_sound(file)
    on_network = is_on_network(file.parent)
    try:
        with ExitStack() as undo:
            connection = schema.connect(file, mode="rwc")
            undo.callback(connection.close)
            schema.prepare(connection, on_network=on_network)
            undo.pop_all()
    except sqlite3.Error as error:
        if _code(error) != sqlite3.SQLITE_READONLY:
            raise _unusable(file, error) from error
        lock.free()
        return _for_reading(file, why=NOT_WRITABLE)
    # It stays for reading; as the last to close it folds the log into the file, which a read-only
    # one could not: a closed library is one file that can be copied.
    connection.execute("PRAGMA query_only = ON")
    return Opened(connection, lambda: schema.connect(file, mode="rw"), file, lock, "")


def _for_reading(file: Path, *, why: str) -> Opened:
    try:
        with ExitStack() as undo:
            reader = _reader(file)
            undo.callback(reader.close)
            _require_current(reader, why=why)
            undo.pop_all()
    except sqlite3.Error as error:
        raise _unusable(file, error) from error
    return Opened(reader, None, file, None, why)


def _require_current(reader: sqlite3.Connection, *, why: str) -> None:
    """Whoever can write brings older tables up to date; a reader can only wait for that."""
    if schema.require_known(reader) < schema.VERSION:
        raise LibraryUnavailable(
            "The case library cannot be read yet.", why=why, remedy="Try again in a moment."
        )


def _reader(file: Path) -> sqlite3.Connection:
    try:
        return schema.connect(file, mode="ro")
    except sqlite3.OperationalError as error:
        log = file.with_name(file.name + "-wal")
        if _code(error) != sqlite3.SQLITE_CANTOPEN or log.exists():
            raise
    # On a medium that nobody can write there is no room for the log's index, and no need of it.
    return schema.connect(file, mode="immutable")


def _require_sound(file: Path) -> None:
    """Look at the file without changing it, before anything else may; all of it where it is small.

    The whole of a large one is looked at by its next backup.
    """
    if not file.exists() or file.stat().st_size == 0:
        return
    if file.with_name(DAMAGED_NAME).exists():
        raise _damaged(file, file.with_name(DAMAGED_NAME).read_text("utf-8", "replace"))
    try:
        connection = schema.connect(file, mode="ro")
        try:
            schema.require_known(connection)
            schema.require_sound(connection, table="" if _is_small(file) else "cases")
        finally:
            connection.close()
    except sqlite3.OperationalError as error:
        # Only a writer can roll an interrupted transaction back; it finds what is wrong by itself.
        if _code(error) not in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
            raise _unusable(file, error) from error
    except sqlite3.DatabaseError as error:
        raise _damaged(file, str(error)) from error


def _damaged(file: Path, found: str) -> LibraryDamaged:
    return LibraryDamaged(
        f"The case library {file} is damaged.",
        why=f"Reading it found: {found.strip()}.",
        remedy="It was left as it is. Put a backup in its place, or choose another folder.",
    )


def _unusable(place: Path, error: Exception) -> LibraryUnavailable:
    if _is_full(place.parent):
        return LibraryUnavailable(
            f"The case library {place} cannot be opened.",
            why="The disk is full.",
            remedy="Make room and start Caliper again; nothing is lost.",
        )
    return LibraryUnavailable(
        f"The case library {place} cannot be opened.",
        why=f"{error}.",
        remedy="Check the disk and the folder's permissions, or choose another folder.",
    )


def _is_full(folder: Path) -> bool:
    return folder.is_dir() and shutil.disk_usage(folder).free < LEAST_ROOM


def _is_small(file: Path) -> bool:
    return file.stat().st_size < LARGE


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
