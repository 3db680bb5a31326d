"""What a training or evaluation in its own process tells, line after line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inference.manifest import Metric

LOG_NAME = "log.jsonl"
LOSSES, ERRORS = "losses", "check"
"""Events that curves are drawn of."""
_NO_CURVE = {"step", "of", "minutes", "left_minutes", "seconds_left", "epoch", "best_epoch"}


@dataclass(frozen=True)
class WorstFilm:
    """A film on which little was right: its file, a picture of it, and how bad it is."""

    film: Path
    picture: Path
    words: str


@dataclass(frozen=True)
class News:
    """One line.

    Args:
        event: "checked", "begin", "step", "losses", "check", "saved", "figures", "worst",
            "trouble", "stopped", "done", or one that a newer program brings.
        stage: what is done, where that is not the learning itself.
        numbers: losses, or errors on films that are not learnt from.
        films, kept_back: how many are learnt from, and how many are kept back to measure on.
        lines: what is wrong with the films, or why some are left out; one each.
        said: a failure or an end, in sentences.
        result: what was written.
        kept: id of new weights that can be used from now on.
    """

    event: str
    stage: str = ""
    step: int = 0
    of: int = 0
    seconds_left: float | None = None
    numbers: Mapping[str, float] = field(default_factory=dict)
    figures: Mapping[str, Metric] = field(default_factory=dict)
    worst: tuple[WorstFilm, ...] = ()
    films: int = 0
    kept_back: int = 0
    lines: tuple[str, ...] = ()
    said: str = ""
    result: Path | None = None
    kept: str = ""


def read_news(line: str) -> News | None:
    """A line of a run; None where it is none."""
    try:
        told = json.loads(line)
        return _news(told) if isinstance(told, dict) and "event" in told else None
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return None


def read_log(folder: Path) -> tuple[News, ...]:
    """What a run left in its folder before it was stopped; nothing where there is no log."""
    with suppress(OSError, UnicodeDecodeError):
        lines = (folder / LOG_NAME).read_text(encoding="utf-8").splitlines()
        return tuple(news for line in lines if (news := read_news(line)) is not None)
    return ()


def _news(told: Mapping[str, Any]) -> News:
    numbers = {
        name: float(value)
        for name, value in told.items()
        if isinstance(value, int | float) and name not in _NO_CURVE
    }
    left = told.get("seconds_left")
    result = told.get("weights") or told.get("report")
    words = (told.get(part, "") for part in ("what", "why", "remedy"))
    counts = {name: n for name, n in told.items() if isinstance(n, int)}
    return News(
        str(told["event"]),
        stage=str(told.get("stage", "")),
        step=int(told.get("step", 0)),
        of=int(told.get("of", 0)),
        seconds_left=None if left is None else float(left),
        numbers=numbers,
        figures={name: _figure(name, value) for name, value in told.get("metrics", {}).items()},
        worst=tuple(_worst(film) for film in told.get("films", ()) if isinstance(film, dict))
        if told["event"] == "worst"
        else (),
        films=counts.get("films", counts.get("studies", 0)),
        kept_back=counts.get("kept", 0),
        lines=tuple(str(line) for line in told.get("lines", ())),
        said=" ".join(str(word) for word in words if word),
        result=Path(result) if result else None,
        kept=str(told.get("kept") or "") if told["event"] == "done" else "",
    )


def _figure(name: str, told: Mapping[str, Any]) -> Metric:
    value, low, high = (float(told[part]) for part in ("value", "low", "high"))
    return Metric(name, value, low, high, int(told["n"]))


def _worst(told: Mapping[str, Any]) -> WorstFilm:
    return WorstFilm(Path(told["film"]), Path(told["picture"]), str(told["words"]))
