"""Cases are worked on in another task."""

from __future__ import annotations

from dataclasses import replace

from app.session.recording import is_refused
from app.session.session import Session


def move_to_task(session: Session, case_id: str, task: str) -> None:
    """Work on any case in another task from now on; what was decided stays.

    New still pictures of such a shape are taken for the same.
    """
    current = session.current
    if current is not None and current.case.id == case_id:
        use_task(session, task)
        return
    opened = session.opened(case_id)
    opened.case = replace(opened.case, task=task)
    session.library.set_task(case_id, task)
    session.settings.keep_still_task(task, shape=(opened.case.rows, opened.case.columns))
    session.cases_changed.emit()


def use_task(session: Session, task: str, *, remembers: bool = True) -> None:
    """Work on the case on screen in another task from now on; what was decided stays.

    Args:
        remembers: new still pictures of such a shape are taken for the same.
    """
    current = session.current
    if current is None or current.case.task == task or is_refused(session):
        return
    session.leaving.emit()
    current.case = replace(current.case, task=task)
    session.library.set_task(current.case.id, task)
    if remembers and session.image is not None and session.image.cine is None:
        session.settings.keep_still_task(task, shape=session.image.shape)
    session.task_changed.emit()
    session.decisions_changed.emit()
    session.cases_changed.emit()
