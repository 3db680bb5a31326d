"""A folder or DICOMDIR as patients, studies, series and images."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian

from app.io.child import Head, _answered
from app.io.dicom_headers import Headers, answer_of
from app.io.dicom_index import DicomIndex, Listener, read_index
from app.io.open import expand
from domain.errors import UnreadableFile
from tests.app.io.dicom.makers import CAPTURE, dataset, film, item, phantom, saved, sequence

PIXELS = phantom(kind=np.uint8)
DIRECTORY = "1.2.840.10008.1.3.10"


class HereAndNow:
    """Answers as the child does, but in this process, for tests of what becomes of the answers."""

    def ask(self, question: str, **_: object) -> tuple[Head, bytes]:
        head, body = _answered(question, answer_of)
        return json.loads(json.dumps(head)), body


def listed(place: Path, **listener: Listener) -> DicomIndex:
    headers = Headers()
    headers._child = HereAndNow()
    return read_index(place, headers, **listener)


def outline(index: DicomIndex) -> list[object]:
    return [
        (
            patient.name,
            [
                (study.date, [[image.path.name for image in one.images] for one in study.series])
                for study in patient.studies
            ],
        )
        for patient in index.patients
    ]


def write_study(
    folder: Path, *, name: str, number: str, date: str, series: int, images: int
) -> None:
    for one in range(images):
        film(
            folder / f"{name}-{date}-{series}-{one}",
            PIXELS,
            PatientName=name,
            PatientID=number,
            StudyDate=date,
            StudyInstanceUID=f"1.2.{number}.{date}",
            SeriesInstanceUID=f"1.2.{number}.{date}.{series}",
            SeriesNumber=series,
            InstanceNumber=images - one,
            ViewPosition="AP",
        )


def write_directory(path: Path, *names: list[str], active: int = 0xFFFF) -> Path:
    records = [
        item(DirectoryRecordType="IMAGE", ReferencedFileID=name, RecordInUseFlag=active)
        for name in names
    ]
    made = Dataset()
    made.file_meta = dataset().file_meta
    made.SOPClassUID, made.DirectoryRecordSequence = DIRECTORY, sequence(*records)
    return saved(made, path, syntax=ExplicitVRLittleEndian)


def test_patients_studies_series_and_images_in_order(tmp_path: Path) -> None:
    write_study(tmp_path, name="Roe^Ann", number="2", date="20230101", series=1, images=1)
    write_study(tmp_path / "b", name="Doe^Jane", number="1", date="20220101", series=2, images=2)
    write_study(tmp_path / "b", name="Doe^Jane", number="1", date="20240101", series=10, images=1)
    write_study(tmp_path / "c", name="Doe^Jane", number="1", date="20220101", series=1, images=1)
    (tmp_path / "notes.txt").write_text("no film")
    index = listed(tmp_path)
    assert outline(index) == [
        (
            "Doe Jane",
            [
                ("2024-01-01", [["Doe^Jane-20240101-10-0"]]),
                (
                    "2022-01-01",
                    [
                        ["Doe^Jane-20220101-1-0"],
                        ["Doe^Jane-20220101-2-1", "Doe^Jane-20220101-2-0"],
                    ],
                ),
            ],
        ),
        ("Roe Ann", [("2023-01-01", [["Roe^Ann-20230101-1-0"]])]),
    ]
    assert index.others == 1
    assert index.complete
    assert not index.troubles
    image = index.images[0]
    assert (image.size, image.pages, image.marks, image.refusal) == ((80, 64), 1, ("AP",), "")


def test_people_of_one_name_are_two_where_their_numbers_differ(tmp_path: Path) -> None:
    for number in ("1", "2"):
        write_study(
            tmp_path / number, name="Doe^Jane", number=number, date="20240101", series=1, images=1
        )
    assert [patient.number for patient in listed(tmp_path).patients] == ["1", "2"]


def test_names_in_their_own_script(tmp_path: Path) -> None:
    film(tmp_path / "film", PIXELS, SpecificCharacterSet="ISO_IR 192", PatientName="山田^太郎")
    film(tmp_path / "other", PIXELS, SpecificCharacterSet="NONSENSE", PatientName="Doe")
    assert {patient.name for patient in listed(tmp_path).patients} == {"山田 太郎", "Doe"}


def test_reports_and_volumes_are_listed_as_what_they_are(tmp_path: Path) -> None:
    saved(dataset(SOPClassUID="1.2.840.10008.5.1.4.1.1.88.11", Modality="SR"), tmp_path / "a")
    ct = {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.2.1", "Modality": "CT"}
    film(tmp_path / "b", np.stack([PIXELS] * 4), **ct | {"SOPClassUID": CAPTURE})
    film(tmp_path / "c", np.stack([PIXELS] * 2), SOPClassUID=CAPTURE)
    film(tmp_path / "d", np.stack([PIXELS] * 4), **ct)  # each slice with its place: is drawn
    index = listed(tmp_path)
    found = {image.path.name: (image.refusal, image.pages) for image in index.images}
    assert found == {
        "a": ("a structured report", 1),
        "b": ("a CT volume of 4 slices", 4),
        "c": ("", 2),
        "d": ("", 1),
    }
    series = [
        one for patient in index.patients for study in patient.studies for one in study.series
    ]
    assert sum(len(one.films) for one in series) == 2
    assert [image.marks for image in index.images if image.path.name == "d"] == [("4 slices",)]


def test_damaged_files_do_not_stop_the_rest(tmp_path: Path) -> None:
    whole = film(tmp_path / "a", PIXELS).read_bytes()
    (tmp_path / "b").write_bytes(whole[:200])
    (tmp_path / "c").write_bytes(bytes(128) + b"DICM" + b"\xff" * 64)
    found = {image.path.name: image.refusal for image in listed(tmp_path).images}
    assert found["a"] == ""
    assert "cut short" in found["b"]
    assert "cut short" in found["c"]


def test_nothing_of_pixels_is_needed(tmp_path: Path) -> None:
    path = film(tmp_path / "a", PIXELS)
    path.write_bytes(path.read_bytes()[: -PIXELS.size // 2])
    assert [image.size for image in listed(tmp_path).images] == [(80, 64)]


def test_a_dicomdir_lists_what_it_refers_to(tmp_path: Path) -> None:
    film(tmp_path / "IMAGES" / "IM1", PIXELS)
    film(tmp_path / "IMAGES" / "IM2", PIXELS)
    film(tmp_path / "IMAGES" / "NOT_LISTED", PIXELS)
    place = write_directory(
        tmp_path / "DICOMDIR", ["IMAGES", "IM1"], ["images", "im2"], ["IMAGES", "GONE"]
    )
    index = listed(place)
    assert sorted(image.path.name for image in index.images) == ["IM1", "IM2"]
    assert [trouble.path for trouble in index.troubles] == [tmp_path / "IMAGES" / "GONE"]
    assert "not there" in index.troubles[0].why
    assert [path.name for path in expand([place])] == ["IM1", "IM2"]


def test_a_folder_reports_the_broken_references_of_its_dicomdir(tmp_path: Path) -> None:
    film(tmp_path / "IM1", PIXELS)
    write_directory(tmp_path / "DICOMDIR", ["IM1"], ["GONE"])
    index = listed(tmp_path)
    assert [image.path.name for image in index.images] == ["IM1"]
    assert [trouble.path.name for trouble in index.troubles] == ["GONE"]


@pytest.mark.parametrize("name", [["..", "secret"], ["C:", "secret"], ["", ""]])
def test_a_dicomdir_leads_nowhere_but_down(tmp_path: Path, name: list[str]) -> None:
    film(tmp_path / "secret", PIXELS)
    place = write_directory(tmp_path / "disc" / "DICOMDIR", name)
    assert not listed(place).images


def test_records_out_of_use_are_passed_over(tmp_path: Path) -> None:
    film(tmp_path / "IM1", PIXELS)
    place = write_directory(tmp_path / "DICOMDIR", ["IM1"], active=0)
    assert not listed(place).images


def test_what_is_neither_folder_nor_dicomdir_is_refused(tmp_path: Path) -> None:
    (tmp_path / "DICOMDIR").write_text("no directory")
    for place in (tmp_path / "DICOMDIR", tmp_path / "gone", film(tmp_path / "film", PIXELS)):
        with pytest.raises(UnreadableFile):
            listed(place)


def test_progress_is_told_and_cancel_keeps_what_was_found(tmp_path: Path) -> None:
    for number in range(5):
        film(tmp_path / f"IM{number}", PIXELS)
    told: list[tuple[int, int]] = []
    parts: list[int] = []

    def progress(done: int, total: int) -> None:
        told.append((done, total))

    def partly(index: DicomIndex) -> None:
        assert not index.complete
        parts.append(len(index.images))

    listed(tmp_path, listener=Listener(progress, partly, every_s=0.0))
    assert told == [(done, 5) for done in range(6)]
    assert parts == [1, 2, 3, 4, 5]
    told.clear()
    index = listed(tmp_path, listener=Listener(progress, is_cancelled=lambda: len(told) == 3))
    assert len(index.images) == 2
    assert not index.complete


def answer_with_mischief(question: str) -> tuple[dict[str, object], bytes]:
    """Does what the file's name asks for; runs in the child."""
    name = question.rpartition("/")[2]
    if name == "crash":
        os._exit(11)
    if name == "zz":
        time.sleep(600)
    if name == "bug":
        msg = "a reader's own fault"
        raise RuntimeError(msg)
    if name == "lie":
        return {"patient": [1, 2]}, b""
    return answer_of(question)


