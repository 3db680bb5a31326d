"""DICOM pictures of every encoding and kind, and files that lie, are damaged, or are no films."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, RLELossless

from app.io.open import expand, read_study
from app.io.readers.dicom import read_dicom
from domain.errors import UnreadableFile
from tests.app.io.dicom.makers import (
    CAPTURE,
    LOSSLESS,
    NATIVE,
    dataset,
    film,
    item,
    phantom,
    saved,
    saved_as_jpeg,
    sequence,
)

DEEP = phantom()
FLAT = phantom(kind=np.uint8)


def refusal(path: Path, *, page: int = 0) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        read_dicom(path, page=page)
    error = caught.value
    assert path.name in error.what
    assert error.why.endswith(".")
    assert error.remedy
    return error


@pytest.mark.parametrize("syntax", LOSSLESS, ids=lambda uid: uid.name)
@pytest.mark.parametrize("pixels", [FLAT, DEEP], ids=["8 bit", "16 bit"])
def test_an_asymmetric_phantom_comes_back_exactly(
    tmp_path: Path, syntax: str, pixels: NDArray
) -> None:
    study = read_study(film(tmp_path / "film.dcm", pixels, syntax=syntax))
    assert study.image.pixels.dtype == pixels.dtype
    np.testing.assert_array_equal(study.image.pixels, pixels)
    assert (study.name, study.page, study.pages) == ("film", 0, 1)
    assert study.path == str(tmp_path / "film.dcm")


@pytest.mark.parametrize("syntax", LOSSLESS, ids=lambda uid: uid.name)
def test_each_frame_is_a_page(tmp_path: Path, syntax: str) -> None:
    frames = np.stack([DEEP, DEEP[::-1], DEEP[:, ::-1]])
    path = film(tmp_path / "film.dcm", frames, syntax=syntax, SOPClassUID=CAPTURE)
    for number, frame in enumerate(frames):
        study = read_study(path, page=number)
        np.testing.assert_array_equal(study.image.pixels, frame)
        assert (study.page, study.pages) == (number, 3)
    assert "It holds 3 now" in refusal(path, page=3).why


def test_baseline_jpeg_is_close(tmp_path: Path) -> None:
    smooth = np.tile(np.linspace(20, 220, 64).astype(np.uint8), (48, 1))
    smooth[:12, :16] = 250
    pixels = read_dicom(saved_as_jpeg(smooth, tmp_path / "film.dcm")).image.pixels
    assert np.median(np.abs(pixels.astype(int) - smooth)) <= 2
    assert pixels[:8, :8].min() > 240


def test_colour_jpeg_becomes_luminance(tmp_path: Path) -> None:
    colours = np.zeros((48, 48, 3), np.uint8)
    for channel in range(3):
        colours[:, 16 * channel : 16 * channel + 16, channel] = 255
    pixels = read_dicom(saved_as_jpeg(colours, tmp_path / "film.dcm")).image.pixels
    found = [int(pixels[24, middle]) for middle in (8, 24, 40)]
    assert np.abs(np.array(found) - [76, 150, 29]).max() <= 4


def test_lossless_jpeg(tmp_path: Path) -> None:
    gdcm = pytest.importorskip("gdcm")
    plain = film(tmp_path / "plain.dcm", DEEP)
    reader = gdcm.ImageReader()
    reader.SetFileName(str(plain))
    assert reader.Read()
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.JPEGLosslessProcess14_1))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer = gdcm.ImageWriter()
    writer.SetFileName(str(tmp_path / "film.dcm"))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()
    np.testing.assert_array_equal(read_dicom(tmp_path / "film.dcm").image.pixels, DEEP)


@pytest.mark.parametrize("planar", [0, 1])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_colour_becomes_luminance(tmp_path: Path, planar: int, kind: type[np.generic]) -> None:
    top = int(np.iinfo(kind).max)
    colours = np.zeros((2, 3, 3), kind)
    colours[0, range(3), range(3)] = top
    made = dataset(colours, SOPClassUID=CAPTURE, PlanarConfiguration=planar)
    if planar:
        made.PixelData = np.moveaxis(colours, -1, 0).tobytes()
    pixels = read_dicom(saved(made, tmp_path / "film.dcm")).image.pixels
    assert pixels.dtype == kind
    np.testing.assert_allclose(pixels[0] / top, [0.299, 0.587, 0.114], atol=0.003)
    assert not pixels[1].any()


def test_a_palette_becomes_luminance(tmp_path: Path) -> None:
    made = dataset(np.array([[0, 1, 2]], np.uint8), PhotometricInterpretation="PALETTE COLOR")
    for colour, entries in (
        ("Red", [10, 200, 90]),
        ("Green", [10, 200, 90]),
        ("Blue", [10, 0, 90]),
    ):
        made.add_new(f"{colour}PaletteColorLookupTableDescriptor", "US", [4, 0, 8])
        made.add_new(f"{colour}PaletteColorLookupTableData", "OW", bytes([*entries, 0]))
    pixels = read_dicom(saved(made, tmp_path / "film.dcm")).image.pixels
    assert pixels.tolist() == [[10, 177, 90]]


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian])
def test_a_lost_preamble_does_not_matter(tmp_path: Path, syntax: str) -> None:
    made = dataset(DEEP)
    path = saved(made, tmp_path / "film.dcm", syntax=syntax)
    content = path.read_bytes()
    start = content.index(b"\x08\0\x16\0")  # SOP Class UID, the first element after the meta data
    path.write_bytes(content[start:])
    np.testing.assert_array_equal(read_study(path).image.pixels, DEEP)


@pytest.mark.parametrize(
    "lost",
    [
        "SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "Modality", "HighBit", "BitsStored",
        "PixelRepresentation", "SamplesPerPixel", "PhotometricInterpretation",
    ],
)  # fmt: skip
def test_tags_that_can_be_guessed_may_be_missing(tmp_path: Path, lost: str) -> None:
    path = film(tmp_path / "film.dcm", DEEP, **{lost: None})
    np.testing.assert_array_equal(read_dicom(path).image.pixels, DEEP)


def test_empty_and_senseless_values_count_as_missing(tmp_path: Path) -> None:
    path = film(
        tmp_path / "film.dcm",
        DEEP,
        StudyInstanceUID="",
        StudyDate="20241399",
        SpecificCharacterSet="NO SUCH SET",
        PatientName="Doe^Jane",
        WindowCenter="",
        PixelSpacing="",
    )
    study = read_dicom(path)
    np.testing.assert_array_equal(study.image.pixels, DEEP)
    assert study.taken == ""
    assert not study.image.grid.calibrated
    assert not study.image.presentation.windows


def test_overlays_are_not_pixels(tmp_path: Path) -> None:
    made = dataset(DEEP)
    made.add_new(0x60000010, "US", 80)
    made.add_new(0x60000011, "US", 64)
    made.add_new(0x60003000, "OW", b"\xff" * 640)
    np.testing.assert_array_equal(read_dicom(saved(made, tmp_path / "film.dcm")).image.pixels, DEEP)


def test_synthetic_data_are_called_so(tmp_path: Path) -> None:
    made = dataset(DEEP)
    made.add_new(0x0008001C, "CS", "YES")
    assert read_dicom(saved(made, tmp_path / "film.dcm")).image.synthetic
    assert not read_dicom(film(tmp_path / "real.dcm", DEEP)).image.synthetic


def test_a_film_knows_its_person_and_day_but_names_nobody(tmp_path: Path) -> None:
    path = film(
        tmp_path / "film.dcm", DEEP, PatientName="Doe^Jane", PatientID="X1", StudyDate="20240229"
    )
    study = read_dicom(path)
    assert study.taken == "2024-02-29"
    assert len(study.person) == 64
    said = repr((study.name, study.path, study.person, study.image.presentation, study.image.grid))
    assert "Doe" not in said
    assert "X1" not in said.replace(str(tmp_path), "")


@pytest.mark.parametrize(
    ("sop_class", "word"),
    [
        ("1.2.840.10008.5.1.4.1.1.88.33", "a structured report"),
        ("1.2.840.10008.5.1.4.1.1.9.1.1", "an ECG"),
        ("1.2.840.10008.5.1.4.1.1.11.1", "presentation of other images"),
        ("1.2.840.10008.5.1.4.1.1.481.3", "radiotherapy plan"),
        ("1.2.840.10008.5.1.4.1.1.66.4", "a segmentation"),
        ("1.2.840.10008.5.1.4.1.1.104.2", "CDA"),
        ("1.2.840.10008.5.1.4.1.1.2", "“CT Image”"),
        ("1.2.3.4", "holds no picture"),
    ],
)
def test_says_what_is_no_film(tmp_path: Path, sop_class: str, word: str) -> None:
    path = saved(dataset(SOPClassUID=sop_class), tmp_path / "other.dcm")
    error = refusal(path)
    assert "no film" in error.what
    assert word in error.why
    assert error.why.count(".") == 1


def test_a_slice_opens_and_a_volume_is_named(tmp_path: Path) -> None:
    ct = "1.2.840.10008.5.1.4.1.1.2"
    path = film(tmp_path / "slice.dcm", DEEP, SOPClassUID=ct, Modality="CT")
    np.testing.assert_array_equal(read_dicom(path).image.pixels, DEEP)
    volume = film(tmp_path / "volume.dcm", np.stack([DEEP] * 3), SOPClassUID=ct, Modality="CT")
    assert refusal(volume).why == "It is a CT volume of 3 slices."


@pytest.mark.parametrize("syntax", [*NATIVE, RLELossless], ids=lambda uid: uid.name)
@pytest.mark.parametrize("share", [0.02, 0.2, 0.5, 0.9, 0.99])
def test_refuses_files_cut_short(tmp_path: Path, syntax: str, share: float) -> None:
    noise = np.random.default_rng(1).integers(0, 4096, (64, 64), np.uint16)
    path = film(tmp_path / "film.dcm", noise, syntax=syntax)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    refusal(path)


@pytest.mark.parametrize("seed", range(8))
def test_damaged_bytes_are_refused_or_read_never_worse(tmp_path: Path, seed: int) -> None:
    random = np.random.default_rng(seed)
    content = bytearray(film(tmp_path / "film.dcm", FLAT, syntax=LOSSLESS[seed % 7]).read_bytes())
    for place in random.integers(0, len(content), 12):
        content[place] = random.integers(0, 256)
    (tmp_path / "film.dcm").write_bytes(content)
    with suppress(UnreadableFile):
        assert read_dicom(tmp_path / "film.dcm").image.pixels.ndim == 2


@pytest.mark.parametrize(
    "claims",
    [
        {"Rows": 81}, {"Columns": 65}, {"BitsAllocated": 32}, {"SamplesPerPixel": 3}, {"Rows": 0},
        {"Columns": None}, {"BitsAllocated": None}, {"PhotometricInterpretation": "CMYK"},
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, RLELossless], ids=lambda u: u.name)
def test_refuses_false_claims(tmp_path: Path, claims: dict[str, object], syntax: str) -> None:
    made = dataset(DEEP)
    path = saved(made, tmp_path / "film.dcm", syntax=syntax)
    for keyword, claim in claims.items():
        if claim is None:
            delattr(made, keyword)
        else:
            setattr(made, keyword, claim)
    made.save_as(path)
    refusal(path)


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, RLELossless], ids=lambda u: u.name)
@pytest.mark.parametrize("claimed", [1, 3, 2_000_000_000])
def test_refuses_another_count_of_frames_than_is_there(
    tmp_path: Path, syntax: str, claimed: int
) -> None:
    made = dataset(np.stack([DEEP, DEEP[::-1]]), SOPClassUID=CAPTURE)
    path = saved(made, tmp_path / "film.dcm", syntax=syntax)
    assert read_dicom(path, page=1).pages == 2
    made.NumberOfFrames = claimed
    made.save_as(path)
    assert f"claims {claimed} pictures, but holds 2" in refusal(path).why


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, RLELossless], ids=lambda u: u.name)
def test_a_claim_of_ten_thousand_million_pixels_takes_no_memory(
    tmp_path: Path, syntax: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = dataset(DEEP)
    path = saved(made, tmp_path / "film.dcm", syntax=syntax)
    made["Rows"].VR = made["Columns"].VR = "UL"  # US ends at 65535
    made.Rows = made.Columns = 100_000
    made.save_as(path)
    monkeypatch.setattr("app.io.dicom.frames.pixel_array", lambda *_, **__: pytest.fail("decoded"))
    assert "100000 × 100000" in refusal(path).why


def test_a_deflated_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zeros = np.zeros((900, 900), np.uint16)
    path = film(tmp_path / "film.dcm", zeros, syntax=NATIVE[3])
    assert path.stat().st_size < 20_000
    monkeypatch.setattr("app.io.dicom.source.UNPACKED_BYTES", 100_000)
    assert "unpacks" in refusal(path).why


def test_says_which_compression_nothing_can_read(tmp_path: Path) -> None:
    made = dataset(FLAT)
    made.PixelData = encapsulate([b"\0\0\0\x01" * 8])
    made["PixelData"].is_undefined_length = True
    path = saved(made, tmp_path / "film.dcm", syntax="1.2.840.10008.1.2.4.100")
    assert "MPEG2" in refusal(path).why


@pytest.mark.parametrize("content", [b"x" * 200, bytes(128) + b"DICM", bytes(128) + b"DICMjunk"])
def test_refuses_what_is_no_dicom(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "film.dcm").write_bytes(content)
    refusal(tmp_path / "film.dcm")


def test_refuses_empty_missing_and_unfit_paths(tmp_path: Path) -> None:
    (tmp_path / "film.dcm").touch()
    assert "empty" in refusal(tmp_path / "film.dcm").why
    assert "no such file" in refusal(tmp_path / "gone.dcm").why
    assert "no ordinary file" in refusal(tmp_path).why


def test_a_frame_has_windows_and_spacing_of_its_own(tmp_path: Path) -> None:
    groups = [
        item(
            FrameVOILUTSequence=sequence(item(WindowCenter=level, WindowWidth=100)),
            PixelMeasuresSequence=sequence(item(PixelSpacing=[level / 100, 0.5])),
        )
        for level in (50, 70)
    ]
    path = film(
        tmp_path / "film.dcm",
        np.stack([DEEP] * 2),
        SOPClassUID=CAPTURE,
        PerFrameFunctionalGroupsSequence=sequence(*groups),
    )
    for page, level in enumerate((50.0, 70.0)):
        image = read_dicom(path, page=page).image
        assert [window.level for window in image.presentation.windows] == [level]
        assert image.grid.spacing_mm == (level / 100, 0.5)


def test_folders_give_dicom_without_an_ending_but_not_their_dicomdir(tmp_path: Path) -> None:
    wanted = film(tmp_path / "IM0001", FLAT)
    film(tmp_path / "DICOMDIR", FLAT)
    assert expand([tmp_path]) == (wanted,)
