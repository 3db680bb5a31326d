"""A person's folder with a rule installed as weights, and the program answering by that rule."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from inference.manifest import MANIFEST_NAME, Manifest
from tests import rule_weights
from tests.e2e.rule_engine import rule_engine_command

# Runs the program's own entry with the rule for an engine, as a process that cannot import Qt.
PROGRAM = """
import sys
class NoQt:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("PySide6", "shiboken6", "pyqtgraph", "torch"):
            raise ImportError(name + " is not installed here")
if __name__ == "__main__":
    sys.meta_path.insert(0, NoQt())
    import app.cli.analyst, main
    command = {command!r}
    app.cli.analyst.engine_command = lambda **_: command
    code = main.main(sys.argv[1:])
    assert not [name for name in sys.modules if name.startswith(("PySide6", "torch"))]
    sys.exit(code)
"""


def install_rule(home: Path) -> None:
    """List the rule in the weights folder of this home."""
    folder = home / "weights"
    folder.mkdir(parents=True)
    Manifest((rule_weights.install_rule(folder),)).write(folder / MANIFEST_NAME)


def program_without_qt(script: Path, *, seconds: float = 0.0) -> tuple[str, ...]:
    """Write the program's entry and tell how to start it."""
    script.write_text(PROGRAM.format(command=rule_engine_command(seconds=seconds)))
    return (sys.executable, str(script))


def environment(home: Path, *, root: Path) -> dict[str, str]:
    """Where that program finds its folder and its modules."""
    return {**os.environ, "CALIPER_HOME": str(home), "PYTHONPATH": str(root)}
