"""What an exporter is: one frozen value a format, and the value that it writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

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


Write = Callable[[VertebraeExport, Path], None]
WriteMany = Callable[[Sequence[VertebraeExport], Path], None]
Drops = Callable[[VertebraeExport], tuple[str, ...]]


@dataclass(frozen=True)
class ExporterSpec:
    """A format that results leave in.

    Args:
        name: one word.
        title: what people read.
        ending: of the file, with the dot; empty where the format is a folder.
        write: writes one case, whole or not at all; raises `ExportFailed`.
        drops: what this format cannot hold of a case, in sentences; asked before writing.
        write_many: writes many cases into one file or folder; None where the format holds one.
    """

    name: str
    title: str
    ending: str
    write: Write
    drops: Drops
    write_many: WriteMany | None = None

    @property
    def is_folder(self) -> bool:
        """Whether it writes a folder that further cases are added to."""
        return not self.ending

    def path_for(self, path: Path) -> Path:
        """The path with this format's ending, where it has none that a reader would know."""
        last = Path(self.ending).suffix or self.ending
        named = path.name.lower().endswith(last.lower())
        return path if named else path.with_name(path.name + self.ending)
