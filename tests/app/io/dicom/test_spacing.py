"""Where spacing comes from: every combination of tags, and what the screen may say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.io.dicom.spacing import grid_of
from tests.app.io.dicom.makers import dataset

IMAGER, PIXEL = [0.2, 0.2], [0.15, 0.15]

PROVENANCE = {
    "nothing": ({}, None, ""),
    "detector alone": ({"ImagerPixelSpacing": IMAGER}, 0.2, "at the detector plane, not corrected"),
    "detector and magnification": (
        {"ImagerPixelSpacing": IMAGER, "EstimatedRadiographicMagnificationFactor": 1.25},
        0.16,
        "divided by the magnification that the file estimates, 1.25",
    ),
    "detector and nonsense": (
        {"ImagerPixelSpacing": IMAGER, "EstimatedRadiographicMagnificationFactor": 0},
        0.2,
        "at the detector plane",
    ),
    "pixel alone": ({"PixelSpacing": PIXEL}, 0.15, "does not say at which depth"),
    "pixel equal to detector": (
        {"PixelSpacing": IMAGER, "ImagerPixelSpacing": IMAGER},
        0.2,
        "at the detector plane, not corrected",
    ),
    "pixel unlike detector": (
        {"PixelSpacing": PIXEL, "ImagerPixelSpacing": IMAGER},
        0.15,
        "calibrated, the file does not say how",
    ),
    "geometry": (
        {
            "PixelSpacing": PIXEL,
            "ImagerPixelSpacing": IMAGER,
            "PixelSpacingCalibrationType": "GEOMETRY",
        },
        0.15,
        "by the geometry of the exposure",
    ),
    "fiducial": (
        {"PixelSpacing": PIXEL, "PixelSpacingCalibrationType": "FIDUCIAL"},
        0.15,
        "an object of known size",
    ),
    "slice": ({"PixelSpacing": PIXEL, "Modality": "CT"}, 0.15, "in the patient"),
    "scanned": ({"NominalScannedPixelSpacing": IMAGER}, 0.2, "that was scanned"),
}


@pytest.mark.parametrize(("tags", "size", "words"), PROVENANCE.values(), ids=PROVENANCE.keys())
def test_spacing_says_where_it_comes_from(
    tags: dict[str, object], size: float | None, words: str
) -> None:
    made = dataset(**tags)
    grid = grid_of(made, measures=made)
    if size is None:
        assert not grid.calibrated
    else:
        assert grid.require_spacing() == pytest.approx((size, size))
    assert words in grid.source


@pytest.mark.parametrize("tags", [tags for tags, _, _ in PROVENANCE.values()])
def test_spacing_at_the_detector_is_never_passed_off_as_pixel_spacing(
    tags: dict[str, object],
) -> None:
    made = dataset(**tags)
    if "PixelSpacing" not in tags:
        assert not grid_of(made, measures=made).source.startswith("Pixel Spacing")


@pytest.mark.parametrize("bad", [[0, 0], [0.1, 0], [-1, -1], [0.2], "", [500, 500], [0.1] * 3])
@pytest.mark.parametrize("keyword", ["PixelSpacing", "ImagerPixelSpacing"])
def test_impossible_spacing_is_none(keyword: str, bad: object) -> None:
    made = dataset(**{keyword: bad})
    assert not grid_of(made, measures=made).calibrated


def test_rows_come_first() -> None:
    made = dataset(PixelSpacing=[0.3, 0.1])
    grid = grid_of(made, measures=made)
    assert grid.spacing_mm == (0.3, 0.1)
    assert grid.aspect == pytest.approx(3)


@pytest.mark.parametrize(
    ("ratio", "aspect"), [([4, 3], 4 / 3), ([1, 2], 0.5), ([0, 1], 1), ([1], 1), ([9, 0], 1)]
)
def test_a_ratio_alone_is_an_aspect_without_spacing(ratio: list[int], aspect: float) -> None:
    made = dataset(PixelAspectRatio=ratio)
    grid = grid_of(made, measures=made)
    assert not grid.calibrated
    assert grid.aspect == pytest.approx(aspect)


@given(st.floats(0.01, 5), st.floats(0.01, 5), st.floats(1, 3))
def test_magnification_divides_both_sizes(rows: float, columns: float, factor: float) -> None:
    made = dataset(
        ImagerPixelSpacing=[f"{rows:.6g}", f"{columns:.6g}"],
        EstimatedRadiographicMagnificationFactor=f"{factor:.6g}",
    )
    grid = grid_of(made, measures=made)
    assert grid.require_spacing() == pytest.approx((rows / factor, columns / factor), rel=1e-4)
    assert grid.aspect == pytest.approx(rows / columns, rel=1e-4)
