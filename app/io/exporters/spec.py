"""What an exporter is: one frozen value a format, and the value that it writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import numpy as np

from app.io.exporters.look import Look
from domain.annotation import Annotations
from domain.curves import Reading
from domain.image import Image

RESEARCH_USE = "Research use only. Not a medical device: not for diagnosis or treatment."


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class VertebraeExport:
    """A case of the vertebrae task as it leaves the program.

    Args:
        study: what the library calls it.
        image: the film.
        annotations: what is decided on it; must belong to `image`.
        file: name of the film's file, without folders: a path can name a patient.
        created: when it left.
        look: how the film is shown in pictures.
        reading: by which rule pictures and reports show angles.
    """

    study: str
    image: Image
    annotations: Annotations
    file: str = ""
    created: datetime = field(default_factory=_now)
    look: Look = field(default_factory=Look)
    reading: Reading = Reading.CLINICAL

    def __post_init__(self) -> None:
        self.annotations.require_image(self.image.sha256)

    def without_pixels(self) -> VertebraeExport:
        """The same case with a film of zeros that takes no room, for formats that hold no film."""
        pixels = self.image.pixels
        zeros = np.broadcast_to(np.zeros((), pixels.dtype), pixels.shape)
        return replace(self, image=replace(self.image, pixels=zeros))


Leaving = TypeVar("Leaving")
Told = TypeVar("Told", contravariant=True)


class Drops(Protocol[Told]):
    """What a format cannot hold, in sentences; asked before anything is written."""

    def __call__(self, export: Told) -> tuple[str, ...]:
        """Of one case."""

    def among(self, exports: Sequence[Told]) -> tuple[str, ...]:
        """Of many cases, counted; their films need not be read yet."""


Write = Callable[[VertebraeExport, Path], None]
WriteMany = Callable[[Sequence[VertebraeExport], Path], None]


@dataclass(frozen=True)
class FormatSpec(Generic[Leaving]):
    """A format that results leave in.

    Args:
        name: one word.
        title: what people read.
        ending: of the file, with the dot; empty where the format is a folder.
        write: writes one case, whole or not at all; raises `ExportFailed`.
        drops: what this format cannot hold of a case.
        require: raises `ExportFailed` for a case that cannot leave in this format at all; asked
            before its film is read.
        write_many: writes many cases into one file or folder; None where the format holds one.
        task: whose cases it takes.
    """

    name: str
    title: str
    ending: str
    write: Callable[[Leaving, Path], None]
    drops: Drops[Leaving]
    require: Callable[[Leaving], object]
    write_many: Callable[[Sequence[Leaving], Path], None] | None = None
    task: str = "vertebrae"

    @property
    def is_folder(self) -> bool:
        """Whether it writes a folder that further cases are added to."""
        return not self.ending

    @property
    def is_one_file(self) -> bool:
        """Whether many cases go into one file, written once all are read."""
        return self.write_many is not None and not self.is_folder

    def path_for(self, path: Path) -> Path:
        """The path with this format's ending, where it has none that a reader would know."""
        last = Path(self.ending).suffix or self.ending
        named = path.name.lower().endswith(last.lower())
        return path if named else path.with_name(path.name + self.ending)


ExporterSpec = FormatSpec[VertebraeExport]
