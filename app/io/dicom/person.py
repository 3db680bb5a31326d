"""Whose picture it is, as a digest alone: the same for files of one person, and no name in it."""

from __future__ import annotations

import hashlib

from pydicom.dataset import Dataset

from app.io.dicom.values import first_date, text

# What stands in place of a number where nobody is meant; such films are not of one person.
NOBODY = {
    "", "0", "anon", "anonym", "anonymous", "anonymized", "anonymised", "none", "unknown", "na",
    "n/a", "test", "noid", "no id",
}  # fmt: skip
TAKEN = ["AcquisitionDate", "AcquisitionDateTime", "StudyDate", "SeriesDate", "ContentDate"]


def person_of(dataset: Dataset) -> str:
    """sha256 of issuer and number, else of name and date of birth; "" where neither is there."""
    number = text(dataset, "PatientID")
    if number.casefold() not in NOBODY:
        return _digest("id", text(dataset, "IssuerOfPatientID"), number)
    name = text(dataset, "PatientName").partition("=")[0].rstrip("^ ").casefold()
    born = first_date(dataset, ["PatientBirthDate"])
    if name in NOBODY or not born:
        return ""
    return _digest("name", name, born)


def taken_on(dataset: Dataset) -> str:
    """The date of the picture as YYYY-MM-DD, or ""."""
    return first_date(dataset, TAKEN)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()
