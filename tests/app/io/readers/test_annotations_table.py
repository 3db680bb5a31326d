"""Corners that left come back exactly; what does not fit is told in words."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.io.exporters.spec import ExporterSpec
from app.io.exporters.table import exporter
from app.io.readers.annotations_table import IMPORTERS, read_corners
from domain.annotation import Annotations, Hint
from domain.errors import CaliperError, ImageMismatch, UnreadableFile
from domain.geometry import Points
from domain.image import Image
from domain.numbering import LEVELS
from domain.vertebrae import column_named, names_of, shifted_column
from tests.app.io.leaving import COLUMNS, FILM, ROWS, column, columns_of_corners, export

FORMATS = ("json", "coco", "labelme", "aasce")
NAMED = ("json", "coco", "labelme")
every_format = pytest.mark.parametrize("spec", [exporter(name) for name in FORMATS], ids=FORMATS)
named_formats = pytest.mark.parametrize("spec", [exporter(name) for name in NAMED], ids=NAMED)


def file_of(spec: ExporterSpec, path: Path) -> Path:
    return path / "landmarks.csv" if spec.is_folder else path


def leave(spec: ExporterSpec, folder: Path, **changes: Any) -> Path:
    path = folder / f"result{spec.ending}"
    spec.write(export(**changes), path)
    return file_of(spec, path)


def read(path: Path, *, image: Image = FILM, file: str = "film é.png") -> Annotations:
    return read_corners(path, image=image, file=file)


def at(back: Annotations, corners: np.ndarray) -> bool:
    assert back.points is not None
    return bool(np.abs(back.points.coordinates - corners).max() < 1e-9)


def refused(path: Path, *, image: Image = FILM, file: str = "film é.png") -> CaliperError:
    with pytest.raises(CaliperError) as caught:
        read_corners(path, image=image, file=file)
    assert caught.value.what
    assert caught.value.why
    assert caught.value.remedy
    return caught.value


@every_format
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(corners=columns_of_corners())
def test_corners_come_back_exactly(spec: ExporterSpec, corners: np.ndarray, tmp_path: Path) -> None:
    back = read(leave(spec, tmp_path, points=Points(corners)))
    assert back.points is not None
    assert np.abs(back.points.coordinates - corners).max() < 1e-6


@named_formats
@pytest.mark.parametrize("shift", [-5, 0, 3])
def test_moved_names_come_back(spec: ExporterSpec, shift: int, tmp_path: Path) -> None:
    decided = Annotations(FILM.sha256, column=shifted_column(shift))
    back = read(leave(spec, tmp_path, column=decided.column))
    assert names_of(back) == names_of(decided)


@named_formats
def test_a_column_of_other_vertebrae_comes_back(spec: ExporterSpec, tmp_path: Path) -> None:
    names = ("T1", "T2", "T4", *LEVELS[4:12], "T13", *LEVELS[12:], "L6")
    corners = np.arange(8.0 * len(names)).reshape(-1, 2) / 2
    named = column_named(names)
    back = read(leave(spec, tmp_path, points=Points(corners), column=named))
    assert back.column == named
    assert back.points == Points(corners)


@every_format
def test_nothing_is_held_accepted_or_of_a_network(spec: ExporterSpec, tmp_path: Path) -> None:
    changes = {
        "rounds": ((Hint(3, 1.0, 2.0),),),
        "pins": frozenset({9}),
        "accepted": True,
        "confidence": (1.0,) * 68,
    }
    back = read(leave(spec, tmp_path, **changes))
    assert back == Annotations(FILM.sha256, points=back.points)


@every_format
def test_a_film_that_is_not_in_the_file(spec: ExporterSpec, tmp_path: Path) -> None:
    path = leave(spec, tmp_path)
    if spec.name == "json":  # ours knows its film by the pixels, whatever it is called
        assert read(path, file="renamed.png").points == Points(column())
    else:
        assert "“renamed.png”" in refused(path, file="renamed.png").why


@named_formats
def test_a_film_of_another_size(spec: ExporterSpec, tmp_path: Path) -> None:
    other = Image(np.zeros((ROWS, COLUMNS + 1), np.uint8))
    assert isinstance(refused(leave(spec, tmp_path), image=other), ImageMismatch)


@every_format
@pytest.mark.parametrize("keep", [0, 1, 60, 0.5, 0.9])
def test_truncated_files(spec: ExporterSpec, keep: float, tmp_path: Path) -> None:
    path = leave(spec, tmp_path)
    data = path.read_bytes()
    path.write_bytes(data[: keep if isinstance(keep, int) else int(keep * len(data))])
    assert isinstance(refused(path), UnreadableFile)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"\x00" * 40,
        b"\xff\xfe\x00",
        b"PK\x03\x04",
        b"[" * 100_000 + b'"shapes" "imagePath"',
        b'["shapes", "imagePath"]',
        b'"annotations" "images" "keypoints"',
        b"1," * 135 + b"1\n",
        b"x," * 135 + b"x\n",
    ],
)
def test_files_that_are_something_else(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    assert "a.json" in refused(path).what


def test_files_and_folders_that_cannot_be_read(tmp_path: Path) -> None:
    refused(tmp_path / "gone.json")
    refused(tmp_path)


def damage(path: Path, *, where: tuple[str | int, ...], value: object) -> None:
    document = here = json.loads(path.read_text(encoding="utf-8"))
    for step in where[:-1]:
        here = here[step]
    if value is ...:
        del here[where[-1]]
    else:
        here[where[-1]] = value
    path.write_text(json.dumps(document), encoding="utf-8")


NONSENSE = (math.nan, math.inf, 1e308, 10**400, -1e7, "12", True, None, [], {})
KEYPOINT = ("annotations", 0, "keypoints", 6)
POINT = ("shapes", 5, "points", 0, 1)
OURS = ("vertebrae", 3, "corners", "TL", "row")


@pytest.mark.parametrize("value", NONSENSE, ids=repr)
@pytest.mark.parametrize(
    ("name", "where"), [("coco", KEYPOINT), ("labelme", POINT), ("json", OURS)], ids=NAMED[::-1]
)
def test_numbers_that_are_no_places(
    name: str, where: tuple[str | int, ...], value: object, tmp_path: Path
) -> None:
    path = leave(exporter(name), tmp_path)
    damage(path, where=where, value=value)
    assert "result" in refused(path).what


@pytest.mark.parametrize(
    ("name", "where", "value"),
    [
        ("coco", ("images",), 7),
        ("coco", ("images",), [7]),
        ("coco", ("images",), []),
        ("coco", ("images", 0, "height"), "tall"),
        ("coco", ("images", 0, "id"), ...),
        ("coco", ("annotations",), []),
        ("coco", ("annotations", 0, "keypoints"), [1.0, 2.0, 2] * 67),
        ("coco", ("annotations", 0, "keypoints"), [1.0, 2.0]),
        ("coco", ("annotations", 0, "keypoints", 8), 0),
        ("coco", ("annotations", 0, "category_id"), 5),
        ("coco", ("categories",), {}),
        ("coco", ("categories", 0, "keypoints", 4), "T1.TL"),
        ("labelme", ("shapes",), []),
        ("labelme", ("shapes", 0), ...),
        ("labelme", ("shapes", 0), 7),
        ("labelme", ("shapes", 0, "label"), ["T1.TL"]),
        ("labelme", ("shapes", 0, "label"), "T1.TR"),
        ("labelme", ("shapes", 0, "shape_type"), "circle"),
        ("labelme", ("shapes", 0, "points"), [[1.0, 2.0], [3.0, 4.0]]),
        ("labelme", ("imagePath",), None),
        ("labelme", ("imageWidth",), 1),
        ("json", ("vertebrae", 0, "network_level"), "T9"),
        ("json", ("vertebrae",), []),
    ],
)
def test_documents_that_do_not_fit(
    name: str, where: tuple[str | int, ...], value: object, tmp_path: Path
) -> None:
    path = leave(exporter(name), tmp_path)
    damage(path, where=where, value=value)
    refused(path)


@pytest.mark.parametrize("cell", ["nan", "inf", "1e300", "", "left", "-7"])
def test_landmarks_that_are_no_places(cell: str, tmp_path: Path) -> None:
    path = leave(exporter("aasce"), tmp_path)
    cells = path.read_text().split(",")
    path.write_text(",".join([cell, *cells[1:]]))
    refused(path)


def test_tables_that_do_not_belong_together(tmp_path: Path) -> None:
    path = leave(exporter("aasce"), tmp_path)
    names = path.with_name("filenames.csv")
    names.write_text(names.read_text(encoding="utf-8") + "other.png\n", encoding="utf-8")
    assert "2 rows" in refused(path).why
    names.unlink()
    refused(path)


def test_a_row_that_names_the_topmost_vertebra_last(tmp_path: Path) -> None:
    path = leave(exporter("aasce"), tmp_path, points=Points(np.roll(column(), -4, axis=0)))
    assert at(read(path), column())


@pytest.mark.parametrize("name", ["coco", "aasce"])
def test_other_films_in_the_file_do_not_matter(name: str, tmp_path: Path) -> None:
    spec = exporter(name)
    assert spec.write_many is not None
    other = Image(np.full((90, 80), 3, np.uint8))
    there = export(other, file="other.png", points=Points(column() / 10))
    path = tmp_path / f"many{spec.ending}"
    spec.write_many([there, export(), export(other, file="third.png")], path)
    assert at(read(file_of(spec, path)), column())
    back = read(file_of(spec, path), image=other, file="OTHER.jpg")  # the ending aside
    assert at(back, column() / 10)


def test_corners_without_names_are_taken_in_their_order(tmp_path: Path) -> None:
    path = leave(exporter("coco"), tmp_path)
    damage(path, where=("categories", 0, "keypoints"), value=[str(n) for n in range(68)])
    assert at(read(path), column())


def test_named_corners_may_stand_in_any_order(tmp_path: Path) -> None:
    path = leave(exporter("coco"), tmp_path)
    document = json.loads(path.read_text(encoding="utf-8"))
    document["categories"][0]["keypoints"].reverse()
    keypoints = document["annotations"][0]["keypoints"]
    triples = [keypoints[start : start + 3] for start in range(0, len(keypoints), 3)]
    document["annotations"][0]["keypoints"] = [value for one in triples[::-1] for value in one]
    path.write_text(json.dumps(document), encoding="utf-8")
    assert at(read(path), column())


def test_shapes_that_are_no_corners_are_passed_over(tmp_path: Path) -> None:
    path = leave(exporter("labelme"), tmp_path)
    document = json.loads(path.read_text(encoding="utf-8"))
    shape = {"label": "rib", "points": [[1, 2], [3, 4]], "shape_type": "line"}
    document["shapes"].insert(0, shape)
    document["imagePath"] = "..\\films\\film é.PNG"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert at(read(path), column())


@given(st.binary(max_size=400))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_end_in_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.json"
    for before in (
        b"",
        b'{"shapes": [], "imagePath": ',
        b'{"annotations": 1, "keypoints": "images"',
    ):
        path.write_bytes(before + content)
        refused(path)


def test_every_importer_has_an_ending_to_look_for() -> None:
    assert len({spec.name for spec in IMPORTERS}) == len(IMPORTERS)
    assert all(spec.endings for spec in IMPORTERS)
