"""What a DICOM file is, and what it is not, in words."""

from __future__ import annotations

from pydicom.dataset import Dataset
from pydicom.uid import UID

from app.io.dicom.values import text

_STORAGE = "1.2.840.10008.5.1.4.1.1."
PDF_CLASS = _STORAGE + "104.1"
DIRECTORY_CLASS = "1.2.840.10008.1.3.10"

# Beginnings of SOP class UIDs and what they are; the first that fits counts, "" is a picture.
NO_FILMS: tuple[tuple[str, str], ...] = (
    (DIRECTORY_CLASS, "a DICOMDIR, the list of a disc's files"),
    (_STORAGE + "88.59", "a list of key images"),
    (_STORAGE + "88.67", "a report of X-ray dose"),
    (_STORAGE + "88", "a structured report"),
    (_STORAGE + "9.1", "an ECG"),
    (_STORAGE + "9", "a recorded wave or sound"),
    (_STORAGE + "11", "a presentation of other images"),
    (_STORAGE + "66.1", "a registration of other images"),
    (_STORAGE + "66.4", "a segmentation of other images"),
    (_STORAGE + "66.7", "a segmentation of other images"),
    (_STORAGE + "66", "data about other images"),
    (_STORAGE + "67", "a map of values"),
    (_STORAGE + "30", "a map of computed values"),
    (_STORAGE + "4.2", "a spectrum"),
    (_STORAGE + "481.1", ""),
    (_STORAGE + "481.2", "a radiation dose"),
    (_STORAGE + "481", "a part of a radiotherapy plan"),
    (PDF_CLASS, ""),
    (_STORAGE + "104.2", "a document without pages (CDA)"),
    (_STORAGE + "104", "a model for printing"),
    (_STORAGE + "77.1.1.1", "a video"),
    (_STORAGE + "77.1.2.1", "a video"),
    (_STORAGE + "77.1.4.1", "a video"),
    (_STORAGE + "77.1.6", "a microscope's slide in tiles"),
)
# A CT whose slices are frames of one file, each with its place: as taken, and put together later.
_CT_FILES = (_STORAGE + "2.1", _STORAGE + "2.2")
# Modalities whose many pictures in one file are the slices of a volume.
VOLUMES = {"CT": "a CT", "MR": "an MR", "PT": "a PET"}


def sop_class(dataset: Dataset) -> str:
    """The UID that says what kind of object this is, or ""."""
    meta = getattr(dataset, "file_meta", None)
    return text(dataset, "SOPClassUID") or (text(meta, "MediaStorageSOPClassUID") if meta else "")


def no_film(uid: str) -> str:
    """What an object of this SOP class is where it is no picture ("a structured report"), or ""."""
    return next((words for start, words in NO_FILMS if is_of(uid, start)), "")


def is_ct_file(dataset: Dataset, *, pages: int) -> bool:
    """Whether its pictures are the slices of a CT, each with its place ("enhanced" CT)."""
    uid = sop_class(dataset)
    return pages > 1 and any(is_of(uid, start) for start in _CT_FILES)


def volume_of(dataset: Dataset, *, pages: int) -> str:
    """What this object is where its pictures are slices of a volume that is not drawn, or ""."""
    if is_ct_file(dataset, pages=pages):
        return ""
    name = VOLUMES.get(text(dataset, "Modality"))
    return f"{name} volume of {pages} slices" if name and pages > 1 else ""


def kind_of(dataset: Dataset) -> str:
    """What this object calls itself ("Computed Radiography Image"), or ""."""
    name = UID(sop_class(dataset)).name
    if name[:1].isalpha():
        return name.removesuffix(" Storage")
    modality = text(dataset, "Modality")
    return modality if modality.isalnum() and len(modality) <= 8 else ""


def is_of(uid: str, start: str) -> bool:
    """Whether a UID is that one, or lies below it."""
    return uid == start or uid.startswith(start + ".")
