"""Every change of the library as SQL; nothing here touches a file."""

from __future__ import annotations

from app.library.cases import Case, CaseStatus
from app.library.rows import bytes_of, case_values, revision_values
from app.library.writer import Statement
from domain.provenance import PERSON
from domain.revision import Revision

# Redo keeps its way (tip) while the head is on it: the rule of `History`, on the stored rows.
MOVE_HEAD = """
UPDATE cases SET head = :head, tip = CASE WHEN EXISTS (
    WITH RECURSIVE line (parent, gesture) AS (
        SELECT parent, gesture FROM revisions WHERE id = cases.tip
        UNION ALL
        SELECT r.parent, r.gesture FROM revisions AS r JOIN line ON r.id = line.parent
    )
    SELECT 1 FROM line WHERE gesture = (SELECT gesture FROM revisions WHERE id = :head)
) THEN tip ELSE :head END
WHERE id = :case_id
"""
FOLLOW_STATUS = """
UPDATE cases SET status = CASE
    WHEN :accepted THEN :reviewed
    WHEN :by_person OR status = :reviewed THEN :in_work
    ELSE status END
WHERE id = :case_id
"""

# The newest results that fit, the one just kept among them.
DROP_OLD_RESULTS = """
DELETE FROM results WHERE rowid IN (
    SELECT place FROM (
        SELECT rowid AS place,
            sum(length(content)) OVER (ORDER BY created DESC, rowid DESC) AS bytes
        FROM results
    ) WHERE bytes > :most
)
"""


def add_case(case: Case, thumbnail: bytes | None) -> tuple[Statement, ...]:
    """A new case and its picture."""
    values = case_values(case)
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    added = Statement(f"INSERT INTO cases ({names}) VALUES ({marks})", values)
    if thumbnail is None:
        return (added,)
    picture: dict[str, object] = {"case_id": case.id, "png": thumbnail}
    return added, Statement("INSERT INTO thumbnails VALUES (:case_id, :png)", picture)


def append(revision: Revision, *, make_head: bool) -> tuple[Statement, ...]:
    """A new revision; as the head it also decides the case's status."""
    values = revision_values(revision)
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    added = Statement(f"INSERT INTO revisions ({names}) VALUES ({marks})", values)
    if not make_head:
        return (added,)
    status: dict[str, object] = {
        "case_id": revision.case_id,
        "accepted": int(revision.annotations.accepted),
        "by_person": int(revision.author == PERSON),
        "reviewed": CaseStatus.REVIEWED.value,
        "in_work": CaseStatus.IN_WORK.value,
    }
    moved = set_head(revision.case_id, revision.id)
    return added, moved, Statement(FOLLOW_STATUS, status)


def set_head(case_id: str, revision_id: str) -> Statement:
    """Show another revision."""
    return Statement(MOVE_HEAD, {"case_id": case_id, "head": revision_id})


def set_status(case_id: str, status: CaseStatus | None) -> tuple[Statement, ...]:
    """How far a person has come; nothing where it stays."""
    if status is None:
        return ()
    values: dict[str, object] = {"case_id": case_id, "status": status.value}
    return (Statement("UPDATE cases SET status = :status WHERE id = :case_id", values),)


def set_opened(case_id: str, when: float) -> Statement:
    """The case came on screen."""
    return Statement(
        "UPDATE cases SET opened = :opened WHERE id = :case_id",
        {"case_id": case_id, "opened": when},
    )


def set_path(case_id: str, path: str, *, page: int = 0) -> Statement:
    """The case's file is elsewhere now."""
    return Statement(
        "UPDATE cases SET path = :path, page = :page WHERE id = :case_id",
        {"case_id": case_id, "path": bytes_of(path), "page": page},
    )


def describe(case_id: str, *, note: str, person: str) -> Statement:
    """What a person wrote about a case, and whose film it is."""
    return Statement(
        "UPDATE cases SET note = :note, person = :person WHERE id = :case_id",
        {"case_id": case_id, "note": note, "person": person},
    )


def set_task(case_id: str, task: str) -> Statement:
    """The case is of another task now."""
    return Statement(
        "UPDATE cases SET task = :task WHERE id = :case_id", {"case_id": case_id, "task": task}
    )


def remove_case(case_id: str) -> Statement:
    """Forget a case; what belongs to it goes with it."""
    return Statement("DELETE FROM cases WHERE id = :case_id", {"case_id": case_id})


def save_view_state(case_id: str, state: str) -> Statement:
    """Keep how a case is looked at."""
    return Statement(
        "INSERT INTO views VALUES (:case_id, :state)"
        " ON CONFLICT (case_id) DO UPDATE SET state = excluded.state",
        {"case_id": case_id, "state": state},
    )


def keep_result(
    case_id: str, key: str, content: bytes, *, when: float, most_bytes: int
) -> tuple[Statement, ...]:
    """Keep what a network computed; the oldest results make room for it."""
    kept = Statement(
        "INSERT INTO results VALUES (:case_id, :key, :created, :content)"
        " ON CONFLICT (case_id, key)"
        " DO UPDATE SET created = excluded.created, content = excluded.content",
        {"case_id": case_id, "key": key, "created": when, "content": content},
    )
    return kept, Statement(DROP_OLD_RESULTS, {"most": most_bytes})


def save_setting(key: str, value: str) -> Statement:
    """Keep a preference."""
    return Statement(
        "INSERT INTO settings VALUES (:key, :value)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        {"key": key, "value": value},
    )
