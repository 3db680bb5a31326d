"""Rows of the library's tables as values, and back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from app.library.cases import Case, CaseStatus, ListedCase
from app.library.codec import DamagedRevision, decode, encode
from domain.revision import Revision

CASE_COLUMNS = (
    "id, name, task, path, image_sha256, rows, columns, synthetic, status, head, created, opened,"
    " tip, page, person, taken, note"
)
LISTED_COLUMNS = "id, name, status, person, note, created, task"
_AS_STORED = ("utf-8", "surrogatepass")
_STATUSES = {status.value: status for status in CaseStatus}
_made_of: Callable[[tuple[Any, ...]], ListedCase] = partial(tuple.__new__, ListedCase)
"""Without the detour of a named tuple's own constructor, which is Python."""
REVISION_COLUMNS = "id, case_id, parent, gesture, author, action, created, annotations"


def case_values(case: Case) -> dict[str, object]:
    """A case by column name."""
    return {
        "id": case.id,
        "name": bytes_of(case.name),
        "task": case.task,
        "path": bytes_of(case.path),
        "image_sha256": case.image_sha256,
        "rows": case.rows,
        "columns": case.columns,
        "synthetic": int(case.synthetic),
        "status": case.status.value,
        "head": case.head,
        "created": case.created,
        "opened": case.opened,
        "tip": case.tip,
        "page": case.page,
        "person": case.person,
        "taken": case.taken,
        "note": case.note,
    }


def case_of(row: Sequence[Any] | sqlite3.Row) -> Case:
    """The case of a row of `CASE_COLUMNS`; by place, for there may be ten thousand."""
    case_id, name, task, path, sha256, rows, columns, synthetic, status, *rest = row
    name, path = name.decode(*_AS_STORED), path.decode(*_AS_STORED)
    status = _STATUSES[status]
    return Case(case_id, name, task, path, sha256, rows, columns, synthetic == 1, status, *rest)


def listed_of(rows: Iterable[tuple[Any, ...]]) -> tuple[ListedCase, ...]:
    """What a list shows, from rows of `LISTED_COLUMNS`."""
    encoding, errors = _AS_STORED
    listed = [
        _made_of((one, str(name, encoding, errors), _STATUSES[status], person, note, created, task))
        for one, name, status, person, note, created, task in rows
    ]
    return tuple(listed)


def revision_values(revision: Revision) -> dict[str, object]:
    """A revision by column name."""
    return {
        "id": revision.id,
        "case_id": revision.case_id,
        "parent": revision.parent,
        "gesture": revision.gesture,
        "author": revision.author,
        "action": revision.action,
        "created": revision.created,
        "annotations": encode(revision.annotations),
    }


def revisions_of(
    rows: Iterable[sqlite3.Row],
) -> tuple[dict[str, Revision], tuple[DamagedRevision, ...]]:
    """The revisions that can be read, and why the others cannot.

    What was made from a damaged revision is joined to the nearest one before it that is whole.
    """
    whole: dict[str, Revision] = {}
    damaged: list[DamagedRevision] = []
    stand_in: dict[str | None, str | None] = {None: None}
    for row in rows:
        parent = stand_in.get(row["parent"])
        try:
            revision = revision_of(dict(row))
        except DamagedRevision as error:
            damaged.append(error)
            stand_in[row["id"]] = parent
        else:
            whole[revision.id] = replace(revision, parent=parent)
            stand_in[revision.id] = revision.id
    return whole, tuple(damaged)


def bytes_of(text: str) -> bytes:
    """Text as it is stored; a file's name may hold bytes that are no characters."""
    return text.encode(*_AS_STORED)


def revision_of(row: Mapping[str, Any]) -> Revision:
    """The revision of a row.

    Raises:
        DamagedRevision: what is decided in it cannot be read.
    """
    return Revision(
        id=row["id"],
        case_id=row["case_id"],
        parent=row["parent"],
        gesture=row["gesture"],
        author=row["author"],
        action=row["action"],
        created=row["created"],
        annotations=decode(row["annotations"], revision_id=row["id"]),
    )
