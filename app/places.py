"""Where the program's own files lie, from source and frozen alike."""

from __future__ import annotations

import sys
from pathlib import Path


def program_root() -> Path:
    """The folder that holds `resources` and `weights`."""
    frozen = getattr(sys, "_MEIPASS", None)
    return Path(frozen) if frozen else Path(__file__).resolve().parents[1]


def engine_command(*, weights: Path, device: str = "auto") -> tuple[str, ...]:
    """How to start this program as an engine.

    Args:
        weights: a folder of weights beside those that ship.
        device: "auto", "cpu", "cuda" or "mps".
    """
    return own_command("engine", "--device", device, "--weights", str(weights))


def own_command(*arguments: str) -> tuple[str, ...]:
    """How to start this program in a process of its own, with a verb and what belongs to it."""
    frozen = getattr(sys, "frozen", False)
    program = () if frozen else (str(program_root() / "main.py"),)
    return (sys.executable, *program, *arguments)
