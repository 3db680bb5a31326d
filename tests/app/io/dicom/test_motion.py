"""Which DICOM files move, when each of their frames is shown, and what is wrong with some."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import RLELossless

from app.io.dicom.header import header_of
from app.io.dicom.motion import is_cine, times_of
from app.io.open import read_study
from app.io.readers.moving import COLOUR
from domain.errors import UnreadableFile
from domain.image import FramesFrom, image_identity
from tests.app.io.dicom.makers import CAPTURE, LOSSLESS, dataset, film, phantom, saved

XA = "1.2.840.10008.5.1.4.1.1.12.1"
RF = "1.2.840.10008.5.1.4.1.1.12.2"
US = "1.2.840.10008.5.1.4.1.1.3.1"
TOMOSYNTHESIS = "1.2.840.10008.5.1.4.1.1.13.1.3"
DEEP = phantom()
FRAMES = np.stack([DEEP, DEEP[::-1], DEEP[:, ::-1], DEEP // 2])


def tags(**said: Any) -> Dataset:
    made = Dataset()
    for keyword, content in said.items():
        setattr(made, keyword, content)
    return made


@pytest.mark.parametrize("syntax", LOSSLESS, ids=lambda uid: uid.name)
def test_frames_in_time_are_one_study(tmp_path: Path, syntax: str) -> None:
    path = film(
        tmp_path / "film.dcm", FRAMES, syntax=syntax, SOPClassUID=XA, Modality="XA", FrameTime=40
    )
    study = read_study(path)
    cine = study.image.cine
    assert cine is not None
    np.testing.assert_array_equal(cine.frames, FRAMES)
    np.testing.assert_array_equal(study.image.pixels, DEEP)
    assert study.image.sha256 == image_identity(FRAMES)
    assert cine.made_from is FramesFrom.VIDEO
    assert cine.times_s == (0.0, 0.04, 0.08, 0.12)
    assert (study.page, study.pages) == (0, 1)
    assert "lossy" not in study.image.presentation.marks
    with pytest.raises(UnreadableFile, match="no page 2"):
        read_study(path, page=1)


@pytest.mark.parametrize(
    ("said", "moves"),
    [
        ({"SOPClassUID": XA, "Modality": "XA"}, True),
        ({"SOPClassUID": RF, "Modality": "RF"}, True),
        ({"SOPClassUID": US, "Modality": "US"}, True),
        ({"SOPClassUID": CAPTURE, "Modality": "OT", "FrameTime": 40}, True),
        ({"SOPClassUID": CAPTURE, "Modality": "OT", "FrameTimeVector": [0, 40, 40, 40]}, True),
        ({"SOPClassUID": CAPTURE, "Modality": "OT"}, False),
        ({"SOPClassUID": CAPTURE, "Modality": "OT", "FrameTime": 0}, False),
        ({"SOPClassUID": TOMOSYNTHESIS, "Modality": "MG", "FrameTime": 40}, False),
        ({"SOPClassUID": CAPTURE, "Modality": "CT", "FrameTime": 40}, False),
        ({"SOPClassUID": XA, "Modality": "XA", "BitsStored": 32}, False),
    ],
)
def test_slices_and_pages_do_not_move(said: dict[str, Any], moves: bool) -> None:
    assert is_cine(tags(**said), pages=4) is moves
    assert not is_cine(tags(**said), pages=1)


@pytest.mark.parametrize(
    ("said", "times_s", "mark"),
    [
        ({"FrameTime": 40}, (0.0, 0.04, 0.08, 0.12), ""),
        ({"FrameTimeVector": [0, 10, 30, 20]}, (0.0, 0.01, 0.04, 0.06), ""),
        ({"FrameTimeVector": [0, 10, 30, 20], "FrameTime": 40}, (0.0, 0.01, 0.04, 0.06), ""),
        ({"FrameTimeVector": [0, 10, 30], "FrameTime": 40}, (0.0, 0.04, 0.08, 0.12), "3 frame"),
        ({"FrameTimeVector": [0, 10, 30, 20, 20]}, (), "5 frame times for 4 frames: not used"),
        ({"FrameTimeVector": [0, 10, -30, 20], "FrameTime": 40}, (0.0, 0.04, 0.08, 0.12), "rise"),
        ({"CineRate": 25}, (0.0, 0.04, 0.08, 0.12), ""),
        ({"FrameTime": -40, "RecommendedDisplayFrameRate": 25}, (0.0, 0.04, 0.08, 0.12), ""),
        ({}, (), ""),
    ],
)
def test_times(said: dict[str, Any], times_s: tuple[float, ...], mark: str) -> None:
    found, marks = times_of(tags(**said), pages=4)
    assert found == pytest.approx(times_s)
    assert mark in " ".join(marks)
    assert bool(marks) == bool(mark)


def test_a_vector_of_the_wrong_length_is_said_on_the_film(tmp_path: Path) -> None:
    path = film(
        tmp_path / "film.dcm",
        FRAMES,
        SOPClassUID=XA,
        Modality="XA",
        FrameTime=40,
        FrameTimeVector=[0, 10],
    )
    image = read_study(path).image
    assert image.cine is not None
    assert image.cine.times_s == (0.0, 0.04, 0.08, 0.12)
    assert "2 frame times for 4 frames: not used" in image.presentation.marks


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", RLELossless])
@pytest.mark.parametrize("claimed", [1, 3, 5, 2_000_000_000])
def test_a_count_that_lies_is_refused(tmp_path: Path, syntax: str, claimed: int) -> None:
    made = dataset(FRAMES, SOPClassUID=XA, Modality="XA", FrameTime=40)
    path = saved(made, tmp_path / "film.dcm", syntax=syntax)
    made.NumberOfFrames = claimed
    made.save_as(path)
    with pytest.raises(UnreadableFile, match=f"claims {claimed} pictures, but holds 4"):
        read_study(path)


def test_colour_is_told(tmp_path: Path) -> None:
    colours = np.zeros((3, 8, 8, 3), np.uint8)
    colours[..., 0] = 200
    image = read_study(film(tmp_path / "a.dcm", colours, SOPClassUID=US, Modality="US")).image
    assert image.cine is not None
    assert int(image.cine.frames[2, 3, 3]) == 60
    assert COLOUR in image.presentation.marks
    colours[:] = 90
    grey = read_study(film(tmp_path / "b.dcm", colours, SOPClassUID=US, Modality="US")).image
    assert COLOUR not in grey.presentation.marks


def test_the_list_of_a_folder_counts_its_frames(tmp_path: Path) -> None:
    head = header_of(film(tmp_path / "film.dcm", FRAMES, SOPClassUID=XA, Modality="XA"))
    assert head["pages"] == 1
    assert "4 frames" in head["marks"]


def test_a_real_angiogram(shared_data: Path) -> None:
    path = shared_data / "dental_xray" / "fo-dicom-fo-dicom" / "HasFragmentSequence.dcm"
    study = read_study(path)
    cine = study.image.cine
    assert cine is not None
    assert cine.frames.shape == (96, 512, 512)
    assert cine.times_s[1] == pytest.approx(0.033)
    assert cine.times_s[-1] == pytest.approx(95 * 0.033)
    assert study.pages == 1
    assert len({frame.tobytes() for frame in cine.frames}) > 90
