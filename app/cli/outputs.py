"""What a film's answer leaves in the results folder."""

from __future__ import annotations

from pathlib import Path

from app.catalog import TASKS
from app.io.exporters.spec import ExporterSpec, VertebraeExport
from app.io.exporters.table import EXPORTERS


def output_paths(folder: Path, name: str, *, task: str) -> tuple[tuple[ExporterSpec, Path], ...]:
    """Each format that is written, and its file."""
    return tuple((spec, folder / f"{name}.{task}{spec.ending}") for spec in EXPORTERS)


def is_output(path: Path, folder: Path) -> bool:
    """Whether a run left this file there: passed over where the films lie in the same folder."""
    endings = tuple(f".{task.id}{spec.ending}" for task in TASKS for spec in EXPORTERS)
    return path.name.endswith(endings) and path.parent.resolve() == folder.resolve()


def write_outputs(export: VertebraeExport, folder: Path, *, name: str, task: str) -> None:
    """Write every format.

    Raises:
        ExportFailed: one of them cannot be written.
    """
    for spec, path in output_paths(folder, name, task=task):
        spec.write(export, path)
