"""What the headers' child says of one file; what is longer than anybody reads is cut."""

from __future__ import annotations

from pathlib import Path

from pydicom.dataset import Dataset

from app.io.child import Head
from app.io.dicom.motion import is_cine
from app.io.dicom.orientation import marks_of
from app.io.dicom.source import read_header
from app.io.dicom.values import first_date, items, number, text, values, whole
from app.io.dicom.words import (
    DIRECTORY_CLASS,
    PDF_CLASS,
    is_ct_file,
    no_film,
    sop_class,
    volume_of,
)

TAGS = [
    "SpecificCharacterSet", "SOPClassUID", "StudyDate", "SeriesDate", "Modality",
    "StudyDescription", "SeriesDescription", "PatientName", "PatientID", "IssuerOfPatientID",
    "PatientBirthDate", "ViewPosition", "StudyInstanceUID", "SeriesInstanceUID", "SeriesNumber",
    "InstanceNumber", "Laterality", "ImageLaterality", "NumberOfFrames", "Rows", "Columns",
    "BitsStored", "FrameTime", "FrameTimeVector",
]  # fmt: skip
MOST_LETTERS = 256
ACTIVE = {"", "65535"}


def header_of(path: Path) -> Head:
    """A file's image, and what it is sorted by.

    Raises:
        UnreadableFile: it is damaged.
    """
    header = read_header(path, tags=TAGS)
    pages = max(whole(header, "NumberOfFrames", default=1), 1)
    moves, is_ct = is_cine(header, pages=pages), is_ct_file(header, pages=pages)
    is_empty = "Rows" not in header and sop_class(header) != PDF_CLASS
    return {
        "patient": [
            _text(header, "IssuerOfPatientID"),
            _text(header, "PatientID"),
            _text(header, "PatientName").partition("=")[0].rstrip("^ "),
            first_date(header, ["PatientBirthDate"]),
        ],
        "study": [
            _text(header, "StudyInstanceUID"),
            first_date(header, ["StudyDate", "SeriesDate"]),
            _text(header, "StudyDescription"),
        ],
        "series": [
            _text(header, "SeriesInstanceUID"),
            _text(header, "Modality"),
            _text(header, "SeriesDescription"),
        ],
        "series_number": _number(header, "SeriesNumber"),
        "number": _number(header, "InstanceNumber"),
        "pages": 1 if moves or is_ct else pages,
        "size": [max(whole(header, keyword), 0) for keyword in ("Rows", "Columns")],
        "marks": (
            *marks_of(header),
            *_count(pages, "frames" if moves else "slices" if is_ct else ""),
        ),
        "refusal": no_film(sop_class(header))
        or volume_of(header, pages=pages)
        or ("without a picture, or cut short before it" if is_empty else ""),
    }


def names_of(path: Path) -> Head:
    """The files that a DICOMDIR names, part by part; None where it is no DICOMDIR.

    Raises:
        UnreadableFile: it is damaged.
    """
    directory = read_header(path, tags=["SOPClassUID", "DirectoryRecordSequence"])
    records = items(directory, "DirectoryRecordSequence")
    if sop_class(directory) != DIRECTORY_CLASS and not records:
        return {"names": None}
    return {"names": list(filter(None, map(_parts, records)))}


def _parts(record: Dataset) -> list[str]:
    """The path that a record names, part by part; empty where it names none or none inside."""
    if text(record, "RecordInUseFlag") not in ACTIVE:
        return []
    parts = [str(part) for name in values(record, "ReferencedFileID") for part in _split(name)]
    return [] if any(part in {"..", "."} or set(part) & {":", "\0"} for part in parts) else parts


def _split(name: object) -> list[str]:
    """Some writers put a whole path into one value."""
    return [part for part in str(name).replace("\\", "/").split("/") if part]


def _count(pages: int, noun: str) -> tuple[str, ...]:
    return (f"{pages} {noun}",) if noun else ()


def _text(header: Dataset, keyword: str) -> str:
    return text(header, keyword)[:MOST_LETTERS]


def _number(header: Dataset, keyword: str) -> int | None:
    found = number(header, keyword)
    return None if found is None else int(found)
