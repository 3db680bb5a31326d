"""What became of each file, kept beside the results: status.jsonl as it happens, results.csv."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from pathlib import Path

from app.io.writing import write_atomically
from domain.errors import ExportFailed

STATUS_NAME, RESULTS_NAME = "status.jsonl", "results.csv"
_LEFT_OUT_EMPTY = ("score", "p_value", "implants")
_CSV_COLUMNS = (
    "file", "state", "reason", "main_angle_deg", "score", "p_value", "implants",
    "doubts", "seconds", "output", "formats", "pixels_sha256", "weights_id",
    "weights_sha256", "mode", "seed",
)  # fmt: skip


class State(StrEnum):
    """How a file stands after the last run that met it."""

    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Line:
    """One file's status.

    Args:
        file: its path below the folder that was named, with forward slashes.
        source: a digest of where it lies, so that files of one name stay apart; a path can name
            a patient, so it is not written.
        task: the task's word.
        reason: why it failed or was skipped, for a person.
        pixels_sha256: identity of its pixels; "" where it could not be read.
        question: digest of all that decides the answer; "" where nothing was asked.
        output: how its results are called, before the endings; "" where there are none.
        formats: names of those that were written, with commas.
        main_angle_deg: of the vertebrae task.
        score, p_value, implants: of the implant task; p_value where healthy studies were compared.
        doubts: what speaks against the answer, in sentences.
        seconds: reading, asking and writing, in the run that did it.
    """

    file: str
    source: str
    task: str
    state: State
    reason: str = ""
    pixels_sha256: str = ""
    question: str = ""
    output: str = ""
    formats: str = ""
    main_angle_deg: float | None = None
    score: float | None = None
    p_value: float | None = None
    implants: int | None = None
    doubts: str = ""
    seconds: float = 0.0
    weights_id: str = ""
    weights_sha256: str = ""
    mode: str = ""
    seed: int = 0

    @property
    def has_result(self) -> bool:
        """Whether it was answered, in the last run or in an earlier one."""
        return self.state is not State.FAILED and bool(self.output)


def source_of(path: Path) -> str:
    """The digest of where a file lies."""
    return hashlib.sha256(os.fsencode(path.absolute())).hexdigest()[:16]


class Ledger:
    """The lines of a results folder, those of earlier runs included.

    A line is appended when its file ends, so that a run may be cut off anywhere; `tidy` leaves one
    line a file.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lines: dict[tuple[str, str, str], Line] = {}
        self._owners: dict[tuple[str, str], tuple[str, str, str]] = {}  # of results
        self._claimed: set[tuple[str, str]] = set()
        self._on_disk = {name.casefold() for name in os.listdir(folder)}
        for line in _read(folder / STATUS_NAME):
            self._keep(line)
        if self._lines:
            self.tidy()  # what is appended now must not follow half a line

    def earlier(self, *, task: str, file: str, source: str, pixels: str) -> Line | None:
        """The line of these pixels in that file, also where its folder has moved since.

        Each result is given to one file of a run alone.
        """
        same = [
            line
            for line in self._lines.values()
            if (line.task, line.pixels_sha256) == (task, pixels) and line.output
            if line.source == source or line.file == file
            if _folded(line) not in self._claimed
        ]
        return min(same, key=lambda line: line.source != source, default=None)

    def free_name(self, stem: str, *, task: str) -> str:
        """A name for results that no other file has, here or on disk: the stem, maybe numbered."""
        taken = {name for of, name in self._claimed if of == task}
        taken |= {line.output.casefold() for line in self._lines.values() if line.task == task}
        mark = f".{task}."
        taken |= {name.rpartition(mark)[0] for name in self._on_disk if mark in name}
        name, number = stem, 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem}-{number}"
        return name

    def hold(self, output: str, *, task: str) -> None:
        """Let no other file of this run have these results."""
        self._claimed.add((task, output.casefold()))

    def write(self, line: Line) -> None:
        """Append a line, durably.

        Raises:
            ExportFailed: the folder cannot be written any more.
        """
        self._keep(line)
        path = self._folder / STATUS_NAME
        try:
            with path.open("a", encoding="utf-8", newline="\n") as file:
                file.write(_json(line))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise ExportFailed(
                f"“{path.name}” could not be written.",
                why=f"The system says: {error.strerror}.",
                remedy="Make room there, and run the same command again to go on.",
            ) from error

    def lines_of(self, task: str) -> tuple[Line, ...]:
        """The last line of each file of a task."""
        return tuple(line for line in self._lines.values() if line.task == task)

    def tidy(self) -> None:
        """Leave one line a file, and write them as a table too.

        Raises:
            ExportFailed: the folder cannot be written.
        """
        lines = list(self._lines.values())
        write_atomically(self._folder / STATUS_NAME, "".join(map(_json, lines)).encode())
        write_atomically(self._folder / RESULTS_NAME, _table(lines).encode("utf-8", "replace"))

    def _keep(self, line: Line) -> None:
        self._lines.pop((line.task, line.source, ""), None)  # it failed to be read then
        key = (line.task, line.source, line.pixels_sha256)
        if line.output:  # the same results, from where the file lay before, are told once
            self._lines.pop(self._owners.get(_folded(line), key), None)
            self._owners[_folded(line)] = key
        self._lines[key] = line


def _read(path: Path) -> Iterable[Line]:
    """Its lines; one that a crash tore, or that another program wrote, is passed over."""
    if not path.is_file():
        return
    known = {field.name for field in fields(Line)}
    for text in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            told = json.loads(text)
            line = Line(**{name: told[name] for name in known & told.keys()})
            line = replace(line, state=State(line.state))
            is_plain = Path(line.output).name == line.output  # never out of the folder
        except (ValueError, TypeError, AttributeError):
            continue
        if is_plain:
            yield line


def _folded(line: Line) -> tuple[str, str]:
    return line.task, line.output.casefold()


def _json(line: Line) -> str:
    return json.dumps(asdict(line)) + "\n"


def _table(lines: Iterable[Line]) -> str:
    text, rows = io.StringIO(), [asdict(line) for line in lines]
    empty = {name for name in _LEFT_OUT_EMPTY if all(row[name] is None for row in rows)}
    columns = [name for name in _CSV_COLUMNS if name not in empty]
    table = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return text.getvalue()
