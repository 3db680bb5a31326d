"""The one list of tasks, in the order people see."""

from __future__ import annotations

from app.spec import TaskSpec
from app.tasks.implant.spec import SPEC as IMPLANT
from app.tasks.vertebrae.spec import SPEC as VERTEBRAE

TASKS: tuple[TaskSpec, ...] = (VERTEBRAE, IMPLANT)


def task(task_id: str) -> TaskSpec:
    """The task with that word.

    Raises:
        KeyError: no task has it.
    """
    return {spec.id: spec for spec in TASKS}[task_id]
