"""The frozen program, where CALIPER_FROZEN names its folder: every task runs, children and all.

.venv/bin/python -m pip install pyinstaller
.venv/bin/python -m PyInstaller build.spec
CALIPER_FROZEN=dist/caliper .venv/bin/python -m pytest tests/frozen
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from app.catalog import TASKS

FOLDER = os.environ.get("CALIPER_FROZEN", "")
pytestmark = pytest.mark.skipif(not FOLDER, reason="CALIPER_FROZEN names no frozen program")
LIMIT_S = 300


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    door = shutil.which("caliper-cli", path=FOLDER)
    assert door is not None
    command = [door, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)


def test_its_weights_are_whole() -> None:
    told = run("weights", "verify")
    assert told.returncode == 0, told.stderr


@pytest.mark.parametrize("task", [task.id for task in TASKS])
def test_each_task_answers_on_a_picture(task: str, project_root: Path, tmp_path: Path) -> None:
    """By the decoder's and the engine's processes, which are the frozen program again."""
    sample = project_root / "resources" / "samples" / "synthetic-spine.png"
    told = run("analyse", task, sample, "--out", tmp_path)
    assert told.returncode == 0, told.stderr
    found = json.loads(next(tmp_path.glob(f"*.{task}.json")).read_text(encoding="utf-8"))
    assert len(found["network"]["weights_sha256"]) == 64
