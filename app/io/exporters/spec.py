"""What an exporter is: one frozen value a format, and the value that it writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from domain.annotation import Annotations
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
    """

    study: str
    image: Image
    annotations: Annotations
    file: str = ""
    created: datetime = field(default_factory=_now)

    def __post_init__(self) -> None:
        self.annotations.require_image(self.image.sha256)


Write = Callable[[VertebraeExport, Path], None]


@dataclass(frozen=True)
class ExporterSpec:
    """A format that results leave in.

    Args:
        name: one word.
        title: what people read.
        ending: of the file, with the dot.
        write: writes one file, whole or not at all; raises `ExportFailed`.
    """

    name: str
    title: str
    ending: str
    write: Write
