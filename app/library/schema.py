"""The library's file: tables, migrations, and connections that keep what was committed."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

from domain.errors import LibraryUnavailable

APPLICATION = 0x43414C50  # "CALP", so that a stranger's database is never taken for a library
BUSY_MS = 2000

# One tuple of statements for each version; what has been released is never changed, only added to.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        # Names and paths are bytes: a file's name need not be valid Unicode.
        """CREATE TABLE cases (
            id TEXT PRIMARY KEY, name BLOB NOT NULL, task TEXT NOT NULL, path BLOB NOT NULL,
            image_sha256 TEXT NOT NULL, rows INTEGER NOT NULL, columns INTEGER NOT NULL,
            synthetic INTEGER NOT NULL, status TEXT NOT NULL, head TEXT, tip TEXT,
            created REAL NOT NULL, opened REAL NOT NULL,
            FOREIGN KEY (id, head) REFERENCES revisions (case_id, id) DEFERRABLE INITIALLY DEFERRED,
            FOREIGN KEY (id, tip) REFERENCES revisions (case_id, id) DEFERRABLE INITIALLY DEFERRED
        ) STRICT""",
        "CREATE INDEX cases_by_image ON cases (image_sha256)",
        """CREATE TABLE revisions (
            id TEXT PRIMARY KEY, case_id TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
            parent TEXT, gesture TEXT NOT NULL, author TEXT NOT NULL, action TEXT NOT NULL,
            created REAL NOT NULL, annotations TEXT NOT NULL,
            UNIQUE (case_id, id),
            FOREIGN KEY (case_id, parent) REFERENCES revisions (case_id, id)
                DEFERRABLE INITIALLY DEFERRED
        ) STRICT""",
        """CREATE TABLE thumbnails (
            case_id TEXT PRIMARY KEY REFERENCES cases (id) ON DELETE CASCADE, png BLOB NOT NULL
        ) STRICT""",
        """CREATE TABLE views (
            case_id TEXT PRIMARY KEY REFERENCES cases (id) ON DELETE CASCADE, state TEXT NOT NULL
        ) STRICT""",
        "CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
    ),
    (
        "ALTER TABLE cases ADD COLUMN page INTEGER NOT NULL DEFAULT 0",
        # A digest that this library alone can make: films of one person find each other by it.
        "ALTER TABLE cases ADD COLUMN person TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE cases ADD COLUMN taken TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE cases ADD COLUMN note TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX cases_by_person ON cases (person)",
    ),
    (
        # What a network computed for a case: large, and computed again where it was dropped.
        """CREATE TABLE results (
            case_id TEXT NOT NULL REFERENCES cases (id) ON DELETE CASCADE, key TEXT NOT NULL,
            created REAL NOT NULL, content BLOB NOT NULL,
            UNIQUE (case_id, key)
        ) STRICT""",
    ),
)
VERSION = len(MIGRATIONS)


def connect(file: Path, *, mode: str) -> sqlite3.Connection:
    """A connection in autocommit; transactions are begun by hand.

    Args:
        mode: SQLite's "ro", "rw" or "rwc"; "immutable" for a folder that nobody can write.

    Raises:
        sqlite3.Error: the file cannot be opened.
    """
    option = "immutable=1" if mode == "immutable" else f"mode={mode}"
    connection = sqlite3.connect(
        f"{_address(file)}?{option}",
        uri=True,
        timeout=BUSY_MS / 1000,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def prepare(connection: sqlite3.Connection, *, on_network: bool) -> None:
    """Choose the journal and bring the tables up to this version.

    Raises:
        LibraryUnavailable: a newer Caliper made the file, or it is no library.
        sqlite3.Error: the file cannot be read or written.
    """
    version = require_known(connection)
    journal = "DELETE" if on_network else "WAL"
    got = connection.execute(f"PRAGMA journal_mode = {journal}").fetchone()[0]
    if on_network and got != "delete":
        raise LibraryUnavailable(
            "The case library cannot be opened safely.",
            why="It is on a network share and another program has it open.",
            remedy="Close the other program and try again.",
        )
    for number in range(version, VERSION):
        connection.execute("BEGIN IMMEDIATE")
        for statement in MIGRATIONS[number]:
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {number + 1}")
        connection.execute("COMMIT")


def require_known(connection: sqlite3.Connection) -> int:
    """The file's version, 0 for an empty file.

    Raises:
        LibraryUnavailable: a newer Caliper made the file, or it is no library.
    """
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    tables: int = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if tables and application != APPLICATION:
        raise LibraryUnavailable(
            "The file is not a case library.",
            why="It is a database of another program.",
            remedy="Choose another folder for the library.",
        )
    if version > VERSION:
        raise LibraryUnavailable(
            "The case library was made by a newer Caliper.",
            why=f"It has version {version}; this Caliper knows versions up to {VERSION}.",
            remedy="Start the newer Caliper; nothing was changed.",
        )
    return version


def require_sound(connection: sqlite3.Connection, *, table: str = "") -> None:
    """Read every page of the file once, or of one table.

    Raises:
        sqlite3.DatabaseError: it is damaged.
    """
    # With a table it stops at a hundred errors; the first one is enough.
    verdict = connection.execute(f"PRAGMA quick_check({table or 1})").fetchone()[0]
    if verdict != "ok":
        raise sqlite3.DatabaseError(verdict)


def _address(file: Path) -> str:
    """A URI that SQLite takes on every system, also for shares and names that are not Unicode."""
    path = quote(os.fsencode(file.absolute().as_posix()), safe="/:")
    return f"file://{path}" if path.startswith("/") else f"file:///{path}"
