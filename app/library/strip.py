"""Where each gesture of a history stands in the history strip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.revision import Revision, gesture_root, line_of


@dataclass(frozen=True)
class StripItem:
    """One gesture of a history.

    Args:
        revision_id: its last revision, the one to jump to.
        gesture: its id.
        parent: the gesture it was made from, None for the first.
        depth: how many gestures lie before it on its line.
        branch: the lane it is drawn in; 0 is the oldest line.
        is_current: the head belongs to it.
        is_before_current: it lies on the way from the first to the current gesture, that included.
        author: who began it, `domain.provenance.PERSON` or `NETWORK`.
        action: what happened, in words.
        created: when it began, seconds since 1970, UTC.
    """

    revision_id: str
    gesture: str
    parent: str | None
    depth: int
    branch: int
    is_current: bool
    is_before_current: bool
    author: str
    action: str
    created: float


def lay_out(revisions: Mapping[str, Revision], *, head: str | None) -> tuple[StripItem, ...]:
    """Every gesture, oldest first; its first child goes on in its lane, the others open lanes."""
    shown = {r.gesture for r in line_of(revisions, member=head)} if head is not None else set()
    ends = {r.gesture: r.id for r in sorted(revisions.values(), key=lambda r: r.created)}
    items: dict[str, StripItem] = {}
    lanes, continued = 0, set[str]()
    for root in _parents_first(revisions, ends):
        parent = None if root.parent is None else items[revisions[root.parent].gesture]
        if parent is not None and parent.gesture not in continued:
            branch = parent.branch
            continued.add(parent.gesture)
        else:
            branch, lanes = lanes, lanes + 1
        items[root.gesture] = StripItem(
            revision_id=ends[root.gesture],
            gesture=root.gesture,
            parent=parent.gesture if parent else None,
            depth=parent.depth + 1 if parent else 0,
            branch=branch,
            is_current=head is not None and revisions[head].gesture == root.gesture,
            is_before_current=root.gesture in shown,
            author=root.author,
            action=root.action,
            created=root.created,
        )
    return tuple(items.values())


def _parents_first(
    revisions: Mapping[str, Revision], ends: Mapping[str, str]
) -> tuple[Revision, ...]:
    """The root of each gesture where it stands now, oldest first, but after its parent.

    What was measured while an answer was under way stands after that answer (`History.carry`).
    """
    placed: dict[str, Revision] = {}
    for gesture in _by_age(revisions):
        line: list[Revision] = []
        here: str | None = gesture
        while here is not None and here not in placed:
            root = gesture_root(revisions, member=ends[here])
            line.append(root)
            here = None if root.parent is None else revisions[root.parent].gesture
        placed.update((root.gesture, root) for root in reversed(line))
    return tuple(placed.values())


def _by_age(revisions: Mapping[str, Revision]) -> dict[str, None]:
    ordered = sorted(revisions.values(), key=lambda revision: revision.created)
    return dict.fromkeys(revision.gesture for revision in ordered)
