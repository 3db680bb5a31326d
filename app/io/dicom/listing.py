"""Groups what the headers' child tells into patients, studies and series."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from app.io.dicom_headers import Header, Headers
from app.io.dicom_index import (
    DicomIndex,
    IndexedImage,
    IndexedPatient,
    IndexedSeries,
    IndexedStudy,
    Listener,
    Unlisted,
)
from app.io.names import natural_key
from app.io.open import files_under, head_of
from app.io.readers.table import is_dicom
from app.io.references import references
from domain.errors import Cancelled, UnreadableFile

Key = TypeVar("Key")


class Listing:
    """One look through a place; see `dicom_index.read_index`."""

    def __init__(self, headers: Headers, listener: Listener) -> None:
        self._headers, self._listener = headers, listener
        self._found: list[Header] = []
        self._troubles: list[Unlisted] = []
        self._directories: set[Path] = set()
        self._others = 0
        self._told_at = time.monotonic()

    def listed(self, place: Path) -> DicomIndex:
        """All that is in a folder, or what a DICOMDIR refers to."""
        try:
            paths = self._paths_of(place)
            for count, path in enumerate(paths):
                self._listener.progress(count, len(paths))
                self._look_at(path)
                self._tell()
        except Cancelled:
            return self._index(is_whole=False)
        self._listener.progress(len(paths), len(paths))
        return self._index(is_whole=True)

    def _paths_of(self, place: Path) -> list[Path]:
        """The files to look at; notes the references that lead nowhere."""
        if not place.is_dir():
            return self._referred(place)
        paths = list(files_under(place))
        for path in paths:
            if path.stem.upper() == "DICOMDIR" and is_dicom(head_of(path)):
                try:
                    self._referred(path)
                except UnreadableFile:
                    continue  # told like any other file
                self._directories.add(path)
        return paths

    def _referred(self, directory: Path) -> list[Path]:
        names = self._headers.names(directory, is_cancelled=self._listener.is_cancelled)
        if names is None:
            raise UnreadableFile(
                f"“{directory.name}” is no folder and no DICOMDIR.",
                why="It lists no other files.",
                remedy="Choose a folder, or the file DICOMDIR of a disc.",
            )
        found, missing = references(directory.parent, names)
        why = "The DICOMDIR names this file, but it is not there."
        self._troubles += [Unlisted(path, why) for path in missing]
        return found

    def _look_at(self, path: Path) -> None:
        is_cancelled = self._listener.is_cancelled
        if is_cancelled():
            raise Cancelled("Nobody looks any more.")
        if path in self._directories:
            return
        if not is_dicom(head_of(path)):
            self._others += 1
            return
        try:
            self._found.append(self._headers.header(path, is_cancelled=is_cancelled))
        except UnreadableFile as error:
            self._troubles.append(Unlisted(path, error.why))

    def _tell(self) -> None:
        now = time.monotonic()
        if now - self._told_at >= self._listener.every_s:
            self._listener.partly(self._index(is_whole=False))
            self._told_at = time.monotonic()

    def _index(self, *, is_whole: bool) -> DicomIndex:
        patients = _patients(self._found)
        return DicomIndex(patients, tuple(self._troubles), self._others, is_whole)


def _patients(headers: Iterable[Header]) -> tuple[IndexedPatient, ...]:
    patients = [
        IndexedPatient(
            name=name.replace("^", " ").strip(), number=number, born=born, studies=_studies(group)
        )
        for (_, number, name, born), group in _grouped(headers, lambda header: header.patient)
    ]
    return tuple(sorted(patients, key=lambda patient: natural_key(patient.name)))


def _studies(headers: Iterable[Header]) -> tuple[IndexedStudy, ...]:
    studies = [
        IndexedStudy(*group[0].study, series=_series(group))
        for _, group in _grouped(headers, lambda header: header.study[0])
    ]
    return tuple(sorted(studies, key=lambda study: study.date, reverse=True))


def _series(headers: Iterable[Header]) -> tuple[IndexedSeries, ...]:
    series = [
        IndexedSeries(
            *group[0].series,
            number=group[0].number,
            images=tuple(sorted((header.image for header in group), key=_image_order)),
        )
        for _, group in _grouped(headers, lambda header: header.series[0])
    ]
    return tuple(sorted(series, key=lambda one: (one.number is None, one.number or 0)))


def _image_order(image: IndexedImage) -> tuple[object, ...]:
    return image.number is None, image.number or 0, natural_key(image.path.name)


def _grouped(
    headers: Iterable[Header], key: Callable[[Header], Key]
) -> Iterator[tuple[Key, list[Header]]]:
    groups: dict[Key, list[Header]] = defaultdict(list)
    for header in headers:
        groups[key(header)].append(header)
    return iter(groups.items())
