"""The files of other projects behave as the manifest beside them says.

The manifest's hashes are over what pydicom decodes with its standard conversions, before any grey
value is moved: that is `stored_values` of every frame, but for palettes, whose indices they hash.
Lossy JPEG is decoded by another library here than there, and the standard allows them to differ:
there shape and kind of number count, and two of our codecs must agree.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.pixels.utils import pixel_array

from app.io.dicom.frames import prepare, stored_values
from app.io.dicom.planes import LEAST
from app.io.dicom.source import read_dataset
from app.io.readers.dicom import read_dicom
from domain.errors import UnreadableFile
from tests.conftest import ROOT

FOLDER = ROOT.parent / "shared" / "data" / "dicom_conformance"
LOSSY_JPEG = {"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"}
NO_FILM = {"SEG", "RTDOSE", "SM"}
MAPS = {"Parametric Map Storage", "VL Whole Slide Microscopy Image Storage"}
VOLUMES = {"CT", "MR", "PT"}

Row = dict[str, str]


def manifest() -> Iterator[Row]:
    listing = FOLDER / "manifest.csv"
    if listing.exists():
        with listing.open(newline="") as file:
            yield from csv.DictReader(file)


ROWS = [row for row in manifest() if (FOLDER / row["slug"] / row["path"]).is_file()]
pytestmark = pytest.mark.skipif(not ROWS, reason="needs ../shared/data/dicom_conformance")


def named(rows: list[Row]) -> list[object]:
    return [pytest.param(row, id=row["path"].rpartition("/")[2]) for row in rows]


def path_of(row: Row) -> Path:
    return FOLDER / row["slug"] / row["path"]


def is_film(row: Row) -> bool:
    frames = int(row["frames"]) if row["frames"].isdigit() else 1
    is_other = row["modality"] in NO_FILM or row["sop_class"] in MAPS
    return not is_other and not (row["modality"] in VOLUMES and frames > 1)


DECODED = [row for row in ROWS if row["pydicom_decode"] == "ok"]
EXACT = [
    row
    for row in DECODED
    if row["transfer_syntax"] not in LOSSY_JPEG
    and "float" not in row["array_dtype"]
    and int(row["frames"]) < 1000  # one by one they take long
]
LOSSY = [row for row in DECODED if row["transfer_syntax"] in LOSSY_JPEG]
FILMS = [row for row in DECODED if is_film(row)]
REFUSED = [row for row in ROWS if row not in FILMS]


def decoded(row: Row) -> NDArray:
    """All frames as the manifest hashes them."""
    path = path_of(row)
    made = read_dataset(path)
    pages = prepare(made, path=path)
    if row["photometric"] == "PALETTE COLOR":
        return pixel_array(made)
    frames = np.stack([stored_values(made, page) for page in range(pages)])
    return frames[0] if pages == 1 else frames


@pytest.mark.parametrize("row", named(EXACT))
def test_stored_values_are_those_of_the_manifest(row: Row) -> None:
    values = decoded(row)
    assert "x".join(map(str, values.shape)) == row["array_shape"]
    content = values.astype(row["array_dtype"]).tobytes()
    assert hashlib.sha256(content).hexdigest()[:16] == row["array_sha256_16"]


@pytest.mark.parametrize("row", named(LOSSY))
def test_lossy_jpeg_is_what_two_codecs_say(row: Row) -> None:
    made = read_dataset(path_of(row))
    prepare(made, path=path_of(row))
    ours = stored_values(made, 0)
    theirs = pixel_array(made, index=0, decoding_plugin="pillow")
    shape = "x".join(map(str, ours.shape))
    assert row["array_shape"] in {shape, f"{row['frames']}x{shape}"}
    assert ours.dtype == np.dtype(row["array_dtype"])
    assert np.abs(ours.astype(int) - theirs).mean() < 1


@pytest.mark.parametrize("row", named(FILMS))
def test_single_images_open(row: Row) -> None:
    study = read_dicom(path_of(row))
    assert study.image.shape == (int(row["rows"]), int(row["cols"]))
    cine = study.image.cine
    assert (study.pages if cine is None else len(cine)) == int(row["frames"])
    assert study.image.presentation.inverted == (row["photometric"] == "MONOCHROME1")
    assert study.image.pixels.dtype in (np.uint8, np.uint16)


@pytest.mark.parametrize("row", named(REFUSED))
def test_what_is_no_film_or_cannot_be_decoded_is_refused_in_words(row: Row) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_dicom(path_of(row))
    assert caught.value.why.endswith(".")
    if row["pydicom_decode"].startswith("ERR") and is_film(row):
        assert "cannot be read" in caught.value.what
    elif "slices of a CT" in caught.value.why:
        assert row["modality"] == "CT"
        assert int(row["frames"]) < LEAST
    elif row["sop_class"]:
        assert "is no film" in caught.value.what


def test_one_image_in_nine_encodings_is_one_image() -> None:
    files = sorted((FOLDER / "neurolabusc-dcm_qa_ts" / "In").glob("?.dcm"))
    studies = [read_dicom(file) for file in files]
    assert len(studies) == 9
    assert len({study.image.sha256 for study in studies}) == 1
    assert int(studies[0].image.pixels.sum(dtype=np.int64)) == 38036663
    assert len({study.image.presentation for study in studies}) == 1
