"""The one list of formats that corners come in from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.io.exporters.json_vertebrae import SCHEMA
from app.io.readers.aasce import is_landmarks, read_landmarks
from app.io.readers.coco import is_coco, read_coco
from app.io.readers.json_vertebrae import read_vertebrae_json
from app.io.readers.labelme import is_labelme, read_labelme
from app.io.readers.matching import Place, decided, read_bytes, telling, unusable
from domain.annotation import Annotations
from domain.image import Image
from domain.vertebrae import column_of


class ReadCorners(Protocol):
    """Reads the corners of one film."""

    def __call__(self, path: Path, *, image: Image, file: str) -> Annotations:
        """The corners of `image`, whose file is called `file`; raises a `CaliperError`."""


@dataclass(frozen=True)
class ImporterSpec:
    """A format that corners come in from.

    Args:
        name: what people call the format.
        endings: the usual endings, lower case, with the dot; they only help to find files.
        sniff: whether the bytes of a file are of this format; this decides.
        read: gives points and names; nothing is held, nothing accepted, no network behind it.
    """

    name: str
    endings: tuple[str, ...]
    sniff: Callable[[bytes], bool]
    read: ReadCorners


def _read_ours(path: Path, *, image: Image, file: str) -> Annotations:
    """Our own file knows the film by its pixels; its name does not matter."""
    found = read_vertebrae_json(path, image_sha256=image.sha256)
    with telling(path):
        return decided(_places(found), image=image, column=column_of(found))


def _places(found: Annotations) -> list[Place]:
    listed = [] if found.points is None else found.points.coordinates.tolist()
    return [(row, column) for row, column in listed]


def _is_ours(data: bytes) -> bool:
    return SCHEMA.encode() in data


IMPORTERS: tuple[ImporterSpec, ...] = (
    ImporterSpec("Caliper JSON", (".json",), _is_ours, _read_ours),
    ImporterSpec("COCO keypoints", (".json",), is_coco, read_coco),
    ImporterSpec("labelme", (".json",), is_labelme, read_labelme),
    ImporterSpec("AASCE landmarks.csv", (".csv",), is_landmarks, read_landmarks),
)


def read_corners(path: Path, *, image: Image, file: str) -> Annotations:
    """The corners of a film from a file of any format of the list.

    Args:
        file: name of the film's file, by which formats of many films find it.

    Raises:
        UnreadableFile: no format knows the file, it is damaged, or holds no column for the film.
        ImageMismatch: it belongs to another image.
    """
    with telling(path):
        data = read_bytes(path)
    spec = next((spec for spec in IMPORTERS if spec.sniff(data)), None)
    if spec is not None:
        return spec.read(path, image=image, file=file)
    if data.startswith(b"PK"):
        raise unusable(path, "It is packed.", remedy="Unpack it and choose the JSON file in it.")
    known = ", ".join(spec.name for spec in IMPORTERS)
    raise unusable(path, f"It is in none of the formats that are known: {known}.")
