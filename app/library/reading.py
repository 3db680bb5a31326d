"""What can be asked of the library: committed cases, revisions, pictures and settings."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from threading import Lock
from typing import Any

from app.library.cases import Case, ListedCase
from app.library.codec import DamagedRevision
from app.library.rows import (
    CASE_COLUMNS,
    LISTED_COLUMNS,
    REVISION_COLUMNS,
    bytes_of,
    case_of,
    listed_of,
    revisions_of,
)
from app.library.search import folded, words_of
from domain.errors import LibraryUnavailable
from domain.revision import Revision


class Reading:
    """The reading half of a library; may be called from any thread.

    Args:
        connection: open for reading; closed by `stop`.

    Every question may raise LibraryUnavailable where the file cannot be read.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection, self._one_at_a_time = connection, Lock()

    def cases(self, search: str = "", task: str | None = None) -> tuple[Case, ...]:
        """Cases whose name and note hold every word of `search`, newest opened first."""
        rows = self._rows(f"SELECT {CASE_COLUMNS} FROM cases ORDER BY opened DESC, id")
        found = (case_of(row) for row in rows if task is None or row["task"] == task)
        words = words_of(search)
        if not words:
            return tuple(found)
        texts = ((case, folded(f"{case.name}\n{case.note}")) for case in found)
        return tuple(case for case, text in texts if all(word in text for word in words))

    def listed(self) -> tuple[ListedCase, ...]:
        """Every case as a list shows it, in no order: half the time of reading them whole."""
        return listed_of(self._tuples(f"SELECT {LISTED_COLUMNS} FROM cases"))

    def cases_of_file(self, path: str) -> tuple[Case, ...]:
        """The cases made from one file, more than one where it has several pages."""
        sql = f"SELECT {CASE_COLUMNS} FROM cases WHERE path = ?"
        return tuple([case_of(row) for row in self._rows(sql, bytes_of(path))])

    def cases_by_id(self, case_ids: Iterable[str]) -> tuple[Case, ...]:
        """Those of these cases that the library has, in no order."""
        sql = f"SELECT {CASE_COLUMNS} FROM cases WHERE id IN (SELECT value FROM json_each(?))"
        return tuple([case_of(row) for row in self._rows(sql, json.dumps(list(case_ids)))])

    def case(self, case_id: str) -> Case:
        """One case.

        Raises:
            LibraryUnavailable: the library has no such case.
        """
        rows = self._rows(f"SELECT {CASE_COLUMNS} FROM cases WHERE id = ?", case_id)
        if not rows:
            raise LibraryUnavailable(
                f"The library has no case {case_id}.",
                why="It was removed, or never saved.",
                remedy="Open its file again.",
            )
        return case_of(rows[0])

    def latest_created(self) -> float:
        """When the newest case was made; 0 where there is none."""
        latest: float | None = self._rows("SELECT max(created) FROM cases")[0][0]
        return latest or 0.0

    def find_by_image(self, sha256: str) -> Case | None:
        """The case of these pixels, the one opened last where there are several."""
        rows = self._rows(
            f"SELECT {CASE_COLUMNS} FROM cases WHERE image_sha256 = ? ORDER BY opened DESC LIMIT 1",
            sha256,
        )
        return case_of(rows[0]) if rows else None

    def revisions(self, case_id: str) -> dict[str, Revision]:
        """A case's revisions by id, oldest first; damaged ones are left out and bridged."""
        return self._history(case_id)[0]

    def damaged(self, case_id: str) -> tuple[DamagedRevision, ...]:
        """Why revisions of this case were left out."""
        return self._history(case_id)[1]

    def thumbnail(self, case_id: str) -> bytes | None:
        """A case's small picture as PNG."""
        picture: bytes | None = self._value("SELECT png FROM thumbnails WHERE case_id = ?", case_id)
        return picture

    def view_state(self, case_id: str) -> str | None:
        """How a case was looked at last, as it was given to `save_view_state`."""
        state: str | None = self._value("SELECT state FROM views WHERE case_id = ?", case_id)
        return state

    def result_keys(self, case_id: str) -> frozenset[str]:
        """What the kept results of a case are known by."""
        rows = self._rows("SELECT key FROM results WHERE case_id = ?", case_id)
        return frozenset(row["key"] for row in rows)

    def result(self, case_id: str, key: str) -> bytes | None:
        """A kept result; None where there is none, or room was made for others."""
        rows = self._rows("SELECT content FROM results WHERE case_id = ? AND key = ?", case_id, key)
        return rows[0]["content"] if rows else None

    def setting(self, key: str) -> str | None:
        """A stored preference, None where never set."""
        value: str | None = self._value("SELECT value FROM settings WHERE key = ?", key)
        return value

    def stop(self) -> None:
        """Close the connection."""
        with self._one_at_a_time:
            self._connection.close()

    def _history(self, case_id: str) -> tuple[dict[str, Revision], tuple[DamagedRevision, ...]]:
        return revisions_of(
            self._rows(
                f"SELECT {REVISION_COLUMNS} FROM revisions WHERE case_id = ?"
                " ORDER BY created, rowid",
                case_id,
            )
        )

    def _value(self, sql: str, key: str) -> Any:
        rows = self._rows(sql, key)
        return rows[0][0] if rows else None

    def _rows(self, sql: str, *values: str | bytes) -> list[sqlite3.Row]:
        return self._fetch(sqlite3.Row, sql, *values)

    def _tuples(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows without the names of their columns, where there may be ten thousand."""
        return self._fetch(None, sql)

    def _fetch(self, factory: Any, sql: str, *values: str | bytes) -> list[Any]:
        try:
            with self._one_at_a_time:
                cursor = self._connection.cursor()
                cursor.row_factory = factory
                return cursor.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise LibraryUnavailable(
                "The case library cannot be read.",
                why=str(error),
                remedy="What is on screen is kept; check the disk and start Caliper again.",
            ) from error
