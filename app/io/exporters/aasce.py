"""Films and corners as a flat AASCE folder, so that corrections become training data.

filenames.csv, landmarks.csv (68 columns as shares of the width, then 68 rows as shares of the
height) and angles.csv hold one row a film each; the films lie beside them as 8-bit PNG, unturned.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image as Pillow

from app.io.exporters.facts import angles_of, require_seventeen
from app.io.exporters.look import Look, Shown
from app.io.exporters.spec import VertebraeExport
from app.io.names import file_stem
from app.io.writing import write_together
from domain.angles import by_role
from domain.errors import ExportFailed
from domain.geometry import Points

NAMES, LANDMARKS, ANGLES = "filenames.csv", "landmarks.csv", "angles.csv"
_TREE = ("labels", "boostnet_labeldata")

Table = list[list[str]]


@dataclass
class _Folder:
    """The tables of a folder as they will be, and the films that are new in it."""

    path: Path
    names: Table
    landmarks: Table
    angles: Table
    films: dict[Path, bytes] = field(default_factory=dict)


def require_aasce(export: VertebraeExport) -> Points:
    """The corners of a case that the folder can hold.

    Raises:
        ExportFailed: there are none, or of another number of vertebrae.
    """
    return require_seventeen(export, title="AASCE")


def write_aasce(exports: Sequence[VertebraeExport], path: Path) -> None:
    """Write a folder, or add to it; a film that is there already gets its new corners.

    Raises:
        ExportFailed: a film has no corners, the folder holds something else, or it cannot be
            written; its tables are then as they were.
    """
    for export in exports:
        require_aasce(export)
    is_new = not path.exists()
    try:
        path.mkdir(exist_ok=True)
        folder = _read(path)
        for export in exports:
            _put(folder, export)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ExportFailed(
            f"“{path.name}” cannot become an AASCE folder.",
            why=f"{error}.",
            remedy="Choose another folder.",
        ) from error
    try:
        write_together(folder.films | _tables(folder))
    except ExportFailed:
        if is_new:
            with suppress(OSError):
                path.rmdir()
        raise


def _read(path: Path) -> _Folder:
    if any((path / name).is_dir() for name in _TREE):
        raise _unfit(path, "It holds the original AASCE tree, which is left alone.")
    names, landmarks, angles = (_rows(path / name) for name in (NAMES, LANDMARKS, ANGLES))
    if len(names) != len(landmarks) or len(angles) not in (0, len(names)):
        counts = f"{len(names)}, {len(landmarks)} and {len(angles)} rows"
        raise _unfit(path, f"Its tables do not belong together: {counts}.")
    if len(angles) != len(names):  # a folder may come without them
        angles = [[""] * 3 for _ in names]
    return _Folder(path, names, landmarks, angles)


def _rows(path: Path) -> Table:
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as lines:
        return [row for row in csv.reader(lines) if row]


def _unfit(path: Path, why: str) -> ExportFailed:
    return ExportFailed(
        f"Nothing can be added to “{path.name}”.",
        why=why,
        remedy="Choose a new folder, or one that Caliper wrote.",
    )


def _put(folder: _Folder, export: VertebraeExport) -> None:
    film = _film(export)
    listed = [row[0].strip() for row in folder.names]
    name = _name(folder, export, film)
    if name not in listed:
        listed.append(name)
        for table in (folder.names, folder.landmarks, folder.angles):
            table.append([])
    place = listed.index(name)
    rows, columns = export.image.shape
    unit = require_aasce(export).coordinates / [rows, columns]
    folder.names[place] = [name]
    folder.landmarks[place] = [repr(value) for value in unit.T[::-1].ravel().tolist()]
    folder.angles[place] = [repr(angle.angle_deg) for _, angle in by_role(angles_of(export))]
    if not (folder.path / name).exists():
        folder.films[folder.path / name] = _png(film)


def _name(folder: _Folder, export: VertebraeExport, film: Shown) -> str:
    """The film's own name, numbered where another film has it."""
    stem = file_stem(Path(export.file or export.study).stem)
    name, number = f"{stem}.png", 1
    while not _is_free_or_same(folder, name, film):
        number += 1
        name = f"{stem}-{number}.png"
    return name


def _is_free_or_same(folder: _Folder, name: str, film: Shown) -> bool:
    path = folder.path / name
    if path in folder.films:
        return folder.films[path] == _png(film)
    if not path.exists():
        return True
    with suppress(OSError), Pillow.open(path) as there:  # damaged: another film
        return np.array_equal(np.asarray(there), film)
    return False


def _film(export: VertebraeExport) -> Shown:
    """(rows, columns) grey values: an 8-bit film's own, others as their file asks."""
    pixels, asked = export.image.pixels, export.image.presentation
    is_plain = pixels.dtype == np.uint8 and not asked.inverted
    shown = pixels if is_plain else Look().brightness(export.image)
    grey = Pillow.fromarray(np.asarray(shown, dtype=np.uint8)).convert("L")
    return np.asarray(grey, dtype=np.uint8)


def _png(film: Shown) -> bytes:
    buffer = io.BytesIO()
    Pillow.fromarray(film).save(buffer, "PNG")
    return buffer.getvalue()


def _tables(folder: _Folder) -> dict[Path, bytes]:
    tables = {NAMES: folder.names, LANDMARKS: folder.landmarks, ANGLES: folder.angles}
    return {folder.path / name: _text(rows) for name, rows in tables.items()}


def _text(rows: Table) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue().encode()
