"""The vertebrae task as a value."""

from __future__ import annotations

from app.spec import TaskSpec
from app.tasks.vertebrae.findings import read_response
from app.tasks.vertebrae.request import TASK, build_request

SPEC = TaskSpec(
    id=TASK,
    title="Vertebrae",
    verb="Find corners",
    build_request=build_request,
    read_response=read_response,
    pipeline="inference.pipelines.vertebrae",
    panel="app.tasks.vertebrae.panel",
)
