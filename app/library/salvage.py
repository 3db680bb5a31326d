"""Puts a damaged library together again, case by case, from itself and its backups."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from app.library import schema
from app.library.backups import DAMAGED_NAME, generations, make_durable
from app.library.codec import DamagedRevision
from app.library.rows import CASE_COLUMNS, case_of, revision_of, revision_values
from domain.errors import LibraryUnavailable
from domain.revision import Revision

RESTORED_SUFFIX = ".restored"
KEPT_NAME = "damaged"
MOST_MISSES = 20_000
BELONGINGS = ("thumbnails", "views")

Row = dict[str, Any]


@dataclass(frozen=True)
class Rescued:
    """What became of a damaged library.

    Args:
        names: of all cases that are there again.
        from_backup: of those that only a backup had.
        incomplete: of those that lack states which other states speak of.
        kept: the folder that the damaged file is in now.
    """

    names: tuple[str, ...]
    from_backup: tuple[str, ...]
    incomplete: tuple[str, ...]
    kept: Path


@dataclass
class _Found:
    """What is readable in one file or in several, by key; `whole` names tables read to the end."""

    cases: dict[str, Row] = field(default_factory=dict)
    revisions: dict[str, Revision] = field(default_factory=dict)
    parents: dict[str, str | None] = field(default_factory=dict)
    belongings: dict[str, dict[str, Row]] = field(default_factory=dict)
    settings: dict[str, Row] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)

    def add_older(self, other: _Found) -> None:
        """Fill gaps from an older file; what was removed since then stays removed."""
        if "cases" not in self.whole:
            self.cases = {**other.cases, **self.cases}
        # A revision never changes: whichever file has it, has it as it was.
        self.revisions = {**other.revisions, **self.revisions}
        self.parents = {**other.parents, **self.parents}
        self.settings = {**other.settings, **self.settings}
        for table in BELONGINGS:
            self.belongings[table] = {**other.belongings[table], **self.belongings[table]}


def salvage(file: Path) -> Rescued:
    """Put a sound library in the place of a damaged one; its lock must be held.

    Raises:
        LibraryUnavailable: there is nothing to read, or no room; all files are as they were.
    """
    damaged = _read(file)
    merged = damaged or _empty()
    for generation in generations(file):
        older = _read(generation)
        if older is not None:
            merged.add_older(older)
    if not merged.cases:
        raise LibraryUnavailable(
            f"Nothing in the case library {file} can be read.",
            why="Neither the file nor a backup of it holds a case.",
            remedy="Everything was left as it is. Move the file away to begin with an empty one.",
        )
    known = set() if damaged is None else set(damaged.cases)
    incomplete = _bridge(merged)
    restored = file.with_name(file.name + RESTORED_SUFFIX)
    try:
        kept = _keep(file)
        _write(restored.with_suffix(".part"), merged)
        os.replace(restored.with_suffix(".part"), restored)
        finish(file)
    except (OSError, sqlite3.Error) as error:
        raise LibraryUnavailable(
            f"The case library {file} could not be restored.",
            why=f"{error}.",
            remedy="The damaged file is as it was. Make room, and try again.",
        ) from error
    names = {key: case_of(_case_row(row)).name for key, row in merged.cases.items()}
    return Rescued(
        names=tuple(names.values()),
        from_backup=tuple(name for key, name in names.items() if key not in known),
        incomplete=tuple(names[key] for key in names if key in incomplete),
        kept=kept,
    )


def finish(file: Path) -> None:
    """Let what was restored take its place, also where a power cut came between."""
    restored = file.with_name(file.name + RESTORED_SUFFIX)
    if not restored.exists():
        return
    # The log of the damaged file must never be applied to the new one.
    for name in (f"{file.name}-wal", f"{file.name}-shm", f"{file.name}-journal", DAMAGED_NAME):
        file.with_name(name).unlink(missing_ok=True)
    make_durable(file.parent)
    os.replace(restored, file)
    make_durable(file.parent)


def _empty() -> _Found:
    return _Found(belongings={table: {} for table in BELONGINGS})


def _read(file: Path) -> _Found | None:
    """What can be read of a file; None where it is no library at all any more."""
    try:
        with closing(schema.connect(file, mode="ro")) as connection:
            schema.require_known(connection)
            connection.row_factory = sqlite3.Row
            return _harvest(connection)
    except (sqlite3.Error, LibraryUnavailable):
        return None


def _harvest(connection: sqlite3.Connection) -> _Found:
    found = _empty()
    for row in _walk(connection, "cases", found.whole):
        with suppress(KeyError, TypeError, ValueError, AttributeError):  # whatever noise may hold
            found.cases[case_of(_case_row(row)).id] = row
    for row in _walk(connection, "revisions", found.whole):
        found.parents[row["id"]] = row["parent"]
        with suppress(DamagedRevision):
            found.revisions[row["id"]] = revision_of(row)
    for table in BELONGINGS:
        rows = _walk(connection, table, found.whole)
        found.belongings[table] = {row["case_id"]: row for row in rows}
    found.settings = {row["key"]: row for row in _walk(connection, "settings", found.whole)}
    return found


def _walk(connection: sqlite3.Connection, table: str, whole: set[str]) -> Iterator[Row]:
    """Every row that can be read, past those that cannot, by the table alone and no index."""
    sql = f"SELECT rowid AS place, * FROM {table} NOT INDEXED WHERE rowid > ? ORDER BY rowid"
    last, misses = 0, 0
    while misses < MOST_MISSES:
        try:
            for row in connection.execute(sql, (last,)):
                if row["place"] <= last:  # pages that lead in a circle
                    raise sqlite3.DatabaseError("out of order")
                last = row["place"]
                yield {name: row[name] for name in row.keys() if name != "place"}  # noqa: SIM118
        except sqlite3.DatabaseError:
            last, misses = last + 1, misses + 1
        else:
            if not misses:
                whole.add(table)
            return


def _case_row(row: Row) -> Any:
    """A case's values in the order of `CASE_COLUMNS`; an older file has fewer of them."""
    blank = {"page": 0, "person": "", "taken": "", "note": ""}
    return tuple({**blank, **row}[name.strip()] for name in CASE_COLUMNS.split(","))


