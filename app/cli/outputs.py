"""What a film's answer leaves in the results folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.cli.desks import DESKS
from app.io.exporters.spec import FormatSpec


@dataclass(frozen=True)
class Outputs:
    """A results folder, and the formats that are written there."""

    folder: Path
    task: str
    specs: tuple[FormatSpec[Any], ...]

    @property
    def formats(self) -> frozenset[str]:
        """Their names."""
        return frozenset(spec.name for spec in self.specs)

    def are_there(self, name: str) -> bool:
        """Whether nobody took a film's results away."""
        return all(self._path(spec, name).exists() for spec in self.specs)

    def write(self, export: object, *, name: str) -> None:
        """Write every format.

        Raises:
            ExportFailed: one of them cannot be written.
        """
        for spec in self.specs:
            spec.write(export, self._path(spec, name))

    def _path(self, spec: FormatSpec[Any], name: str) -> Path:
        name = spec.name if spec.is_folder else f"{name}.{self.task}{spec.ending}"
        return self.folder / name


def is_output(path: Path, folder: Path) -> bool:
    """Whether a run left this file there: passed over where the films lie in the same folder."""
    endings = tuple(f".{desk.spec.id}{spec.ending}" for desk in DESKS for spec in desk.formats)
    return path.name.endswith(endings) and path.parent.resolve() == folder.resolve()
