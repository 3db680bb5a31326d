"""How a gesture of a person becomes a revision of the case on screen, whoever made it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

from app.library.history import History
from app.session.session import Session
from domain.annotation import Annotations
from domain.errors import LibraryReadOnly
from domain.provenance import PERSON
from domain.revision import Revision


def record(
    session: Session,
    decisions: Annotations,
    *,
    action: str,
    gesture: str = "",
    made: Callable[[Revision], None] = lambda revision: None,
) -> None:
    """Write a gesture, where a case is on screen.

    A film's first gesture is made from a revision that says that nothing was decided: undo needs
    somewhere to go.

    Args:
        made: told of the revision before the screen follows, which takes a frame.
    """
    current = session.current
    if current is None:
        return
    history = current.history
    fresh = first_revision(history, decisions.image_sha256)
    revision = history.record(
        decisions, gesture=gesture or uuid4().hex, author=PERSON, action=action
    )
    made(revision)
    session.store_all(current, [*fresh, (revision, True)])


def first_revision(history: History, image_sha256: str) -> list[tuple[Revision, bool]]:
    """Of a case without any: the one that says that nothing is decided, not to be shown."""
    if history.head is not None:
        return []
    blank = Annotations(image_sha256)
    opened = history.record(blank, gesture=uuid4().hex, author=PERSON, action="Opened")
    return [(opened, False)]


def is_refused(session: Session) -> bool:
    """Whether nothing may be changed here; the person is told why."""
    library = session.library
    if library.read_only:
        what = "This case cannot be changed here."
        session.trouble.emit(LibraryReadOnly(what, why=library.why))
    return library.read_only
