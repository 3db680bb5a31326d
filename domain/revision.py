"""One history per case: immutable revisions, grouped by gesture, joined by parents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from domain.annotation import Annotations


@dataclass(frozen=True)
class Revision:
    """A snapshot in a case's history.

    Args:
        id: unique within the library.
        case_id: the case it belongs to.
        parent: the revision it was made from, None for the first.
        gesture: shared by everything that one gesture of a person changed, the answer included.
        author: `domain.provenance.PERSON` or `NETWORK`.
        action: what happened, in words for the history strip ("move T7 top left").
        created: seconds since 1970, UTC.
        annotations: the whole state.
    """

    id: str
    case_id: str
    parent: str | None
    gesture: str
    author: str
    action: str
    created: float
    annotations: Annotations


def undo_target(revisions: Mapping[str, Revision], *, head: str) -> str | None:
    """The state before the whole gesture of `head`; None where nothing can be undone."""
    parent = gesture_root(revisions, member=head).parent
    return None if parent is None else gesture_end(revisions, member=parent)


def redo_target(
    revisions: Mapping[str, Revision], *, head: str, tip: str | None = None
) -> str | None:
    """The end of the gesture after `head`'s: on the way to `tip`, or the newest made from it.

    Args:
        tip: the revision that undoing started from; without it an older branch cannot be redone.
    """
    ahead = None if tip is None else _next_on_line(revisions, head=head, tip=tip)
    if ahead is None:
        ahead = _newest_child(revisions, head=head)
    return None if ahead is None else gesture_end(revisions, member=ahead)


def gesture_root(revisions: Mapping[str, Revision], *, member: str) -> Revision:
    """The first revision of the gesture that `member` belongs to."""
    here = revisions[member]
    while here.parent is not None and revisions[here.parent].gesture == here.gesture:
        here = revisions[here.parent]
    return here


def gesture_end(revisions: Mapping[str, Revision], *, member: str) -> str:
    """The newest revision of the gesture of `member`: its answer, once there is one."""
    gesture = revisions[member].gesture
    members = (revision for revision in revisions.values() if revision.gesture == gesture)
    return max(members, key=lambda revision: revision.created).id


def line_of(revisions: Mapping[str, Revision], *, member: str) -> Iterator[Revision]:
    """`member`, its parent, and so on to the first revision."""
    here: Revision | None = revisions[member]
    while here is not None:
        yield here
        here = None if here.parent is None else revisions[here.parent]


def _next_on_line(revisions: Mapping[str, Revision], *, head: str, tip: str) -> str | None:
    gesture = revisions[head].gesture
    later: str | None = None
    for revision in line_of(revisions, member=tip):
        if revision.gesture == gesture:
            return later
        later = revision.id
    return None


def _newest_child(revisions: Mapping[str, Revision], *, head: str) -> str | None:
    gesture = revisions[head].gesture
    children = [
        revision
        for revision in revisions.values()
        if revision.parent is not None
        and revision.gesture != gesture
        and revisions[revision.parent].gesture == gesture
    ]
    return max(children, key=lambda child: child.created).id if children else None