def _bridge(found: _Found) -> set[str]:
    """Join what is left of each history; the cases in which something was between."""
    found.revisions = {k: r for k, r in found.revisions.items() if r.case_id in found.cases}
    incomplete = set()
    newest: dict[str, Revision] = {}
    for revision in found.revisions.values():
        if found.parents[revision.id] is not None and revision.parent not in found.revisions:
            incomplete.add(revision.case_id)
        before = newest.get(revision.case_id)
        if before is None or before.created < revision.created:
            newest[revision.case_id] = revision
    for key, case in found.cases.items():
        if case["head"] is not None and case["head"] not in found.revisions:
            incomplete.add(key)
            case["head"] = newest[key].id if key in newest else None
        if case["tip"] not in found.revisions:
            case["tip"] = case["head"]
    return incomplete


def _nearest(parent: str | None, found: _Found) -> str | None:
    """The nearest revision before it that is left."""
    seen = set[str | None]()
    while parent is not None and parent not in found.revisions and parent not in seen:
        seen.add(parent)
        parent = found.parents.get(parent)
    return parent if parent in found.revisions else None


def _keep(file: Path) -> Path:
    """A folder that has the damaged file, and its log, under their names."""
    when = time.strftime("%Y-%m-%d %H%M%S")
    number, kept = 1, file.with_name(f"{KEPT_NAME} {when}")
    while kept.exists():
        number, kept = number + 1, file.with_name(f"{KEPT_NAME} {when} {number}")
    kept.mkdir()
    for name in (file.name, f"{file.name}-wal"):
        if file.with_name(name).exists():
            try:
                os.link(file.with_name(name), kept / name)  # needs no room
            except OSError:
                shutil.copy2(file.with_name(name), kept / name)
    make_durable(kept)
    return kept


def _write(draft: Path, found: _Found) -> None:
    """A new library of everything that was found."""
    draft.unlink(missing_ok=True)
    with closing(schema.connect(draft, mode="rwc")) as connection:
        schema.prepare(connection, on_network=True)
        connection.execute("BEGIN IMMEDIATE")
        for table, rows in _tables(found):
            for row in rows:
                names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
                # Noise in what is only looked at must not cost what was decided.
                with suppress(
                    *() if table in ("cases", "revisions") else (sqlite3.IntegrityError,)
                ):
                    connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", row)
        connection.execute("COMMIT")
    make_durable(draft)


def _tables(found: _Found) -> Iterator[tuple[str, Iterable[Mapping[str, Any]]]]:
    yield "cases", found.cases.values()
    by_age = sorted(found.revisions.values(), key=lambda revision: revision.created)
    yield "revisions", (_joined(revision, found) for revision in by_age)
    for table, rows in found.belongings.items():
        yield table, (row for key, row in rows.items() if key in found.cases)
    yield "settings", found.settings.values()


def _joined(revision: Revision, found: _Found) -> Row:
    parent = _nearest(revision.parent, found)
    return revision_values(replace(revision, parent=parent))
