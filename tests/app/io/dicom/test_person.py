"""Films of one person find each other, and nobody else's."""

from __future__ import annotations

import pytest

from app.io.dicom.person import person_of, taken_on
from tests.app.io.dicom.makers import dataset


def test_one_number_of_one_issuer_is_one_person() -> None:
    one = dataset(PatientID=" X1 ", IssuerOfPatientID="A", PatientName="Doe^Jane")
    same = dataset(PatientID="X1", IssuerOfPatientID="A", PatientName="Doe^J", PatientSex="F")
    other = dataset(PatientID="X1", IssuerOfPatientID="B", PatientName="Doe^Jane")
    assert person_of(one) == person_of(same) != person_of(other)


def test_without_a_number_name_and_birth_date_count_together() -> None:
    one = dataset(PatientName="Doe^Jane^^", PatientBirthDate="19700102")
    same = dataset(PatientName="DOE^JANE", PatientBirthDate="1970.01.02", PatientID="")
    twin = dataset(PatientName="Doe^Jim", PatientBirthDate="19700102")
    assert person_of(one) == person_of(same) != person_of(twin)


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"PatientName": "Doe^Jane"},
        {"PatientBirthDate": "19700102"},
        {"PatientID": "ANONYMOUS"},
        {"PatientID": "0", "PatientName": "Anonymous", "PatientBirthDate": "19700101"},
    ],
)
def test_nobody_is_nobody(tags: dict[str, str]) -> None:
    assert person_of(dataset(**tags)) == ""


@pytest.mark.parametrize(
    ("tags", "day"),
    [
        ({"StudyDate": "20240229"}, "2024-02-29"),
        ({"StudyDate": "20240301", "AcquisitionDate": "20240229"}, "2024-02-29"),
        ({"AcquisitionDateTime": "20240229101112.5"}, "2024-02-29"),
        ({"AcquisitionDate": "20239999", "StudyDate": "20240229"}, "2024-02-29"),
        ({"StudyDate": "1999.12.31"}, "1999-12-31"),
        ({"StudyDate": ""}, ""),
        ({}, ""),
    ],
)
def test_the_day_of_the_picture(tags: dict[str, str], day: str) -> None:
    assert taken_on(dataset(**tags)) == day
