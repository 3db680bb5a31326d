"""One case's history in memory: records gestures, takes answers, moves the head; keeps no file."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from uuid import uuid4

from app.library.strip import StripItem, lay_out
from domain.annotation import Annotations
from domain.errors import WrongUse
from domain.provenance import NETWORK
from domain.revision import Revision, gesture_end, line_of, redo_target, undo_target

__all__ = ["History", "StripItem"]


class History:
    """The revisions of one case, the one shown (head), and where redo leads (tip).

    Args:
        revisions: what the library holds; every parent is among them.
        head: the revision shown; where it is lost, the newest takes its place.
        case_id: the case that new revisions belong to.
        tip: the revision that undoing started from, as the library keeps it.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        revisions: Mapping[str, Revision],
        head: str | None,
        *,
        case_id: str,
        tip: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._revisions = dict(revisions)
        self._case_id, self._clock = case_id, clock
        self._carried: dict[str, str] = {}
        self._newest = max((r.created for r in self._revisions.values()), default=-math.inf)
        self._head = head if head in self._revisions else self._newest_id()
        self._tip = tip if tip in self._revisions else self._head

    @property
    def revisions(self) -> Mapping[str, Revision]:
        """Every revision by id; not to be changed."""
        return MappingProxyType(self._revisions)

    @property
    def head(self) -> str | None:
        """The revision shown, None before the first."""
        return self._head

    @property
    def current(self) -> Annotations | None:
        """What is decided now."""
        return None if self._head is None else self._revisions[self._head].annotations

    def record(
        self,
        annotations: Annotations,
        *,
        gesture: str,
        author: str,
        action: str,
        parent: str | None = None,
    ) -> Revision:
        """A new revision that becomes the head; made from the head where no parent is given.

        Raises:
            WrongUse: the gesture already happened elsewhere in the history.
        """
        made_from = self._head if parent is None else parent
        revision = self._add(
            annotations, parent=made_from, gesture=gesture, author=author, action=action
        )
        self._move(revision.id)
        return revision

    def answer(
        self, gesture: str, parent_id: str | None, annotations: Annotations, action: str
    ) -> tuple[Revision, bool]:
        """Keep the network's answer; shown only where nothing has happened since the question.

        What was measured by hand is none of the network's business: it stays as in the parent.
        What was measured since the question comes along by `carry`.

        Args:
            gesture: the gesture that asked.
            parent_id: the head when the question was asked.

        Returns:
            the revision, and whether the head moved to it.

        Raises:
            WrongUse: the gesture already happened elsewhere in the history.
        """
        parent_id = parent_id or self._untouched()
        while parent_id in self._carried:
            parent_id = self._carried[parent_id]
        applied = self._head == parent_id
        if parent_id in self._revisions:
            annotations = annotations.measured_as(self._revisions[parent_id].annotations)
        revision = self._add(
            annotations, parent=parent_id, gesture=gesture, author=NETWORK, action=action
        )
        if applied:
            self._move(revision.id)
        return revision, applied

    def carry(self, answer: Revision) -> tuple[tuple[Revision, bool], ...]:
        """Made again upon an answer: what was only measured since its question.

        A gesture that changed measures alone goes on from the answer as it went on from the
        answer's parent, under the same gesture, so that both are there and undo takes back one
        after the other.

        Returns:
            the new revisions, and for each whether the head moved to it.
        """
        moved = {answer.parent: answer.id}
        carried = []
        for old in sorted(self._revisions.values(), key=lambda r: r.created):
            if old.id == answer.id or old.parent not in moved or not self._only_measures(old):
                continue
            new = self._keep(
                answer.annotations.measured_as(old.annotations),
                parent=moved[old.parent],
                gesture=old.gesture,
                author=old.author,
                action=old.action,
            )
            moved[old.id] = self._carried[old.id] = new.id
            carried.append((new, self._head == old.id))
            if self._head == old.id:
                self._move(new.id)
        return tuple(carried)

    @property
    def can_undo(self) -> bool:
        """Whether a gesture lies before the head; the first proposal is nobody's gesture."""
        return self._undo_target() is not None

    @property
    def can_redo(self) -> bool:
        """Whether a gesture lies after the head."""
        return self._redo_target() is not None

    def undo(self) -> Revision | None:
        """Take back the whole gesture of the head; None where there is none."""
        return self._follow(self._undo_target())

    def redo(self) -> Revision | None:
        """Bring back the gesture that was taken back last; None where there is none."""
        return self._follow(self._redo_target())

    def jump(self, revision_id: str) -> Revision:
        """Show any revision of this history.

        Raises:
            WrongUse: the history has no such revision.
        """
        self._require(revision_id)
        self._move(revision_id)
        return self._revisions[revision_id]

    def strip(self) -> tuple[StripItem, ...]:
        """Every gesture, oldest first, with its place for the history strip."""
        return lay_out(self._revisions, head=self._head)

    def _undo_target(self) -> str | None:
        return None if self._head is None else undo_target(self._revisions, head=self._head)

    def _redo_target(self) -> str | None:
        if self._head is None:
            return None
        return redo_target(self._revisions, head=self._head, tip=self._tip)

    def _follow(self, target: str | None) -> Revision | None:
        if target is None:
            return None
        self._move(target)
        return self._revisions[target]

    def _move(self, head: str) -> None:
        """Move the head; the way to redo stays while the head is on it."""
        self._head = head
        gesture = self._revisions[head].gesture
        tip = self._tip
        ahead = () if tip is None else line_of(self._revisions, member=tip)
        if not any(revision.gesture == gesture for revision in ahead):
            self._tip = head

    def _add(
        self,
        annotations: Annotations,
        *,
        parent: str | None,
        gesture: str,
        author: str,
        action: str,
    ) -> Revision:
        self._require_place(gesture, parent)
        return self._keep(annotations, parent=parent, gesture=gesture, author=author, action=action)

    def _keep(
        self,
        annotations: Annotations,
        *,
        parent: str | None,
        gesture: str,
        author: str,
        action: str,
    ) -> Revision:
        # A clock that was set back must not reorder the history.
        created = max(self._clock(), math.nextafter(self._newest, math.inf))
        revision = Revision(
            id=uuid4().hex,
            case_id=self._case_id,
            parent=parent,
            gesture=gesture,
            author=author,
            action=action,
            created=created,
            annotations=annotations,
        )
        self._revisions[revision.id] = revision
        self._newest = created
        return revision

    def _require_place(self, gesture: str, parent: str | None) -> None:
        """A gesture is one piece: what belongs to it is made from it."""
        if parent is not None:
            self._require(parent)
        known = any(revision.gesture == gesture for revision in self._revisions.values())
        if known and (parent is None or self._revisions[parent].gesture != gesture):
            raise WrongUse(f"Gesture {gesture} already happened elsewhere in this history.")

    def _require(self, revision_id: str) -> None:
        if revision_id not in self._revisions:
            raise WrongUse(f"This history has no revision {revision_id}.")

    def _untouched(self) -> str | None:
        """The first revision, where it says that nothing was decided yet."""
        for revision in self._revisions.values():
            blank = Annotations(revision.annotations.image_sha256)
            if revision.parent is None and revision.annotations == blank:
                return revision.id
        return None

    def _only_measures(self, revision: Revision) -> bool:
        """Whether it differs from its parent in nothing that a network is asked about.

        A revision that was carried already is not: its gesture goes on elsewhere.
        """
        gone = gesture_end(self._revisions, member=revision.id) != revision.id
        if revision.parent is None or gone:
            return False
        before = self._revisions[revision.parent].annotations
        changed = revision.annotations != before
        return changed and revision.annotations.measured_as(before) == before

    def _newest_id(self) -> str | None:
        newest = max(self._revisions.values(), key=lambda r: r.created, default=None)
        return newest.id if newest else None
