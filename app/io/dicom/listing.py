"""Groups DICOM headers into patients, studies and series."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydicom.dataset import Dataset

from app.io.dicom.directory import is_directory, references
from app.io.dicom.orientation import marks_of
from app.io.dicom.source import read_header
from app.io.dicom.values import first_date, number, text, whole
from app.io.dicom.words import PDF_CLASS, no_film, sop_class, volume_of
from app.io.dicom_index import (
    DicomIndex,
    IndexedImage,
    IndexedPatient,
    IndexedSeries,
    IndexedStudy,
    Progress,
    Unlisted,
)
from app.io.open import files_under, head_of, natural_key
from app.io.readers.table import is_dicom
from domain.errors import UnreadableFile

TAGS = [
    "SpecificCharacterSet", "SOPClassUID", "StudyDate", "SeriesDate", "Modality",
    "StudyDescription", "SeriesDescription", "PatientName", "PatientID", "IssuerOfPatientID",
    "PatientBirthDate", "ViewPosition", "StudyInstanceUID", "SeriesInstanceUID", "SeriesNumber",
    "InstanceNumber", "Laterality", "ImageLaterality", "NumberOfFrames", "Rows", "Columns",
]  # fmt: skip

Key = TypeVar("Key")
PatientKey = tuple[str, str, str, str]


@dataclass(frozen=True)
class _Entry:
    """One file with what it is sorted by."""

    image: IndexedImage
    header: Dataset


def listed(place: Path, *, progress: Progress, is_cancelled: Callable[[], bool]) -> DicomIndex:
    """See `dicom_index.read_index`."""
    paths, troubles = _paths_of(place)
    entries: list[_Entry] = []
    others, complete = 0, True
    for count, path in enumerate(paths):
        if is_cancelled():
            complete = False
            break
        progress(count, len(paths))
        head = head_of(path)
        if not is_dicom(head) or is_directory(path):
            others += not is_dicom(head)
            continue
        try:
            entries.append(_entry(path))
        except UnreadableFile as error:
            troubles.append(Unlisted(path, error.why))
    if complete:
        progress(len(paths), len(paths))
    return DicomIndex(_patients(entries), tuple(troubles), others, complete)


def _paths_of(place: Path) -> tuple[list[Path], list[Unlisted]]:
    """The files to look at, and the references that lead nowhere."""
    if not place.is_dir():
        whole_ones, broken = references(place)
        return whole_ones, [_nowhere(path) for path in broken]
    paths = list(files_under(place))
    troubles: list[Unlisted] = []
    for directory in filter(is_directory, paths):
        try:
            troubles += [_nowhere(path) for path in references(directory)[1]]
        except UnreadableFile as error:
            troubles.append(Unlisted(directory, error.why))
    return paths, troubles


def _nowhere(path: Path) -> Unlisted:
    return Unlisted(path, "The DICOMDIR names this file, but it is not there.")


def _entry(path: Path) -> _Entry:
    header = read_header(path, tags=TAGS)
    pages = max(whole(header, "NumberOfFrames", default=1), 1)
    is_empty = "Rows" not in header and sop_class(header) != PDF_CLASS
    image = IndexedImage(
        path=path,
        number=_number(header, "InstanceNumber"),
        pages=pages,
        size=(whole(header, "Rows"), whole(header, "Columns")),
        marks=marks_of(header),
        refusal=no_film(sop_class(header))
        or volume_of(header, pages=pages)
        or ("without a picture, or cut short before it" if is_empty else ""),
    )
    return _Entry(image, header)


def _number(header: Dataset, keyword: str) -> int | None:
    found = number(header, keyword)
    return None if found is None else int(found)


def _patients(entries: Iterable[_Entry]) -> tuple[IndexedPatient, ...]:
    patients = [
        IndexedPatient(
            name=name.replace("^", " ").strip(), number=key, born=born, studies=_studies(group)
        )
        for (_, key, name, born), group in _grouped(entries, _patient_key)
    ]
    return tuple(sorted(patients, key=lambda patient: natural_key(patient.name)))


def _patient_key(header: Dataset) -> PatientKey:
    """Issuer, number, name and date of birth: whoever differs in one of them is another."""
    return (
        text(header, "IssuerOfPatientID"),
        text(header, "PatientID"),
        text(header, "PatientName").partition("=")[0].rstrip("^ "),
        first_date(header, ["PatientBirthDate"]),
    )


def _studies(entries: Iterable[_Entry]) -> tuple[IndexedStudy, ...]:
    studies = [
        IndexedStudy(
            uid=uid,
            date=first_date(group[0].header, ["StudyDate", "SeriesDate"]),
            description=text(group[0].header, "StudyDescription"),
            series=_series(group),
        )
        for uid, group in _grouped(entries, lambda header: text(header, "StudyInstanceUID"))
    ]
    return tuple(sorted(studies, key=lambda study: study.date, reverse=True))


def _series(entries: Iterable[_Entry]) -> tuple[IndexedSeries, ...]:
    series = [
        IndexedSeries(
            uid=uid,
            modality=text(group[0].header, "Modality"),
            description=text(group[0].header, "SeriesDescription"),
            number=_number(group[0].header, "SeriesNumber"),
            images=tuple(sorted((entry.image for entry in group), key=_image_order)),
        )
        for uid, group in _grouped(entries, lambda header: text(header, "SeriesInstanceUID"))
    ]
    return tuple(sorted(series, key=lambda one: (one.number is None, one.number or 0)))


def _image_order(image: IndexedImage) -> tuple[object, ...]:
    return image.number is None, image.number or 0, natural_key(image.path.name)


def _grouped(
    entries: Iterable[_Entry], key: Callable[[Dataset], Key]
) -> Iterator[tuple[Key, list[_Entry]]]:
    groups: dict[Key, list[_Entry]] = defaultdict(list)
    for entry in entries:
        groups[key(entry.header)].append(entry)
    return iter(groups.items())
