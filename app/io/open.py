"""From paths to studies: which files a person means, and what is in one of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from app.io.dicom_headers import names_in_child
from app.io.names import natural_key
from app.io.readers.file_bytes import read_bytes
from app.io.readers.folders import read_folder, study_folder
from app.io.readers.spec import HEAD_BYTES
from app.io.readers.table import READERS, is_dicom, reader_for
from app.io.references import references
from domain.errors import UnreadableFile
from domain.image import Study

ENDINGS = frozenset(ending for spec in READERS for ending in spec.endings)
MOST_NAMED = 3
_KNOWN = ", ".join(spec.name for spec in READERS)


def read_study(path: Path, *, page: int = 0) -> Study:
    """Read a picture of a file with the reader that its first bytes ask for, whatever its name.

    A folder is read as one study, whether or not `expand` would take it as one.

    Args:
        page: which picture, from 0; the study says how many there are.

    Raises:
        UnreadableFile: with what, why and what to do.
    """
    if os.path.isdir(path):
        return read_folder(path, page=page)
    spec = reader_for(head_of(path))
    if spec is None:
        read_bytes(path)  # says what is wrong where it is no ordinary readable file
        raise UnreadableFile(
            f"“{path.name}” cannot be read.",
            why=f"Its content is none of {_KNOWN}.",
            remedy="Save the film in one of these formats.",
        )
    return spec.read(path, page=page)


def expand(paths: Iterable[Path], *, as_one: bool = False) -> tuple[Path, ...]:
    """The files that a person means: files as given, folders with all readable files inside, and
    for a DICOMDIR what it refers to. A folder that is one study (frames of a moving picture, the
    PeX layout; see `study_folder`) stays that folder.

    A file that was named is kept, so that its reader can say what is wrong with it. In folders,
    hidden entries and what nobody can read are passed over; every folder is visited once, links
    included. Files of a folder come in natural order ("film 2" before "film 10").

    Args:
        as_one: each folder that is named is one study, whatever its names are like.

    Raises:
        UnreadableFile: folders only, and nothing readable in them.
    """
    given = tuple(paths)
    if as_one:
        return tuple(dict.fromkeys(path.absolute() for path in given))
    visited: set[str] = set()
    found: dict[Path, None] = {}
    for path in given:
        found.update((file.absolute(), None) for file in _meant_by(path, visited=visited))
    if given and not found:
        raise no_films(given)
    return tuple(found)


def barren(paths: Iterable[Path], files: Iterable[Path]) -> tuple[Path, ...]:
    """The folders and DICOMDIRs among these paths that brought none of the files `expand` gave."""
    places = {path: _searched(path) for path in paths if _is_place(path)}
    if not places:
        return ()
    real = {Path(os.path.realpath(file)) for file in files}
    filled = real.union(*(file.parents for file in real))
    return tuple(path for path, place in places.items() if place not in filled)


def no_films(places: Sequence[Path]) -> UnreadableFile:
    """What is said of folders with nothing to open: the first by name, the others counted."""
    names = [f"“{place.name or place}”" for place in places[:MOST_NAMED]]
    if len(places) > MOST_NAMED:
        names.append(f"{len(places) - MOST_NAMED} more")
    listed = " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else names[0]
    return UnreadableFile(
        f"{listed} {'hold' if len(places) > 1 else 'holds'} no film.",
        why=f"No file in it is a {_KNOWN} file, or the folder cannot be read.",
        remedy="Choose a folder with films.",
    )


def files_under(
    folder: Path,
    *,
    visited: set[str] | None = None,
    as_one: Callable[[Path], Path | None] = lambda folder: None,
) -> Iterator[Path]:
    """Every ordinary file of a folder and its folders in natural order, but hidden ones.

    Args:
        visited: real paths of the folders that were visited already; links may lead in a circle.
        as_one: gives a folder that comes instead of all in it, or None.
    """
    visited = set() if visited is None else visited
    real = os.path.realpath(folder)
    if real in visited:
        return
    visited.add(real)
    whole = as_one(folder)
    if whole is not None:
        yield whole
        return
    try:
        names = sorted(os.listdir(folder), key=natural_key)
    except OSError:
        return
    paths = [folder / name for name in names if not name.startswith(".")]
    yield from (path for path in paths if os.path.isfile(path))  # pipes and devices would block
    for path in paths:
        if os.path.isdir(path):
            yield from files_under(path, visited=visited, as_one=as_one)


def _meant_by(path: Path, *, visited: set[str]) -> Iterator[Path]:
    if os.path.isdir(path):
        return _films_in(path, visited=visited)
    if not _may_be_directory(path):
        return iter((path,))
    try:
        names = names_in_child(path) if is_dicom(head_of(path)) else None
    except UnreadableFile:
        names = None  # its reader says what is wrong with it
    return iter((path,) if names is None else references(path.parent, names)[0])


def _is_place(path: Path) -> bool:
    return os.path.isdir(path) or (_may_be_directory(path) and os.path.isfile(path))


def _searched(place: Path) -> Path:
    """The folder below which the films of a folder or DICOMDIR lie."""
    return Path(os.path.realpath(place if os.path.isdir(place) else place.parent))


def _may_be_directory(path: Path) -> bool:
    return path.stem.upper() == "DICOMDIR"


def _films_in(folder: Path, *, visited: set[str]) -> Iterator[Path]:
    found = files_under(folder, visited=visited, as_one=study_folder)
    return (path for path in found if os.path.isdir(path) or _looks_readable(path))


def _looks_readable(path: Path) -> bool:
    if _may_be_directory(path):  # what it lists is met by itself
        return False
    return path.suffix.lower() in ENDINGS or reader_for(head_of(path)) is not None


def head_of(path: Path) -> bytes:
    """The first bytes, or none where there are none to be had."""
    try:
        if not os.path.isfile(path):
            return b""
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except (OSError, ValueError):
        return b""
