"""Folders that are one study, and folders of films that are not."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow

from app.io.decoder import decode_in_child
from app.io.open import barren, expand, read_study
from app.io.readers.folders import is_frames_folder, pex_study
from app.io.readers.frames_folder import read_frames
from domain.errors import UnreadableFile
from domain.image import Cine, FramesFrom, image_identity
from tests.app.io.dicom.makers import film
from tests.app.io.videos import moving

FRAMES = moving()


def folder_of(folder: Path, names: list[str], frames: list[NDArray] | None = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in zip(names, frames or FRAMES, strict=False):
        Pillow.fromarray(frame).save(folder / name)
    return folder


def cine_of(folder: Path) -> Cine:
    cine = read_study(folder).image.cine
    assert cine is not None
    return cine


def refusal(folder: Path) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        read_study(folder)
    assert f"“{folder.name}”" in caught.value.what
    assert caught.value.why.endswith(".")
    assert caught.value.remedy.endswith(".")
    return caught.value


ONE = [
    [f"frame_{number:04}.png" for number in range(4)],
    [f"Frame {number}.PNG" for number in (8, 9, 10, 11)],
    [f"video 3 frame-{number}.png" for number in range(7, 11)],
    [f"cine{number}.tif" for number in range(3)],
    [f"frame_{number}_grey.png" for number in (1, 2, 4)],
    [f"frame{number:03}.jpg" for number in (0, 10, 20)],
]
MANY = [
    ["1.png", "2.png", "3.png", "4.png"],
    [f"{number:04}.png" for number in range(12)],
    ["IMG_0001.jpg", "IMG_0002.jpg", "IMG_0003.jpg"],
    ["film 1.png", "film 2.png", "film 3.png"],
    ["kauh-001.png", "kauh-002.png", "kauh-003.png"],
    ["frame_1.png", "frame_2.png"],
    ["frame_1.png", "frame_2.png", "film_3.png"],
    ["frame_1.png", "frame_2.png", "frame_3.jpg"],
    ["frame_1.png", "frame_01.png", "frame_2.png"],
    ["frame_a.png", "frame_b.png", "frame_c.png"],
    ["frame_1_of_3.png", "frame_2_of_4.png", "frame_3_of_5.png"],
    ["picture frame 1.png", "wall 2.png", "door 3.png"],
]


@pytest.mark.parametrize("names", ONE, ids=lambda names: names[0])
def test_numbered_frames_are_one_study(tmp_path: Path, names: list[str]) -> None:
    folder = folder_of(tmp_path / "clip", names)
    assert expand([tmp_path]) == (folder,)
    assert expand([folder]) == (folder,)
    assert barren([folder], expand([folder])) == ()
    assert len(cine_of(folder)) >= 3


@pytest.mark.parametrize("names", MANY, ids=lambda names: names[0])
def test_films_of_many_stay_many(tmp_path: Path, names: list[str]) -> None:
    folder = folder_of(tmp_path / "films", names)
    assert not is_frames_folder(folder)
    assert {path.name for path in expand([tmp_path])} == set(names)


def test_frames_beside_films_stay_films(tmp_path: Path) -> None:
    """A folder that holds more than frames would lose the rest of it; notes are no films."""
    names = ["frame_1.png", "frame_2.png", "frame_3.png"]
    with_text = folder_of(tmp_path / "a", names)
    (with_text / "notes.txt").write_text("how it was made")
    with_folder = folder_of(tmp_path / "b", names)
    folder_of(with_folder / "more", ["1.png"])
    with_film = folder_of(tmp_path / "c", names)
    film(with_film / "IM0001", FRAMES[0])
    assert expand([with_text]) == (with_text,)
    assert len(expand([with_folder])) == 4
    assert len(expand([with_film])) == 4


def test_the_real_films_stay_films(shared_data: Path) -> None:
    for folder in (shared_data / "spine_open", shared_data / "spine"):
        assert all(path.is_file() for path in expand([folder]))


def test_frames_come_in_natural_order(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "clip", [f"frame {number}.png" for number in range(1, 13)])
    (folder / ".hidden.png").write_bytes(b"")
    study = read_study(folder)
    cine = study.image.cine
    assert cine is not None
    np.testing.assert_array_equal(cine.frames, FRAMES)
    assert (cine.made_from, cine.times_s, cine.missing) == (FramesFrom.FOLDER, (), ())
    assert (study.name, study.path, study.pages) == ("clip", str(folder), 1)
    assert study.image.sha256 == image_identity(np.stack(FRAMES))
    there = decode_in_child(folder)
    assert there.image.sha256 == study.image.sha256
    assert there.image.cine is not None
    np.testing.assert_array_equal(there.image.cine.frames, FRAMES)


def test_a_folder_that_might_be_films_is_read_as_one_where_it_is_asked_for(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "clip", [f"{number}.png" for number in range(8, 12)])
    np.testing.assert_array_equal(cine_of(folder).frames, FRAMES[:4])
    assert len(expand([folder])) == 4
    assert expand([folder, folder], as_one=True) == (folder,)
    two = folder_of(tmp_path / "two", ["b.png", "a.png"])
    np.testing.assert_array_equal(cine_of(two).frames, [FRAMES[1], FRAMES[0]])


def test_missing_numbers_are_black_and_told(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "clip", [f"frame_{number}.png" for number in (5, 6, 8, 11)])
    image = read_study(folder).image
    cine = image.cine
    assert cine is not None
    assert cine.missing == (2, 4, 5)
    assert [int(frame.max()) for frame in cine.frames] == [250, 250, 0, 250, 0, 0, 250]
    assert "3 frames missing, shown black" in image.presentation.marks


def test_every_tenth_number_misses_nothing(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "clip", [f"frame_{number}.png" for number in (0, 10, 30, 40)])
    assert cine_of(folder).missing == (2,)


def test_more_gaps_than_frames_are_refused(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "clip", ["frame_1.png", "frame_2.png", "frame_2000000.png"])
    assert "2000000 numbers" in refusal(folder).why


def test_mixed_sizes_are_refused(tmp_path: Path) -> None:
    frames = [FRAMES[0], FRAMES[1], FRAMES[2][:-1]]
    folder = folder_of(tmp_path / "clip", ["frame_1.png", "frame_2.png", "frame_3.png"], frames)
    error = refusal(folder)
    assert "64 × 48 and 64 × 47" in error.why
    deep = [FRAMES[0], FRAMES[1].astype(np.uint16)]
    other = folder_of(tmp_path / "deep", ["frame_1.png", "frame_2.png"], deep)
    assert "bits" in refusal(other).why


def test_a_damaged_frame_is_named(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "clip", ["frame_1.png", "frame_2.png", "frame_3.png"])
    content = (folder / "frame_2.png").read_bytes()
    (folder / "frame_2.png").write_bytes(content[: len(content) // 2])
    assert "frame_2.png" in refusal(folder).why


def test_pages_inside_a_frame_are_refused(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "clip", ["frame_1.tif", "frame_2.tif"])
    pages = [Pillow.fromarray(frame) for frame in FRAMES[:2]]
    pages[0].save(folder / "frame_3.tif", save_all=True, append_images=pages[1:])
    assert "holds 2 pictures" in refusal(folder).why


def test_a_folder_with_nothing_to_read(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "no pictures" in refusal(tmp_path / "empty").why
    assert "one picture" in refusal(folder_of(tmp_path / "one", ["frame_1.png"])).why
    text = tmp_path / "text"
    text.mkdir()
    (text / "a.txt").write_text("no film")
    assert "no CT" in refusal(text).why
    with pytest.raises(UnreadableFile, match="no pictures"):
        read_frames(tmp_path / "gone")


# -- the published layout


def jaw(number: int) -> NDArray[np.uint8]:
    """Smooth, brighter at the top left, another for each number."""
    picture = np.tile(np.linspace(20, 120, 200).astype(np.uint8), (150, 1))
    picture[:60, :80] = 130 + 3 * number
    return picture


def pex(study: Path, *, without: tuple[str, ...] = ()) -> Path:
    for side in (0, 1):
        for angle in range(16):
            path = study / "middle" / f"{side}_{angle}-drr.tif"
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.name not in without:
                Pillow.fromarray(jaw(16 * side + angle)).save(path)
    return study


def test_the_published_layout_is_sixteen_frames(tmp_path: Path) -> None:
    study = read_study(pex(tmp_path / "A12"))
    cine = study.image.cine
    assert cine is not None
    assert cine.frames.shape == (16, 240, 160)
    assert cine.frames.dtype == np.uint8
    assert (cine.made_from, cine.missing, study.name) == (FramesFrom.PEX, (), "A12")
    for angle in range(16):
        upper, lower = (
            cv2.resize(jaw(number), (160, 120), interpolation=cv2.INTER_LINEAR)
            for number in (16 + angle, angle)
        )
        np.testing.assert_array_equal(cine.frames[angle, :120], upper[::-1])
        np.testing.assert_array_equal(cine.frames[angle, 120:], lower)


def test_a_jaw_that_is_not_there_is_black_and_told(tmp_path: Path) -> None:
    study = pex(tmp_path / "A12", without=("1_3-drr.tif", "0_3-drr.tif", "0_15-drr.tif"))
    image = read_study(study).image
    cine = image.cine
    assert cine is not None
    assert cine.missing == (3, 15)
    assert not cine.frames[3].any()
    assert not cine.frames[15, 120:].any()
    assert cine.frames[15, :120].any()
    assert "2 frames missing, shown black" in image.presentation.marks


def test_a_folder_of_studies_becomes_many(tmp_path: Path) -> None:
    root = tmp_path / "PeX-ray"
    studies = tuple(pex(root / name) for name in ("2", "A1", "A10"))
    (root / "PeX_info.csv").write_text("FileName,PatientID\n")
    assert expand([root]) == studies
    assert expand([tmp_path]) == studies
    assert expand([studies[0] / "middle"]) == (studies[0],)
    assert read_study(studies[0] / "middle").path == str(studies[0])
    assert pex_study(root) is None


def test_pictures_of_sixteen_bits_and_other_sizes_are_made_alike(tmp_path: Path) -> None:
    study = pex(tmp_path / "A12")
    deep = jaw(0).astype(np.uint16) * 256
    Pillow.fromarray(deep).save(study / "middle" / "0_0-drr.tif")
    Pillow.fromarray(jaw(1)[::2, ::2].copy()).save(study / "middle" / "0_1-drr.tif")
    other = cine_of(pex(tmp_path / "B"))
    cine = cine_of(study)
    np.testing.assert_array_equal(cine.frames[0], other.frames[0])
    assert np.median(np.abs(cine.frames[1].astype(int) - other.frames[1])) <= 1


def test_a_damaged_jaw_is_named(tmp_path: Path) -> None:
    study = pex(tmp_path / "A12")
    (study / "middle" / "1_4-drr.tif").write_bytes(b"II*\0 broken")
    assert "1_4-drr.tif" in refusal(study).why
