"""What readers of corners share: numbers, names, sizes, and words for what does not fit."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from domain.annotation import Annotations, Vertebra
from domain.errors import ImageMismatch, UnreadableFile
from domain.geometry import Points
from domain.image import Image
from domain.numbering import LEVELS, ORDER
from domain.repair import LEAST_VERTEBRAE, MOST_VERTEBRAE
from domain.vertebrae import CORNERS, NETWORK_COLUMN, column_named

MAX_BYTES = 64 * 2**20

Json = dict[str, Any]
Place = tuple[float, float]


@contextmanager
def telling(path: Path) -> Iterator[None]:
    """Turns whatever a damaged file causes into a refusal that names the file."""
    try:
        yield
    except OSError as error:
        raise unusable(path, f"The system says: {error.strerror or error}.") from error
    except KeyError as error:
        raise unusable(path, f"It is damaged: {error} is missing.") from error
    except (
        TypeError,
        ValueError,
        AttributeError,
        IndexError,
        OverflowError,
        RecursionError,
        csv.Error,
    ) as error:
        raise unusable(path, f"It does not fit: {error}.") from error


def unusable(path: Path, why: str, *, remedy: str = "") -> UnreadableFile:
    """The refusal of a file of corners."""
    return UnreadableFile(
        f"The corners in “{path.name}” cannot be used.",
        why=why,
        remedy=remedy or "Choose a file that holds corners of the film on screen.",
    )


def read_bytes(path: Path) -> bytes:
    """The whole file.

    Raises:
        UnreadableFile: it is far larger than any file of corners.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise unusable(path, f"It is larger than {MAX_BYTES // 2**20} MiB.")
    return data


def read_document(path: Path) -> Json:
    """The object in a JSON file.

    Raises:
        ValueError: it holds no JSON object.
    """
    document = json.loads(read_bytes(path))
    if not isinstance(document, dict):
        msg = "it holds no JSON object"
        raise ValueError(msg)
    return document


def number(value: object) -> float:
    """A JSON number as it is; text and truth are none.

    Raises:
        ValueError: it is something else.
        OverflowError: it is too large to be one.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        msg = f"{str(value)[:40]!r} is no number"
        raise ValueError(msg)
    return float(value)


def entry_for(file: str, *, names: Sequence[str]) -> int:
    """Which of these names is the film's; folders, capitals and, if need be, the ending aside.

    Raises:
        ValueError: none is, or more than one.
    """
    wanted, bare = _plain(file), [_plain(name) for name in names]
    found = [place for place, name in enumerate(bare) if name == wanted]
    if not found:
        stem = PurePosixPath(wanted).stem
        found = [place for place, name in enumerate(bare) if PurePosixPath(name).stem == stem]
    if len(found) != 1:
        count = "no entry" if not found else f"{len(found)} entries"
        msg = f"it has {count} for “{file}”"
        raise ValueError(msg)
    return found[0]


def require_size(rows: object, columns: object, *, image: Image) -> None:
    """Refuse corners of a film of another size; a size that is not told fits.

    Raises:
        ImageMismatch: the sizes differ.
    """
    if rows is None or columns is None:
        return
    told = (number(rows), number(columns))
    if told != image.shape:
        raise ImageMismatch(
            "These corners belong to another image.",
            why=f"Theirs has {told[0]:g} rows and {told[1]:g} columns, "
            f"the film on screen {image.shape[0]} and {image.shape[1]}.",
            remedy="Open the film they were made on.",
        )


def decided(
    places: Iterable[Place], *, image: Image, column: Sequence[Vertebra] = NETWORK_COLUMN
) -> Annotations:
    """Corners in their order, as a person would have left them: nothing held, nothing accepted.

    Raises:
        ValueError: another number of them, or places that lie nowhere near the film.
    """
    coordinates = np.array(list(places), dtype=np.float64).reshape(-1, 2)
    if len(coordinates) != len(CORNERS) * len(column):
        msg = f"it has {len(coordinates)} corners, {len(CORNERS) * len(column)} are needed"
        raise ValueError(msg)
    size = np.array(image.shape)
    near = (coordinates > -size) & (coordinates < 2 * size)  # false for what is not a number
    if not near.all():
        row, place = coordinates[~near.all(axis=1)][0]
        msg = f"row {row:g}, column {place:g} lies far outside the film"
        raise ValueError(msg)
    kept = column_named([one.name for one in column], [one.slot for one in column])
    return Annotations(image.sha256, points=Points(coordinates), column=kept)


def decided_by_name(places: Mapping[str, Place], *, image: Image) -> Annotations:
    """Corners with names like "T7.TL", four for each vertebra of a column.

    Raises:
        ValueError: the names are not those of whole vertebrae, or of too few or too many.
    """
    levels = {name.partition(".")[0] for name in places}
    names = [level for level in ORDER if level in levels]
    wanted = [f"{level}.{corner}" for level in names for corner in CORNERS]
    fits = LEAST_VERTEBRAE <= len(names) <= MOST_VERTEBRAE
    if not fits or set(wanted) != set(places):
        msg = (
            f"its {len(places)} corners are not those of a whole column, "
            f"like {LEVELS[0]}.{CORNERS[0]} to {LEVELS[-1]}.{CORNERS[-1]}"
        )
        raise ValueError(msg)
    column = column_named(names) or NETWORK_COLUMN
    return decided((places[name] for name in wanted), image=image, column=column)


def is_corner_name(name: str) -> bool:
    """Whether a name is like "T7.TL"."""
    level, _, corner = name.partition(".")
    return corner in CORNERS and level in ORDER


def _plain(name: str) -> str:
    return PurePosixPath(name.strip().replace("\\", "/")).name.casefold()
