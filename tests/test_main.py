"""The entry dispatches and does nothing else."""

from __future__ import annotations

import ast
import subprocess
import sys
import types

import pytest

import main


@pytest.mark.parametrize(
    ("argv", "module", "given"),
    [
        ([], "app.window.main", []),
        (["film.png", "folder"], "app.window.main", ["film.png", "folder"]),
        (["./analyse"], "app.window.main", ["./analyse"]),
        (["analyse", "vertebrae", "f.png"], "app.cli", ["analyse", "vertebrae", "f.png"]),
        (["weights", "list"], "inference.weights_cli", ["list"]),
        (["train", "vertebrae"], "training.cli", ["train", "vertebrae"]),
        (["evaluate", "vertebrae"], "training.cli", ["evaluate", "vertebrae"]),
        (["fine-tune", "vertebrae"], "training.cli", ["fine-tune", "vertebrae"]),
        (["engine", "--address", "x"], "inference.engine", ["--address", "x"]),
    ],
)
def test_each_verb_reaches_its_room(monkeypatch, argv, module, given):
    reached = []
    rooms = ("app.window.main", "app.cli", "training.cli", "inference.engine")
    for name in (*rooms, "inference.weights_cli"):
        room = types.ModuleType(name)
        room.run = lambda arguments, name=name, **_: reached.append((name, arguments)) or 5
        monkeypatch.setitem(sys.modules, name, room)
    assert main.main(argv) == 5
    assert reached == [(module, given)]


def test_help_loads_nothing(project_root):
    source = (
        "import sys, main\n"
        "code = main.main(['--help'])\n"
        "rooms = {'app', 'inference', 'models', 'training', 'PySide6', 'torch', 'numpy'}\n"
        "sys.exit(code or sorted(rooms & set(sys.modules)) or 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", source],
        cwd=project_root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "analyse TASK INPUT" in done.stdout


def test_rooms_are_imported_inside_branches_only(project_root):
    tree = ast.parse((project_root / "main.py").read_text(encoding="utf-8"))
    top = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.name for node in top for alias in node.names}
    assert names == {"annotations", "multiprocessing", "sys"}
