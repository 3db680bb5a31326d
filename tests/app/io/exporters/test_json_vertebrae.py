"""What leaves as JSON obeys the published schema and comes back as the same decisions."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError

from app.io.exporters.json_vertebrae import vertebrae_document, write_vertebrae_json
from app.io.exporters.spec import VertebraeExport
from app.io.readers.json_vertebrae import read_vertebrae_json
from domain.annotation import Annotations, CurveEnds, Hint
from domain.doubts import Doubt, DoubtKind
from domain.errors import ExportFailed, ImageMismatch, UnreadableFile
from domain.geometry import Points
from domain.grid import Grid
from domain.image import Image, Presentation
from domain.measures import POINTS, Measure, MeasureKind
from domain.provenance import Mode, ModelOrigin
from domain.vertebrae import CORNER_COUNT, cobb_angles, corner_index, shifted_column

IMAGE = Image(np.arange(1200, dtype=np.uint16).reshape(40, 30))
ORIGIN = ModelOrigin(
    "spine-small-1", "ab" * 32, Mode.CORRECTED, "cpu", "bfloat16", 0.21, version="0.1.0"
)


MEASURES = tuple(
    Measure(
        f"m{n}",
        kind,
        ((1.0, 2.0), (3.5, 5.0), (20.0, 3.0), (22.0, 9.0))[: POINTS[kind]],
        label=f"number {n}",
    )
    for n, kind in enumerate(MeasureKind)
)


def column(lean: float = 0.0) -> np.ndarray:
    corners = []
    for level in range(17):
        row, column = 1.0 + 2.25 * level, 10 + lean * (level - 8) ** 2
        corners += [(row, column), (row, column + 8)]
        corners += [(row + 1.5, column), (row + 1.5, column + 8 + lean)]
    return np.array(corners)


def annotations(**changes: Any) -> Annotations:
    start = Annotations(
        IMAGE.sha256,
        points=Points(column(0.03)),
        pins=frozenset({corner_index("T3.BR")}),
        confidence=tuple(0.1 * index for index in range(CORNER_COUNT)),
        origin=ORIGIN,
    )
    return replace(start, **changes)


def export(decided: Annotations | None = None, *, image: Image = IMAGE) -> VertebraeExport:
    return VertebraeExport("A film", image, decided or annotations(), file="film Ω.png")


@pytest.fixture(scope="session")
def schema(project_root: Path) -> Draft202012Validator:
    text = (project_root / "docs" / "schema" / "vertebrae-1.json").read_text(encoding="utf-8")
    Draft202012Validator.check_schema(json.loads(text))
    return Draft202012Validator(json.loads(text))


def everything_decided() -> Annotations:
    return replace(
        annotations()
        .with_hints((Hint(24, 12.5, 9.75),))
        .with_hints((Hint(25, 12.0, 17.0), Hint(24, 0.1 + 0.2, 9.0))),
        measures=MEASURES,
        calibration=Grid((0.25, 0.2), source="user: 25 mm drawn"),
        column=shifted_column(-2),
        accepted=True,
        curve_ends=(CurveEnds(1, 6), CurveEnds(6, 14)),
        doubts=(Doubt(DoubtKind.UNLIKE), Doubt(DoubtKind.ORDER, 2, (24, 28))),
    )


CASES = {
    "as proposed": annotations(),
    "everything decided": everything_decided(),
    "by hand alone": annotations(origin=None, confidence=()),
    "unknown spread": annotations(confidence=(float("inf"),) * CORNER_COUNT),
    "as published": annotations(origin=replace(ORIGIN, mode=Mode.AS_PUBLISHED)),
    "shifted up": annotations(column=shifted_column(-5)),
    "shifted down": annotations(column=shifted_column(5)),
    "all in one place": annotations(points=Points(np.zeros((CORNER_COUNT, 2)))),
}


@pytest.mark.parametrize("decided", CASES.values(), ids=CASES)
def test_obeys_the_schema(schema: Draft202012Validator, decided: Annotations) -> None:
    schema.validate(json.loads(json.dumps(vertebrae_document(export(decided)), allow_nan=False)))


def test_calibrated_films_say_where_it_comes_from(schema: Draft202012Validator) -> None:
    image = Image(IMAGE.pixels, grid=Grid((0.14, 0.15), "ruler"), synthetic=True)
    document = json.loads(json.dumps(vertebrae_document(export(image=image))))
    schema.validate(document)
    assert document["image"]["spacing_mm"] == [0.14, 0.15]
    assert document["image"]["calibrated"]
    assert document["image"]["synthetic"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema",), "urn:caliper:schema:vertebrae:2"),
        (("image", "sha256"), "abc"),
        (("image", "calibrated"), True),
        (("image", "spacing_mm"), [1.0]),
        (("study", "file"), "/home/patient/film.png"),
        (("vertebrae",), []),
        (("vertebrae", 0, "name"), "T14"),
        (("vertebrae", 0, "corners", "TL", "state"), "moved"),
        (("cobb", "angles"), []),
        (("network", "mode"), "fast"),
        (("curves", "ends_by"), "guess"),
        (("curves", "curves"), [{}]),
        (("created",), "yesterday"),
        (("use",), ""),
    ],
)
def test_the_schema_refuses_nonsense(
    schema: Draft202012Validator, path: tuple[str | int, ...], value: object
) -> None:
    document: Any = json.loads(json.dumps(vertebrae_document(export())))
    here = document
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = value
    with pytest.raises(ValidationError):
        schema.validate(document)


def test_tells_everything_by_name() -> None:
    document = vertebrae_document(export(everything_decided()))
    assert document["vertebrae"][0]["name"] == "C6"
    assert document["vertebrae"][16]["name"] == "L3"
    corner = document["vertebrae"][6]["corners"]["TL"]
    assert corner == {
        "row": 0.1 + 0.2,
        "column": 9.0,
        "state": "hint",
        "spread_px": 2.4000000000000004,
    }
    assert document["vertebrae"][2]["corners"]["BR"]["state"] == "pinned"
    assert document["vertebrae"][2]["corners"]["BL"]["state"] == "free"
    assert [[hint["corner"] for hint in hints] for hints in document["hints"]] == [
        ["T5.TL"],
        ["T5.TR", "T5.TL"],
    ]
    assert document["pins"] == [{"index": 11, "corner": "T1.BR"}]
    assert document["network"]["weights_sha256"] == "ab" * 32
    assert document["program"]["libraries"]["numpy"] == np.__version__
    assert document["study"] == {"name": "A film", "file": "film Ω.png"}
    assert "Research use only" in document["use"]


def test_angles_are_those_of_the_rule() -> None:
    decided = everything_decided()
    assert decided.points is not None
    angles = cobb_angles(decided.points.coordinates, image_rows=40)
    written = vertebrae_document(export(decided))["cobb"]
    assert [angle["angle_deg"] for angle in written["angles"]] == [
        angles.main.angle_deg,
        angles.second.angle_deg,
        angles.third.angle_deg,
    ]
    assert (written["shape"], written["rule"]) == (angles.shape.value, "AASCE")


def test_curves_are_told_with_their_ends_and_the_side_only_where_it_is_known() -> None:
    told = vertebrae_document(export(everything_decided()))["curves"]
    ends = [(curve["upper"], curve["lower"]) for curve in told["curves"]]
    assert (told["ends_by"], ends) == ("person", [("C7", "T5"), ("T5", "L1")])
    assert {curve["convex_to_patient"] for curve in told["curves"]} == {None}
    marked = Image(IMAGE.pixels, presentation=Presentation(left="R"))
    told = vertebrae_document(export(everything_decided(), image=marked))["curves"]
    other = {"left": "right", "right": "left"}
    assert told["curves"]
    for curve in told["curves"]:
        assert curve["convex_to_patient"] == other[curve["convex_to_film"]]
    assert vertebrae_document(export())["curves"]["ends_by"] == "rule"


def test_files_from_before_the_curves_are_read_and_valid(
    tmp_path: Path, schema: Draft202012Validator
) -> None:
    document = json.loads(json.dumps(vertebrae_document(export())))
    del document["curves"]
    schema.validate(document)
    (tmp_path / "result.json").write_text(json.dumps(document))
    read = read_vertebrae_json(tmp_path / "result.json", image_sha256=IMAGE.sha256)
    assert read == annotations()


def test_created_is_written_in_utc() -> None:
    moment = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    document = vertebrae_document(replace(export(), created=moment))
    assert document["created"] == "2024-05-06T07:08:09+00:00"


@pytest.mark.parametrize("decided", [CASES["as proposed"], CASES["everything decided"]])
def test_comes_back_as_it_left(tmp_path: Path, decided: Annotations) -> None:
    write_vertebrae_json(export(decided), tmp_path / "result.json")
    assert read_vertebrae_json(tmp_path / "result.json", image_sha256=IMAGE.sha256) == decided


@given(
    st.lists(
        st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4)),
        min_size=CORNER_COUNT,
        max_size=CORNER_COUNT,
    )
)
def test_coordinates_keep_every_digit(places: list[tuple[float, float]]) -> None:
    document = vertebrae_document(export(annotations(points=Points(np.array(places)))))
    read = json.loads(json.dumps(document, allow_nan=False))
    corners = [c for level in read["vertebrae"] for c in level["corners"].values()]
    assert [(corner["row"], corner["column"]) for corner in corners] == places


def test_refuses_annotations_of_another_image() -> None:
    with pytest.raises(ImageMismatch):
        export(annotations(image_sha256="0" * 64))


def test_reading_refuses_another_image(tmp_path: Path) -> None:
    write_vertebrae_json(export(), tmp_path / "result.json")
    with pytest.raises(ImageMismatch):
        read_vertebrae_json(tmp_path / "result.json", image_sha256="0" * 64)


def test_refuses_a_film_without_corners(tmp_path: Path) -> None:
    with pytest.raises(ExportFailed, match="no corners"):
        write_vertebrae_json(export(Annotations(IMAGE.sha256)), tmp_path / "result.json")
    assert not (tmp_path / "result.json").exists()


def test_a_name_that_is_no_unicode_can_be_written(tmp_path: Path) -> None:
    odd = replace(export(), file="film\udcff.png")
    write_vertebrae_json(odd, tmp_path / "result.json")
    assert json.loads((tmp_path / "result.json").read_bytes())["study"]["file"] == "film?.png"


def damaged(document: Any, path: tuple[str | int, ...], value: object) -> str:
    here = document
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = value
    return json.dumps(document)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema",), "something else"),
        (("vertebrae",), [1, 2]),
        (("vertebrae",), []),
        (("vertebrae", 3, "corners", "TL", "row"), float("nan")),
        (("vertebrae", 3, "corners", "TL", "row"), "high"),
        (("vertebrae", 0, "name"), "T2"),
        (("hints",), [[{"index": 68, "row": 1.0, "column": 1.0}]]),
        (("hints",), [[{"index": 1, "row": float("inf"), "column": 1.0}]]),
        (("pins",), [{"index": -1}]),
        (("network", "mode"), "fast"),
        (("network",), 7),
        (("image",), None),
        (("curves",), {"ends_by": "person"}),
        (("curves",), {"ends_by": "person", "curves": [{"upper": "T9", "lower": "T3"}]}),
        (("curves",), {"ends_by": "person", "curves": [{"upper": "T9", "lower": "S3"}]}),
    ],
)
def test_reading_refuses_damaged_files(
    tmp_path: Path, path: tuple[str | int, ...], value: object
) -> None:
    document = json.loads(json.dumps(vertebrae_document(export())))
    (tmp_path / "result.json").write_text(damaged(document, path, value))
    with pytest.raises(UnreadableFile) as caught:
        read_vertebrae_json(tmp_path / "result.json", image_sha256=IMAGE.sha256)
    assert caught.value.why


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff\xfe", b"[" * 200_000, b'"text"'])
def test_reading_refuses_what_is_no_result(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "result.json").write_bytes(content)
    with pytest.raises(UnreadableFile):
        read_vertebrae_json(tmp_path / "result.json", image_sha256=IMAGE.sha256)


def test_reading_refuses_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        read_vertebrae_json(tmp_path / "gone.json", image_sha256=IMAGE.sha256)


def test_measures_leave_with_their_numbers_and_whose_millimetres_they_are() -> None:
    document = vertebrae_document(export(everything_decided()))
    line = document["measures"][0]
    assert line["values"] == [
        {"name": "length", "value": pytest.approx(np.hypot(0.625, 0.6)), "unit": "mm"}
    ]
    assert "user: 25 mm drawn" in line["meaning"]
    assert document["calibration"] == {
        "spacing_mm": [0.25, 0.2],
        "spacing_source": "user: 25 mm drawn",
    }


def test_a_file_from_before_there_were_measures_is_read(tmp_path: Path) -> None:
    document = vertebrae_document(export())
    del document["measures"], document["calibration"]
    path = tmp_path / "old.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert read_vertebrae_json(path, image_sha256=IMAGE.sha256).measures == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"measures": [{"id": "m", "kind": "circle", "label": "", "points": []}]},
        {"measures": [{"id": "m", "kind": "plumb", "label": "", "points": []}]},
        {"measures": [7]},
        {"calibration": {"spacing_mm": [0.2], "spacing_source": "user"}},
        {"calibration": {"spacing_mm": [0.2, -1], "spacing_source": "user"}},
    ],
)
def test_damaged_measures_are_refused(tmp_path: Path, wrong: dict[str, Any]) -> None:
    path = tmp_path / "damaged.json"
    path.write_text(json.dumps(vertebrae_document(export()) | wrong), encoding="utf-8")
    with pytest.raises(UnreadableFile):
        read_vertebrae_json(path, image_sha256=IMAGE.sha256)


def test_doubts_leave_in_words_and_in_the_names_of_the_case() -> None:
    doubts = vertebrae_document(export(everything_decided()))["doubts"]
    assert [doubt["kind"] for doubt in doubts] == ["unlike", "order"]
    assert doubts[1]["network_corners"] == ["T7.TL", "T8.TL"]
    assert doubts[1]["words"].startswith("T5.TL was placed below T6.TL")


def test_doubts_that_a_newer_caliper_has_or_an_older_one_lacks_do_not_matter(
    tmp_path: Path,
) -> None:
    document = vertebrae_document(export(annotations(doubts=(Doubt(DoubtKind.UNLIKE),))))
    document["doubts"].append({"kind": "unheard_of"})
    path = tmp_path / "other.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    read = read_vertebrae_json(path, image_sha256=IMAGE.sha256)
    assert read.doubts == (Doubt(DoubtKind.UNLIKE),)
    del document["doubts"]
    path.write_text(json.dumps(document), encoding="utf-8")
    assert read_vertebrae_json(path, image_sha256=IMAGE.sha256).doubts == ()