@pytest.mark.parametrize(
    ("name", "why"),
    [("crash", "crashed"), ("zz", "longer than 1 s"), ("bug", "crashed"), ("lie", "no sense")],
)
def test_a_file_that_costs_its_reader_is_lost_alone_and_named(
    tmp_path: Path, name: str, why: str
) -> None:
    for one in ("a", name, "z"):
        film(tmp_path / one, PIXELS)
    with Headers(answer=answer_with_mischief) as mischief:
        if name == "zz":  # the last one: no new child has to stand within a second
            mischief.header(tmp_path / "a")
            mischief._child._time_limit_s = 1.0
        index = read_index(tmp_path, mischief)
    assert [image.path.name for image in index.images] == ["a", "z"]
    assert [trouble.path.name for trouble in index.troubles] == [name]
    assert str(index.troubles[0]).startswith(f"“{name}”: ")
    assert why in str(index.troubles[0])
    assert index.complete


def test_cancelling_does_not_wait_for_a_file_that_hangs(tmp_path: Path) -> None:
    film(tmp_path / "zz", PIXELS)
    with Headers(answer=answer_with_mischief) as mischief:
        asked: list[None] = []

        def is_cancelled() -> bool:
            asked.append(None)
            return len(asked) > 2

        index = read_index(tmp_path, mischief, listener=Listener(is_cancelled=is_cancelled))
    assert not index.complete
    assert index.images == ()


