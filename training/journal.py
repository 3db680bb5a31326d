"""What a run leaves behind while it lasts: lines of its log, and its checkpoint."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

LOG_NAME = "log.jsonl"


def log(out: Path, values: Mapping[str, Any]) -> None:
    """Say a line on stderr, and keep it."""
    line = json.dumps(values)
    sys.stderr.write(line + "\n")
    with (out / LOG_NAME).open("a", encoding="utf-8") as lines:
        lines.write(line + "\n")


def keep(path: Path, state: Mapping[str, Any]) -> None:
    """Write a checkpoint; an interrupted write leaves the former one."""
    fresh = path.with_suffix(".new")
    torch.save(dict(state), fresh)
    fresh.replace(path)
