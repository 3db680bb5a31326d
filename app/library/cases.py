"""Cases as the library lists them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class CaseStatus(StrEnum):
    """How far a person has come with a case."""

    NEW = "new"
    IN_WORK = "in_work"
    REVIEWED = "reviewed"


@dataclass(frozen=True)
class Case:
    """One study in the library; names a file, never a patient.

    Args:
        path: the file it was read from, where it was seen last.
        image_sha256: identity of its pixels.
        head: the revision that is shown, None before anything was found.
        created, opened: seconds since 1970, UTC.
        tip: the revision that undoing started from, where redo leads; kept by the library.
        page: which picture of the file, from 0.
        person: the same for films of one person, a key that only this library knows; or "".
        taken: date of the picture as YYYY-MM-DD, or "".
        note: what a person wrote about the case.
    """

    id: str
    name: str
    task: str
    path: str
    image_sha256: str
    rows: int
    columns: int
    synthetic: bool
    status: CaseStatus
    head: str | None
    created: float
    opened: float
    tip: str | None = None
    page: int = 0
    person: str = ""
    taken: str = ""
    note: str = ""


class ListedCase(NamedTuple):
    """What a list shows of a case and sorts by: a tuple, for ten thousand are made at once."""

    id: str
    name: str
    status: CaseStatus
    person: str
    note: str
    created: float
    task: str

    @classmethod
    def of(cls, case: Case) -> ListedCase:
        """The same of a case that is known whole."""
        return cls(case.id, case.name, case.status, case.person, case.note, case.created, case.task)
