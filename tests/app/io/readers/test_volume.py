"""CT volumes open as radiographs, however they lie in their file; what is no CT is refused."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from app.io.decoder import decode_in_child
from app.io.open import expand, read_study
from app.io.readers.volume import ASSUMED, DRAWN
from domain.errors import UnreadableFile
from domain.image import FramesFrom, Image
from tests.app.io.dicom.makers import film, item, sequence

CT = "1.2.840.10008.5.1.4.1.1.2"


def head(shape: tuple[int, int, int] = (24, 30, 18)) -> NDArray[np.int16]:
    """(right, front, head) Hounsfield units, alike in no direction."""
    values = np.full(shape, -1000, np.int16)
    values[4:-4, 5:-5, 2:-2] = 40
    values[6:10, 18:22, 4:12] = 1500
    values[14:16, 8:20, 6:8] = 2500
    return values


def nifti(path: Path, values: NDArray[Any], affine: NDArray[Any] | None = None) -> Path:
    nib.save(nib.Nifti1Image(values, np.diag([2.0, 2, 3, 1]) if affine is None else affine), path)
    return path


def series(folder: Path, values: NDArray[np.int16], **tags: Any) -> Path:
    """Axial slices, their names against their order in space."""
    uid = tags.pop("SeriesInstanceUID", "1.2.3")
    for z in range(values.shape[2]):
        # DICOM's rows run to the back, its columns to the patient's left.
        plane = np.ascontiguousarray(values[::-1, ::-1, z].T) + 1024
        film(
            folder / f"{values.shape[2] - z:02}.dcm",
            plane.astype(np.uint16),
            SOPClassUID=CT,
            Modality="CT",
            SeriesInstanceUID=uid,
            RescaleSlope=1,
            RescaleIntercept=-1024,
            PixelSpacing=[2, 2],
            ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
            ImagePositionPatient=[0, 0, 3 * z],
            **tags,
        )
    return folder


def refusal(path: Path) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        read_study(path)
    assert f"“{path.name}”" in caught.value.what
    assert caught.value.why.endswith(".")
    assert caught.value.remedy.endswith(".")
    return caught.value


def image_of(path: Path) -> Image:
    image = read_study(path).image
    assert image.cine is not None
    return image


def test_a_nifti_is_sixteen_radiographs(tmp_path: Path) -> None:
    path = nifti(tmp_path / "jaw.nii.gz", head())
    study = read_study(path)
    cine = study.image.cine
    assert cine is not None
    assert len(cine) == 16
    assert cine.made_from is FramesFrom.VOLUME
    assert DRAWN in study.image.presentation.marks
    assert not study.image.synthetic
    assert study.image.grid.spacing_mm == (2.0, 2.0)
    assert (study.name, study.path, study.pages) == ("jaw", str(path), 1)
    there = decode_in_child(path)
    assert there.image.sha256 == study.image.sha256
    assert expand([tmp_path]) == (path,)


@pytest.mark.parametrize("kind", [np.int16, np.int32, np.float32, np.float64])
@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz", "named otherwise.png"])
def test_kinds_and_packings_are_alike(tmp_path: Path, kind: type, name: str) -> None:
    wanted = image_of(nifti(tmp_path / "wanted.nii", head())).sha256
    path = nifti(tmp_path / "a.nii.gz", head().astype(kind))
    content = gzip.decompress(path.read_bytes())
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    assert image_of(tmp_path / name).sha256 == wanted


@pytest.mark.parametrize("codes", ["RAS", "LPS", "LAS", "SPL", "AIR"])
def test_however_the_axes_lie(tmp_path: Path, codes: str) -> None:
    plain = nib.Nifti1Image(head(), np.diag([2.0, 2, 3, 1]))
    wanted = nib.orientations.axcodes2ornt(codes)
    turned = plain.as_reoriented(
        nib.orientations.ornt_transform(nib.orientations.axcodes2ornt("RAS"), wanted)
    )
    assert "".join(nib.aff2axcodes(turned.affine)) == codes
    nib.save(turned, tmp_path / "a.nii")
    assert image_of(tmp_path / "a.nii").sha256 == image_of(nifti(tmp_path / "b.nii", head())).sha256


def test_an_orientation_that_nobody_recorded_is_said(tmp_path: Path) -> None:
    assert ASSUMED not in image_of(nifti(tmp_path / "a.nii", head())).presentation.marks
    plain = nib.Nifti1Image(head(), None)
    nib.save(plain, tmp_path / "b.nii")
    assert ASSUMED in image_of(tmp_path / "b.nii").presentation.marks


def test_a_folder_of_slices_is_the_same_volume(tmp_path: Path) -> None:
    folder = series(tmp_path / "ct", head(), PatientID="X1", StudyDate="20240229")
    study = read_study(folder)
    assert study.image.sha256 == image_of(nifti(tmp_path / "a.nii", head())).sha256
    assert (study.name, study.path, study.taken) == ("ct", str(folder), "2024-02-29")
    assert len(study.person) == 64
    assert "X1" not in repr(study.image.presentation)


def test_slices_are_still_films_where_nobody_asks_for_a_volume(tmp_path: Path) -> None:
    folder = series(tmp_path / "ct", head())
    assert len(expand([folder])) == 18
    assert read_study(folder / "03.dcm").image.cine is None


def test_a_slice_that_is_missing_is_said(tmp_path: Path) -> None:
    folder = series(tmp_path / "ct", head())
    (folder / "07.dcm").unlink()
    assert "in 1 place" in refusal(folder).why


def test_slices_of_two_times_are_refused(tmp_path: Path) -> None:
    folder = series(tmp_path / "ct", head())
    for path in sorted(folder.iterdir()):
        (folder / f"again {path.name}").write_bytes(path.read_bytes())
    assert "at one place" in refusal(folder).why


def test_of_two_series_the_longer_is_taken_and_told(tmp_path: Path) -> None:
    folder = series(tmp_path / "ct", head())
    series(tmp_path / "more", head()[:, :, :9], SeriesInstanceUID="1.2.4")
    for path in (tmp_path / "more").iterdir():
        path.rename(folder / f"more {path.name}")
    image = image_of(folder)
    assert "one of 2 series in the folder" in image.presentation.marks
    assert image.sha256 == image_of(nifti(tmp_path / "a.nii", head())).sha256


def test_too_many_voxels_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.io.dicom.planes.MOST_VOXELS", 24 * 30 * 18 - 1)
    assert "24 × 30 × 18 voxels" in refusal(series(tmp_path / "ct", head())).why


def test_a_few_slices_are_no_volume(tmp_path: Path) -> None:
    assert "3 slices" in refusal(series(tmp_path / "ct", head()[:, :, :3])).why


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
@pytest.mark.parametrize("share", range(1, 20, 2))
def test_a_volume_cut_short_is_refused(tmp_path: Path, name: str, share: int) -> None:
    noise = np.random.default_rng(1).integers(-1000, 2000, (12, 12, 12)).astype(np.int16)
    path = nifti(tmp_path / name, noise)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * share // 20])
    refusal(path)


@pytest.mark.parametrize(
    ("values", "word"),
    [
        (np.arange(1000).reshape(10, 10, 10).astype(np.int16), "no CT"),
        (np.zeros((10, 10, 10), np.uint8), "no CT"),
        (np.full((10, 10, 10), np.nan, np.float32), "no CT"),
        (np.full((10, 10, 10), -1000, np.int16), "no CT"),
        (np.zeros((10, 10), np.int16), "no volume"),
        (np.zeros((10, 10, 10, 3), np.int16), "no volume"),
        (np.zeros((10, 10, 2), np.int16), "no volume"),
        (np.zeros((10, 10, 10), np.complex64), "no volume"),
    ],
    ids=str,
)
def test_what_is_no_ct_is_said(tmp_path: Path, values: NDArray[Any], word: str) -> None:
    assert word in refusal(nifti(tmp_path / "a.nii", values)).why


def test_a_claim_beyond_all_memory_is_refused(tmp_path: Path) -> None:
    path = nifti(tmp_path / "a.nii", head())
    content = bytearray(path.read_bytes())
    content[42:48] = np.array([30_000] * 3, np.int16).tobytes()
    path.write_bytes(bytes(content))
    assert "30000 × 30000 × 30000 voxels" in refusal(path).why


def test_a_header_without_directions_is_refused(tmp_path: Path) -> None:
    path = nifti(tmp_path / "a.nii", head())
    content = path.read_bytes()
    path.write_bytes(content[:280] + bytes(48) + content[328:])
    assert "header makes no sense" in refusal(path).why


@pytest.mark.parametrize("place", ["totalsegmentator/example_ct.nii.gz", "dash_vtk/ct_lung"])
def test_real_volumes(shared_data: Path, place: str) -> None:
    image = image_of(shared_data / "ct" / place)
    assert image.cine is not None
    front = image.cine.frames[8].astype(float)
    assert front.std() > 2000
    assert min(image.shape) > 100
    seg = shared_data / "ct" / "totalsegmentator" / "example_seg.nii.gz"
    assert "no CT" in refusal(seg).why


def enhanced(path: Path, values: NDArray[np.int16], *, shuffled: bool = False) -> Path:
    """One file, its frames with their own places and scales, in any order."""
    count = values.shape[2]
    order = np.random.default_rng(3).permutation(count) if shuffled else range(count)
    planes = [np.ascontiguousarray(values[::-1, ::-1, z].T) for z in order]
    per_frame = [
        item(
            PlanePositionSequence=sequence(item(ImagePositionPatient=[0, 0, 3 * int(z)])),
            PixelValueTransformationSequence=sequence(
                item(RescaleSlope=1 + int(z) % 2, RescaleIntercept=-1024)
            ),
        )
        for z in order
    ]
    stored = [(plane + 1024) // (1 + int(z) % 2) for plane, z in zip(planes, order, strict=True)]
    shared = item(
        PlaneOrientationSequence=sequence(item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])),
        PixelMeasuresSequence=sequence(item(PixelSpacing=[2, 2])),
    )
    return film(
        path,
        np.stack(stored).astype(np.uint16),
        SOPClassUID=CT + ".1",
        Modality="CT",
        PatientID="X1",
        StudyDate="20240229",
        SharedFunctionalGroupsSequence=sequence(shared),
        PerFrameFunctionalGroupsSequence=sequence(*per_frame),
    )


def even(shape: tuple[int, int, int] = (24, 30, 18)) -> NDArray[np.int16]:
    """Numbers that halve without a rest once 1024 is added."""
    return np.asarray(head(shape) // 2 * 2, np.int16)


@pytest.mark.parametrize("shuffled", [False, True])
def test_a_ct_in_one_file_is_the_same_volume(tmp_path: Path, shuffled: bool) -> None:
    study = read_study(enhanced(tmp_path / "ct.dcm", even(), shuffled=shuffled))
    assert study.image.sha256 == image_of(nifti(tmp_path / "a.nii", even())).sha256
    assert (study.name, study.pages, study.taken) == ("ct", 1, "2024-02-29")
    assert DRAWN in study.image.presentation.marks
    assert study.image.cine is not None
    assert study.image.cine.made_from is FramesFrom.VOLUME
    there = decode_in_child(tmp_path / "ct.dcm")
    assert there.image.sha256 == study.image.sha256


def changed(path: Path, change: Callable[[Dataset], None]) -> Path:
    dataset = pydicom.dcmread(path)
    change(dataset)
    dataset.save_as(path)
    return path


def without_places(dataset: Dataset) -> None:
    del dataset.PerFrameFunctionalGroupsSequence[4].PlanePositionSequence


def without_groups(dataset: Dataset) -> None:
    del dataset.PerFrameFunctionalGroupsSequence
    del dataset.SharedFunctionalGroupsSequence


def turned_once(dataset: Dataset) -> None:
    turned = item(ImageOrientationPatient=[0, 1, 0, 1, 0, 0])
    dataset.PerFrameFunctionalGroupsSequence[4].PlaneOrientationSequence = sequence(turned)


def at_one_place(dataset: Dataset) -> None:
    place = sequence(item(ImagePositionPatient=[0, 0, 0]))
    dataset.PerFrameFunctionalGroupsSequence[4].PlanePositionSequence = place


def far_off(dataset: Dataset) -> None:
    place = sequence(item(ImagePositionPatient=[0, 0, 900]))
    dataset.PerFrameFunctionalGroupsSequence[17].PlanePositionSequence = place


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (without_places, "does not say where they lie"),
        (without_groups, "does not say where they lie"),
        (turned_once, "turned or scaled differently"),
        (at_one_place, "at one place"),
        (far_off, "in 1 place"),
    ],
)
def test_what_is_wrong_with_a_ct_in_one_file_is_said(
    tmp_path: Path, change: Callable[[Dataset], None], word: str
) -> None:
    assert word in refusal(changed(enhanced(tmp_path / "ct.dcm", even()), change)).why


def test_three_slices_in_one_file_are_no_volume(tmp_path: Path) -> None:
    assert "3 slices" in refusal(enhanced(tmp_path / "ct.dcm", even()[:, :, :3])).why


def test_a_ct_in_one_file_without_air_is_no_ct(tmp_path: Path) -> None:
    assert "no CT" in refusal(enhanced(tmp_path / "ct.dcm", even() // 2 * 0)).why
