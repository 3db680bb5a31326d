"""What `analyse` needs of a task: how it is asked, what comes of it, and how it leaves."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from app.cli.ledger import Line
from app.io.exporters.spec import FormatSpec
from app.spec import TaskSpec
from domain.annotation import Annotations
from domain.image import Image, Study
from domain.provenance import Mode
from inference.contracts import Response
from inference.manifest import WeightsEntry


class Asked(Protocol):
    """What is asked about every file of a run, beside weights, mode and seed."""

    @property
    def told(self) -> Mapping[str, object]:
        """All of it that decides the answer, for a digest."""

    def decisions(self, image: Image) -> Annotations:
        """What a person said before; may refuse the image."""

    def answered(self, response: Response, decisions: Annotations) -> Annotations:
        """The decisions with the answer applied."""

    def export(self, study: Study, answer: Answer, *, file: str, seed: int) -> Any:
        """The case as the task's formats take it."""

    def line(self, line: Line, study: Study, decisions: Annotations) -> Line:
        """The line with the figures that people ask for."""


@dataclass(frozen=True)
class Answer:
    """What came back about a file."""

    decisions: Annotations
    response: Response


@dataclass(frozen=True)
class Desk:
    """A task on the command line.

    Args:
        spec: the task.
        formats: what its results may leave as.
        default_formats: names of those that are written where nobody chose.
        add_options: adds the task's own options to a parser.
        ask: what a person wants, given the weights and the mode that will answer.
        figure: what people are told of a file's line, or "".
        finish: writes what is about all files of a folder.
    """

    spec: TaskSpec
    formats: tuple[FormatSpec[Any], ...]
    default_formats: tuple[str, ...]
    add_options: Callable[[argparse.ArgumentParser], None]
    ask: Callable[[argparse.Namespace, WeightsEntry, Mode], Asked]
    figure: Callable[[Line], str]
    finish: Callable[[Path, Sequence[Line]], None] = lambda _folder, _lines: None

    def chosen(self, names: Sequence[str] | None) -> tuple[FormatSpec[Any], ...]:
        """The formats of these names, each once; the default ones where there are none."""
        known = {spec.name: spec for spec in self.formats}
        return tuple(known[name] for name in dict.fromkeys(names or self.default_formats))
