"""Where the program's own files lie, from source and frozen alike."""

from __future__ import annotations

import sys
from pathlib import Path


def program_root() -> Path:
    """The folder that holds `resources` and `weights`."""
    frozen = getattr(sys, "_MEIPASS", None)
    return Path(frozen) if frozen else Path(__file__).resolve().parents[1]


def engine_command() -> tuple[str, ...]:
    """How to start this program as an engine."""
    if getattr(sys, "frozen", False):
        return (sys.executable, "engine")
    return (sys.executable, str(program_root() / "main.py"), "engine")
