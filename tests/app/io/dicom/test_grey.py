"""Grey values and windows: what a person sees is what the standard's formulas say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydicom.pixels.processing import apply_voi_lut

from app.io.dicom.frames import decoded, prepare
from app.io.dicom.grey import Greys, greys_of
from domain.image import GreyWindow, LutFunction
from tests.app.io.dicom.makers import CAPTURE, dataset, phantom, saved, sequence, table

NOWHERE = Path("film.dcm")
SIGNED = (phantom(kind=np.int16) - 150).astype(np.int16)


def greys(pixels: NDArray, **tags: Any) -> Greys:
    made = dataset(pixels, **tags)
    made.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    made.set_original_encoding(False, True)
    prepare(made, path=NOWHERE)
    values, _ = decoded(made, 0, path=NOWHERE)
    return greys_of(made, values, page=0)


def shown(values: NDArray, window: GreyWindow) -> NDArray:
    """0..1 by PS3.3 C.11.2.1.2 and C.11.2.1.3."""
    x, c, w = values.astype(float), window.level, window.window
    if window.function is LutFunction.SIGMOID:
        return 1 / (1 + np.exp(-4 * (x - c) / w))
    if window.function is LutFunction.LINEAR_EXACT:
        return np.clip((x - c) / w + 0.5, 0, 1)
    return np.clip((x - (c - 0.5)) / (w - 1) + 0.5, 0, 1)


def brightness(found: Greys) -> NDArray:
    """What a person sees through the first window that was read."""
    bright = shown(found.pixels, found.windows[0])
    return 1 - bright if found.inverted else bright


def test_signed_values_keep_their_differences() -> None:
    found = greys(SIGNED)
    assert found.pixels.dtype == np.uint16
    np.testing.assert_array_equal(found.pixels.astype(int) - 2**15, SIGNED)


def test_pages_of_one_file_stay_comparable() -> None:
    """The shift follows from the kind of number, not from the values that happen to be there."""
    for values in (SIGNED, SIGNED + 9, np.abs(SIGNED)):
        assert int(greys(values).pixels[0, 0]) - int(values[0, 0]) == 2**15


@pytest.mark.parametrize("kind", [np.uint16, np.int16])
def test_twelve_bits_lie_in_sixteen(kind: type[np.generic]) -> None:
    values = (np.arange(-2048, 2048).reshape(64, 64) + (2048 if kind is np.uint16 else 0)).astype(
        kind
    )
    junk = values.view(np.uint16) & 0x0FFF | 0xA000  # what stands above Bits Stored means nothing
    found = greys(junk.view(kind), BitsStored=12, HighBit=11)
    np.testing.assert_array_equal(found.pixels.ravel(), np.arange(4096))


def test_bits_that_lie_high_are_moved_down() -> None:
    values = np.arange(4096, dtype=np.uint16).reshape(64, 64)
    found = greys(values << 4 | 7, BitsStored=12, HighBit=15)
    np.testing.assert_array_equal(found.pixels, values)


def test_seven_bits_are_eight_bit_pixels() -> None:
    found = greys(phantom(kind=np.uint8) & 127, BitsStored=7, HighBit=6)
    assert found.pixels.dtype == np.uint8


def test_values_of_32_bits_are_moved_or_scaled_with_their_windows() -> None:
    near = np.array([[100_000, 100_500], [101_000, 101_001]], np.uint32)
    found = greys(near, WindowCenter=100_500.5, WindowWidth=1001)
    assert found.pixels.tolist() == [[0, 500], [1000, 1001]]
    assert found.windows[0].level == 500.5
    far = near * 40_000
    found = greys(far, WindowCenter=4_020_000_000, WindowWidth=10_000_001)
    assert found.pixels.max() == 65535
    np.testing.assert_allclose(brightness(found).ravel(), [0, 0.5, 1, 1], atol=1e-3)


def test_monochrome1_keeps_its_values_and_is_shown_inverted() -> None:
    found = greys(phantom(), PhotometricInterpretation="MONOCHROME1")
    np.testing.assert_array_equal(found.pixels, phantom())
    assert found.inverted
    assert not greys(phantom()).inverted


@pytest.mark.parametrize("function", LutFunction)
@pytest.mark.parametrize("slope", [1, 0.5, 2.5, -1, -0.25])
@pytest.mark.parametrize("values", [phantom(), SIGNED], ids=["unsigned", "signed"])
@pytest.mark.parametrize("colours", ["MONOCHROME1", "MONOCHROME2"])
def test_a_window_shows_what_the_standard_says(
    function: LutFunction, slope: float, values: NDArray, colours: str
) -> None:
    window = GreyWindow(slope * 60 - 1024 + 0.25, 81.5, function=function)
    tags = {
        "PhotometricInterpretation": colours,
        "RescaleSlope": slope,
        "RescaleIntercept": -1024,
        "WindowCenter": window.level,
        "WindowWidth": window.window,
        "VOILUTFunction": function.value,
    }
    expected = shown(slope * values.astype(float) - 1024, window)
    if colours == "MONOCHROME1":
        expected = 1 - expected
    np.testing.assert_allclose(brightness(greys(values, **tags)), expected, atol=1e-9)


@pytest.mark.parametrize("function", LutFunction)
def test_a_window_shows_what_pydicom_shows(function: LutFunction) -> None:
    tags = {"WindowCenter": 100.5, "WindowWidth": 70, "VOILUTFunction": function.value}
    expected = apply_voi_lut(phantom(), dataset(phantom(), **tags)) / (2**16 - 1)
    np.testing.assert_allclose(brightness(greys(phantom(), **tags)), expected, atol=1e-9)


@settings(max_examples=30)
@given(
    slope=st.floats(0.01, 100),
    intercept=st.floats(-5000, 5000),
    centre=st.floats(100, 250),
    width=st.floats(1.5, 500),
)
def test_windows_follow_any_rescaling(
    slope: float, intercept: float, centre: float, width: float
) -> None:
    """Told in rescaled values, a window comes back in stored ones."""
    found = greys(
        phantom(64, 64),
        VOILUTFunction="LINEAR_EXACT",
        RescaleSlope=f"{slope:.10g}",
        RescaleIntercept=f"{intercept:.10g}",
        WindowCenter=f"{slope * centre + intercept:.12g}",
        WindowWidth=f"{slope * width:.12g}",
    )
    assert found.windows[0].level == pytest.approx(centre, abs=1e-3)
    assert found.windows[0].window == pytest.approx(width, rel=1e-3)


def test_several_windows_keep_order_and_names() -> None:
    found = greys(
        phantom(),
        WindowCenter=[100, 150, 120],
        WindowWidth=[50, 60, 0],
        WindowCenterWidthExplanation=["Spine", "Soft", "None"],
    )
    assert [(w.level, w.window, w.name) for w in found.windows] == [
        (100, 50, "Spine"),
        (150, 60, "Soft"),
    ]


@pytest.mark.parametrize(
    ("centre", "width"), [(30_000, 100), (-500, 10), (100, 0.5), (100, -3), ("", 5), (5, "")]
)
def test_windows_that_show_nothing_are_left_out(centre: object, width: object) -> None:
    assert not greys(phantom() % 200, WindowCenter=centre, WindowWidth=width).windows


@pytest.mark.parametrize("slope", [0, "", None])
def test_a_slope_that_is_none_counts_as_one(slope: object) -> None:
    found = greys(phantom(), RescaleSlope=slope or "", WindowCenter=100, WindowWidth=50)
    assert found.windows[0].window == 50


@pytest.mark.parametrize("colours", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("limit", [None, 3])
def test_padding_is_as_dark_as_the_film(colours: str, limit: int | None) -> None:
    values = phantom() + 100
    values[:3], values[3:6] = 1, 3
    extra = {} if limit is None else {"PixelPaddingRangeLimit": limit}
    found = greys(values, PhotometricInterpretation=colours, PixelPaddingValue=1, **extra)
    padded = 3 if limit is None else 6
    film = values[padded:]
    dark = film.max() if colours == "MONOCHROME1" else film.min()
    assert (found.pixels[:padded] == dark).all()
    np.testing.assert_array_equal(found.pixels[padded:], film)


def test_signed_padding_that_was_written_as_unsigned() -> None:
    values = SIGNED.copy()
    values[:3] = -2000
    made = dataset(values)
    made.add_new("PixelPaddingValue", "US", 2**16 - 2000)
    made.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    made.set_original_encoding(False, True)
    found = greys_of(made, values, page=0)
    assert int(found.pixels.min()) - 2**15 == SIGNED[3:].min()


def test_a_film_of_nothing_but_padding_stays() -> None:
    assert (greys(np.full((8, 8), 7, np.uint16), PixelPaddingValue=7).pixels == 7).all()


def test_a_modality_table_is_applied() -> None:
    values = np.arange(16, dtype=np.uint8).reshape(4, 4)
    entries = [value**2 for value in range(12)]
    lut = sequence(table(entries, first=2))
    found = greys(values, ModalityLUTSequence=lut, WindowCenter=50, WindowWidth=40)
    expected = [entries[min(max(value - 2, 0), 11)] for value in range(16)]
    assert found.pixels.ravel().tolist() == expected
    assert (found.windows[0].level, found.windows[0].window) == (50, 40)


def test_a_voi_table_is_applied_where_there_is_no_window() -> None:
    values = np.arange(16, dtype=np.uint8).reshape(4, 4)
    lut = sequence(table([0, 10, 40, 90, 160], first=-3, bits=8, name="Spine"))
    tags = {"VOILUTSequence": lut, "RescaleSlope": 1, "RescaleIntercept": -8}
    tags["VOILUTSequence"][0]["LUTDescriptor"].VR = "SS"
    found = greys(values, **tags)
    assert found.pixels.ravel().tolist() == [0] * 6 + [10, 40, 90] + [160] * 7
    assert [(w.level, w.window, w.name) for w in found.windows] == [(80, 160, "Spine")]
    kept = greys(values, **tags, WindowCenter=0, WindowWidth=9)
    np.testing.assert_array_equal(kept.pixels, values)


def test_tables_of_bytes_in_a_big_endian_file(tmp_path: Path) -> None:
    from app.io.readers.dicom import read_dicom

    lut = table([5, 300, 1000, 2000])
    lut.add_new("LUTData", "OW", np.array([5, 300, 1000, 2000], ">u2").tobytes())
    made = dataset(np.arange(4, dtype=np.uint8).reshape(2, 2), ModalityLUTSequence=sequence(lut))
    path = saved(made, tmp_path / "film.dcm", syntax="1.2.840.10008.1.2.2")
    assert read_dicom(path).image.pixels.tolist() == [[5, 300], [1000, 2000]]


@pytest.mark.parametrize(
    "lut",
    [table([], first=0), table([1, 2, 3], bits=0), table([1, 2, 3], bits=40)],
    ids=["empty", "no bits", "many bits"],
)
def test_a_damaged_table_counts_as_missing(lut: object) -> None:
    values = phantom(kind=np.uint8)
    np.testing.assert_array_equal(greys(values, ModalityLUTSequence=sequence(lut)).pixels, values)


def test_colour_has_no_windows() -> None:
    colours = np.stack([phantom(kind=np.uint8)] * 3, axis=-1)
    found = greys(colours, SOPClassUID=CAPTURE, WindowCenter=100, WindowWidth=50)
    assert not found.windows
    np.testing.assert_array_equal(found.pixels, phantom(kind=np.uint8))
