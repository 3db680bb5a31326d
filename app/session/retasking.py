"""The case on screen is worked on in another task."""

from __future__ import annotations

from dataclasses import replace

from app.session.recording import is_refused
from app.session.session import Session


def use_task(session: Session, task: str) -> None:
    """Work on the case on screen in another task from now on; what was decided stays.

    New still pictures of such a shape are taken for the same.
    """
    current = session.current
    if current is None or current.case.task == task or is_refused(session):
        return
    session.leaving.emit()
    current.case = replace(current.case, task=task)
    session.library.set_task(current.case.id, task)
    if session.image is not None and session.image.cine is None:
        session.settings.keep_still_task(task, shape=session.image.shape)
    session.task_changed.emit()
    session.decisions_changed.emit()
    session.cases_changed.emit()
