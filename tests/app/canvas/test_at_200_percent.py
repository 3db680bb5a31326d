"""Gestures and painting once more on a screen with twice the pixels: Qt reads its scale once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOMS = (
    "tests/app/canvas/test_gestures.py",
    "tests/app/canvas/test_pair.py",
    "tests/app/canvas/layers",
    "tests/app/canvas/tools/test_placing.py",
    "tests/pixel/test_pixel_centres.py",
)


@pytest.mark.slow
def test_the_canvas_is_the_same_at_200_percent(project_root: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *ROOMS]
    done = subprocess.run(
        command,
        cwd=project_root,
        env=dict(os.environ, QT_SCALE_FACTOR="2", QT_QPA_PLATFORM="offscreen"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    assert "passed" in done.stdout
