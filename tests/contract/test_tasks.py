"""What every task must be, whatever it measures."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from app.catalog import TASKS
from app.spec import TaskSpec
from domain.errors import CaliperError
from domain.image import Image
from inference.contracts import Request

ROOM = ("__init__", "findings", "labels", "panel", "request", "spec")
by_task = pytest.mark.parametrize("spec", TASKS, ids=lambda spec: spec.id)


@by_task
def test_every_room_has_what_the_others_have(spec: TaskSpec, project_root: Path) -> None:
    room = project_root / "app" / "tasks" / spec.id
    assert set(ROOM) <= {path.stem for path in room.glob("*.py")}
    assert (room / "__init__.py").read_text() == ""


@by_task
def test_the_pipeline_answers_requests(spec: TaskSpec) -> None:
    pipeline = importlib.import_module(spec.pipeline)
    assert list(inspect.signature(pipeline.run).parameters) == ["request", "report", "bench"]


@by_task
def test_the_engine_knows_the_pipeline(spec: TaskSpec) -> None:
    from inference.engine import PIPELINES

    assert spec.id in PIPELINES


@by_task
def test_the_window_knows_the_panel(spec: TaskSpec) -> None:
    from app.window.panels import PANELS

    assert PANELS[spec.id].__module__ == spec.panel


@by_task
@pytest.mark.parametrize("shape", [(1, 1), (1, 4000), (200, 100)])
def test_any_image_ends_in_a_request_or_in_words(spec: TaskSpec, shape: tuple[int, int]) -> None:
    image = Image(np.zeros(shape, dtype=np.uint8))
    refusal, request = None, None
    try:
        request = spec.build_request(image, None, "weights")
    except CaliperError as error:
        refusal = error
    if request is not None:
        assert request.task == spec.id
        assert request.images == tuple(spec.pixels(image))
    else:
        assert refusal is not None
        assert refusal.what
        assert refusal.remedy


@by_task
def test_the_model_has_a_page(spec: TaskSpec, project_root: Path) -> None:
    assert (project_root / "docs" / "tasks" / f"{spec.id}.md").is_file()


def test_no_patient_fits_into_a_request() -> None:
    names = {field.name for field in fields(Request)}
    assert names == {
        "task",
        "weights_id",
        "images",
        "prompt",
        "options",
        "spacing_mm",
        "mode",
        "seed",
        "id",
    }


@pytest.mark.parametrize("module", ["app.catalog", "app.cli", "app.window.main"])
def test_nothing_in_the_program_loads_torch(module: str) -> None:
    code = f"import sys, {module}; print('torch' in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert told.strip() == "False"


def test_the_command_line_needs_no_qt() -> None:
    code = "import sys, app.cli; print(any(name.startswith('PySide6') for name in sys.modules))"
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert told.strip() == "False"