def test_a_child_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "DICOMDIR").write_bytes(b"asked of a child that lies")
    with (
        Headers(answer=lead_astray) as astray,
        pytest.raises(UnreadableFile, match="no sense"),
    ):
        astray.names(tmp_path / "DICOMDIR")


def lead_astray(_question: str) -> tuple[dict[str, object], bytes]:
    """Runs in the child."""
    return {"names": [["images"], ["..", "secret"]]}, b""


def test_this_process_parses_nothing(tmp_path: Path, project_root: Path) -> None:
    film(tmp_path / "films" / "a", PIXELS)
    write_directory(tmp_path / "films" / "DICOMDIR", ["a"])
    script = tmp_path / "list.py"
    script.write_text(
        "import sys\n"
        "from pathlib import Path\n"
        "from app.io.dicom_headers import Headers\n"
        "from app.io.dicom_index import read_index\n"
        "from app.io.open import expand\n"
        "if __name__ == '__main__':\n"
        f"    folder = Path({str(tmp_path / 'films')!r})\n"
        "    with Headers() as headers:\n"
        "        print(len(read_index(folder, headers).images))\n"
        "    print(len(expand([folder / 'DICOMDIR'])), 'pydicom' in sys.modules)\n"
    )
    surrounding = os.environ | {"PYTHONPATH": str(project_root)}
    said = subprocess.check_output([sys.executable, str(script)], text=True, env=surrounding)
    assert said.split() == ["1", "1", "False"]


def test_an_empty_folder_is_an_empty_list(tmp_path: Path) -> None:
    assert listed(tmp_path) == DicomIndex()
