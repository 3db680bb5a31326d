"""The accepted cases of a library as a folder to learn from: films by reference, corners as kept.

Beside the AASCE tables lie paths.csv (where each film is) and people.csv (whose it is, by a digest
of the library's key). Films are called by their pixels: no name of a person leaves.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from PIL import Image as Pillow

from app.io.decoder import Decoder
from app.io.exporters.look import Look
from app.io.readers.spec import ReadPage
from app.library.cases import Case, CaseStatus
from app.library.library import Library
from app.library.places import library_folder
from app.library.reading import Reading
from domain.annotation import Annotations
from domain.errors import CaliperError, ExportFailed
from domain.image import Image
from domain.numbering import LEVELS
from domain.vertebrae import names_of

PLAIN = (".png", ".jpg", ".jpeg", ".bmp")
SPLIT_NAME = "frozen-test.json"
OTHER_COUNT = "have other vertebrae than T1 to L5"
NOT_THERE = "lack their film"
OTHER_PIXELS = "have another film than they were made on"


@dataclass(frozen=True)
class Gathered:
    """What was written: how many films, and how many accepted cases stayed behind, by why."""

    films: int
    left_out: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class _Row:
    name: str
    path: Path
    person: str
    landmarks: tuple[float, ...]


def gather_cases(
    folder: Path, told: Callable[[int, int], None] = lambda done, of: None
) -> tuple[Path, tuple[str, ...]]:
    """Write the accepted cases of this person's library.

    Args:
        told: how many are read, of how many.

    Returns:
        the file that keeps the test people, and in words how many cases stay behind and why.

    Raises:
        LibraryUnavailable: the library cannot be read.
        ExportFailed: the folder cannot be written.
    """
    library, decoder = Library.open(library_folder()), Decoder()
    try:
        gathered = gather(library, folder, read=decoder.read, told=told)
    except OSError as error:
        raise ExportFailed(
            f"The cases cannot be put into {folder}.", why=f"{error.strerror}."
        ) from error
    finally:
        decoder.close()
        library.close()
    left = tuple(f"accepted cases that {why}: {count}" for why, count in gathered.left_out)
    return library_folder() / SPLIT_NAME, left


def gather(
    library: Reading,
    folder: Path,
    *,
    read: ReadPage,
    told: Callable[[int, int], None] = lambda done, of: None,
) -> Gathered:
    """Write the folder anew.

    Args:
        read: reads a film.
        told: how many are read, of how many.

    Raises:
        LibraryUnavailable: the library cannot be read.
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows: dict[str, _Row] = {}
    left: Counter[str] = Counter()
    accepted = list(_accepted(library))
    for done, (case, decided) in enumerate(accepted):
        told(done, len(accepted))
        found = _row(case, decided, folder, read=read)
        if isinstance(found, _Row):
            rows.setdefault(found.name, found)
        else:
            left[found] += 1
    tables = {
        "filenames.csv": [[row.name] for row in rows.values()],
        "landmarks.csv": [[repr(value) for value in row.landmarks] for row in rows.values()],
        "paths.csv": [[str(row.path)] for row in rows.values()],
        "people.csv": [[row.person] for row in rows.values()],
    }
    for name, listed in tables.items():
        _write(folder / name, listed)
    return Gathered(len(rows), tuple(left.items()))


def _accepted(library: Reading) -> Iterator[tuple[Case, Annotations]]:
    for case in library.cases(task="vertebrae"):
        if case.status is CaseStatus.REVIEWED and not case.synthetic and case.head is not None:
            head = library.revisions(case.id).get(case.head)
            if head is not None and head.annotations.accepted:
                yield case, head.annotations


def _row(case: Case, decided: Annotations, folder: Path, *, read: ReadPage) -> _Row | str:
    """A film's row, or why there is none."""
    if decided.points is None or names_of(decided) != LEVELS:
        return OTHER_COUNT
    try:
        image = read(Path(case.path), page=case.page).image
    except CaliperError:
        return NOT_THERE
    if image.sha256 != case.image_sha256:
        return OTHER_PIXELS
    name = f"film-{image.sha256[:16]}.png"
    path = _film(case, image, folder / name)
    unit = decided.points.coordinates / image.shape
    # Digested once more: the library's own key stays in the library.
    person = sha256((case.person or image.sha256).encode()).hexdigest()[:16]
    return _Row(name, path, person, tuple(unit.T[::-1].ravel().tolist()))


def _film(case: Case, image: Image, place: Path) -> Path:
    """The film itself where any program reads it alike; a grey copy beside the tables otherwise."""
    own = Path(case.path)
    is_grey = image.pixels.dtype == np.uint8 and image.pixels.ndim == 2
    if is_grey and not image.presentation.inverted and own.suffix.lower() in PLAIN:
        return own.absolute()
    shown = np.asarray(Look().brightness(image), dtype=np.uint8)
    Pillow.fromarray(shown).convert("L").save(place)
    return place.absolute()


def _write(path: Path, rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows(rows)
