"""Runs files of the corpus through the decoder, as the window does, and notes what came of each."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.io.decoder import Decoder
from domain.errors import UnreadableFile
from domain.image import Study
from tests.corpus.parts import Good

LONGEST_S = 2.0


@dataclass(frozen=True)
class Outcome:
    """What became of one file.

    Args:
        study: what was read, None where it was refused.
        refusal: in words, empty where it was read.
        seconds: of the child's processor time; not of the clock, which others slow down.
        lost: whether the child died of it or had to be ended.
    """

    name: str
    study: Study | None
    refusal: str
    seconds: float
    lost: bool = False


def tried(files: Iterable[tuple[str, bytes]], *, folder: Path) -> Iterator[Outcome]:
    """Write and read one file after the other, with one decoder."""
    with Decoder() as decoder:
        for name, content in files:
            path = folder / name
            path.write_bytes(content)
            yield _outcome(decoder, path)
            path.unlink()


def _outcome(decoder: Decoder, path: Path) -> Outcome:
    process, spent = _processor(decoder)
    study, error = None, None
    try:
        study = decoder.read(path)
    except UnreadableFile as refusal:
        error = refusal
    after, total = _processor(decoder)
    seconds = total - spent if after == process else 0.0
    words = str(error) if error else ""
    return Outcome(path.name, study, words, seconds, lost=process is not None and after != process)


def _processor(decoder: Decoder) -> tuple[int | None, float]:
    """The child and its processor seconds so far; Linux alone tells them of another process."""
    process = decoder._child._process
    pid = process.pid if process is not None else None
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return pid, 0.0
    return pid, (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def faults_of_good(good: Good, outcome: Outcome) -> list[str]:
    """What is wrong with how a file that must open was read."""
    if outcome.study is None:
        return [outcome.refusal]
    image = outcome.study.image
    facts = {
        "inverted": image.presentation.inverted,
        "spacing_mm": image.grid.spacing_mm,
        "pages": outcome.study.pages,
        "shape": image.pixels.shape,
        "frames": 1 if image.cine is None else len(image.cine),
    }
    wanted = {"pages": good.pages, "shape": good.pixels.shape, **good.facts}
    faults = [f"{key} is {facts[key]}" for key in wanted if facts[key] != wanted[key]]
    if "shape is" not in str(faults):
        off = np.abs(image.pixels.astype(float) - good.pixels).max()
        faults += [f"off by {off:g}"] if off > good.within else []
    return faults
