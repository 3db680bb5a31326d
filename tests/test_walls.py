"""Walls between the rooms that import-linter's contracts cannot express."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

OPEN_TO_APP = {"inference.contracts", "inference.manifest", "inference.worker"}
QT_ROOMS = {"canvas", "session", "widgets", "window"}


def imports_of(path: Path) -> set[str]:
    """Dotted names a file imports anywhere, with the names taken from each module."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_app_knows_three_modules_of_inference(project_root):
    for path in (project_root / "app").rglob("*.py"):
        for name in imports_of(path):
            if name.split(".")[0] == "inference":
                assert ".".join(name.split(".")[:2]) in OPEN_TO_APP, f"{path} imports {name}"


def test_session_uses_qtcore_only(project_root):
    for path in (project_root / "app" / "session").rglob("*.py"):
        for name in imports_of(path):
            if name.split(".")[0] == "PySide6":
                assert name.split(".")[1] == "QtCore", f"{path} imports {name}"


def test_the_qt_contract_names_every_module_of_a_task_room(project_root):
    settings = tomllib.loads((project_root / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {c["id"]: c for c in settings["tool"]["importlinter"]["contracts"]}
    named = {
        name.rpartition(".")[2]
        for name in contracts["no-qt-below-the-screen"]["source_modules"]
        if name.startswith("app.tasks.*.")
    }
    assert "spec" in named
    for path in (project_root / "app" / "tasks").glob("*/*.py"):
        known = path.stem in named | {"__init__"} or path.stem.startswith("panel")
        assert known, f"{path} may bring Qt unnoticed"


def test_only_drawing_rooms_and_panels_import_qt(project_root):
    for path in (project_root / "app").rglob("*.py"):
        room = path.relative_to(project_root / "app").parts[0]
        is_panel = room == "tasks" and path.stem.startswith("panel")
        if room not in QT_ROOMS and not is_panel:
            assert not any(name.startswith("PySide6") for name in imports_of(path)), path


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("app.window.main", ("torch", "torchvision", "lightning")),
        ("inference.worker", ("torch", "PySide6")),
        ("app.catalog", ("PySide6", "pyqtgraph", "torch")),
        ("app.cli", ("PySide6", "pyqtgraph", "torch")),
        ("inference.engine", ("PySide6", "pyqtgraph", "app")),
    ],
)
def test_an_import_brings_only_its_own_floor(project_root, module, absent):
    source = (
        f"import sys, {module}\n"
        f"found = [name for name in {absent!r} if name in sys.modules]\n"
        "sys.exit(f'brought {found}' if found else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", source],
        cwd=project_root,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_importing_the_window_asks_nothing_of_the_network(project_root):
    source = (
        "import socket\n"
        "def refuse(*arguments, **options):\n"
        "    raise AssertionError(f'network asked for {arguments}')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "import app.window.main, app.cli\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", source],
        cwd=project_root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
