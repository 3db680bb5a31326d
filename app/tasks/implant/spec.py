"""The implant task as a value."""

from __future__ import annotations

from app.spec import TaskSpec
from app.tasks.implant.findings import read_response
from app.tasks.implant.request import TASK, build_request, pixels_of

SPEC = TaskSpec(
    id=TASK,
    title="Implants",
    verb="Find implants",
    build_request=build_request,
    read_response=read_response,
    pipeline="inference.pipelines.implant",
    panel="app.tasks.implant.panel",
    pixels=pixels_of,
)
