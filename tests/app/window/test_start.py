"""The window comes on screen without what only later deeds need."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.window.first_paint import FirstPaint

LATE = (
    "PIL",
    "app.io.exporters.table",
    "app.io.readers.annotations_table",
    "app.io.readers.raster",
    "cuda",
    "cv2",
    "gdcm",
    "importlib.metadata",
    "inference.worker",
    "jsonschema",
    "pydicom",
    "pypdfium2",
    "pyqtgraph",
    "reportlab",
    "safetensors",
    "torch",
)
SCRIPT = """
import gc, sys
from app.window import main
from app.window.first_paint import FirstPaint

compose = main.compose

def tell(window):
    print(*sys.modules)
    window.close()

def composed(library, **rest):
    if not gc.isenabled():
        print("uncollected")
    window = compose(library, **rest)
    FirstPaint(window).came.connect(lambda: tell(window))
    return window

main.compose = composed
sys.exit(main.run([]))
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    """What a fresh process has loaded when its window is painted."""
    home = str(tmp_path_factory.mktemp("home"))
    said = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=Path(__file__).parents[3],
        env={**os.environ, "CALIPER_HOME": home, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return frozenset(said.stdout.split())


def test_the_window_is_there(loaded: frozenset[str]) -> None:
    assert {"app.window.main_window", "app.canvas.view", "PySide6.QtWidgets"} <= loaded


def test_no_garbage_is_looked_for_while_the_window_is_made(loaded: frozenset[str]) -> None:
    assert "uncollected" in loaded


@pytest.mark.parametrize("name", LATE)
def test_what_can_wait_is_not_loaded_before_the_window(loaded: frozenset[str], name: str) -> None:
    assert importlib.util.find_spec(name) is not None, "nobody would ever load it"
    assert name not in loaded


def test_a_window_tells_of_its_first_paint_once(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    told: list[int] = []
    FirstPaint(window).came.connect(lambda: told.append(1))
    assert not told
    window.show()
    qtbot.waitUntil(lambda: bool(told))
    window.repaint()
    qtbot.wait(50)
    assert told == [1]


def test_a_window_that_is_never_painted_is_not_waited_for_forever(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    with qtbot.waitSignal(FirstPaint(window).came):
        pass
    assert not window.isVisible()
