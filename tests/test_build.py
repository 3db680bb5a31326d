"""build.spec names every module that is reached by a string only."""

from __future__ import annotations

import importlib.util

from app.catalog import TASKS


def run_spec(root):
    """Execute the recipe with PyInstaller's names imagined; what it asked to be analysed."""
    asked = {}

    class Analysed:
        pure = scripts = binaries = datas = ()

    def analysis(scripts, **settings):
        asked.update(settings, scripts=scripts)
        return Analysed()

    names = {"Analysis": analysis, "SPECPATH": str(root)}
    names |= {name: lambda *_, **__: None for name in ("PYZ", "EXE", "COLLECT")}
    source = (root / "build.spec").read_text(encoding="utf-8")
    exec(compile(source, "build.spec", "exec"), names)
    return asked


def test_hidden_imports_follow_the_catalogue(project_root):
    asked = run_spec(project_root)
    hidden = asked["hiddenimports"]
    assert asked["scripts"] == [str(project_root / "main.py")]
    for task in TASKS:
        assert {task.pipeline, task.panel} <= set(hidden)
    for name in hidden:
        assert importlib.util.find_spec(name), f"{name} does not exist"


def test_only_folders_that_exist_are_taken_along(project_root):
    for source, target in run_spec(project_root)["datas"]:
        assert (project_root / target).is_dir()
        assert source == str(project_root / target)
