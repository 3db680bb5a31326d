"""What a run leaves behind while it lasts, and tells who watches: its log and its checkpoint."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from training.watched import NOBODY, Watcher

LOG_NAME = "log.jsonl"


@dataclass(frozen=True)
class Journal:
    """The log of a run in its folder; every line is said on stderr and to who watches."""

    out: Path
    watcher: Watcher = NOBODY

    def log(self, event: str, values: Mapping[str, Any]) -> None:
        """Keep a line; what is no number is left out, for JSON has no word for it."""
        told = {name: value for name, value in values.items() if not _is_nan(value)}
        line = json.dumps({"event": event, **told})
        sys.stderr.write(line + "\n")
        with (self.out / LOG_NAME).open("a", encoding="utf-8") as lines:
            lines.write(line + "\n")
        self.watcher.tell(event, **told)


def keep(path: Path, state: Mapping[str, Any]) -> None:
    """Write a checkpoint; an interrupted write leaves the former one."""
    fresh = path.with_suffix(".new")
    torch.save(dict(state), fresh)
    fresh.replace(path)


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)
