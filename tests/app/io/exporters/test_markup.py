"""COCO, labelme and Slicer files have the keys and the pixel conventions their readers need."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.io.exporters.coco import coco_document
from app.io.exporters.labelme import labelme_document
from app.io.exporters.slicer import slicer_document
from domain.annotation import Hint
from domain.geometry import Points
from domain.grid import Grid
from domain.image import Image
from domain.vertebrae import shifted_column
from tests.app.io.leaving import COLUMNS, FILM, ROWS, column, export


def test_coco_counts_from_the_corner_of_the_film() -> None:
    corners = np.zeros((68, 2))
    corners[1] = 10.25, 20.5
    document = coco_document([export(points=Points(corners))])
    (annotation,) = document["annotations"]
    assert annotation["keypoints"][:6] == [0.5, 0.5, 2, 21.0, 10.75, 2]
    assert annotation["bbox"] == [0.5, 0.5, 20.5, 10.25]
    assert annotation["num_keypoints"] == 68
    (image,) = document["images"]
    assert (image["file_name"], image["height"], image["width"]) == ("film é.png", ROWS, COLUMNS)


def test_coco_skeletons_count_from_one() -> None:
    (category,) = coco_document([export()])["categories"]
    assert category["name"] == "vertebrae_T1_L5"
    assert len(category["keypoints"]) == 68
    lines = np.array(category["skeleton"])
    assert lines.shape == (68, 2)
    assert (lines.min(), lines.max()) == (1, 68)
    ends = {tuple(sorted(category["keypoints"][end - 1] for end in line)) for line in lines}
    assert ("T1.TL", "T1.TR") in ends
    assert ("L5.BL", "L5.TL") in ends
    assert ("T1.BR", "T1.TL") not in ends  # no diagonal


def test_coco_films_share_a_category_where_names_agree() -> None:
    document = coco_document([export(), export(column=shifted_column(1)), export(file="c.png")])
    assert [category["name"][-5:] for category in document["categories"]] == ["T1_L5", "T2_S1"]
    told = [(one["image_id"], one["category_id"]) for one in document["annotations"]]
    assert told == [(1, 1), (2, 2), (3, 1)]


def test_labelme_has_what_it_loads() -> None:
    decided = export(pins=frozenset({4}))
    hinted = replace(decided, annotations=decided.annotations.with_hints((Hint(0, 12.5, 99.0),)))
    document = labelme_document(hinted)
    for key in ("version", "flags", "imagePath", "imageData", "imageHeight", "imageWidth"):
        assert key in document
    assert all(isinstance(value, bool) for value in document["flags"].values())
    first, fifth = document["shapes"][0], document["shapes"][4]
    assert (first["label"], first["points"], first["description"]) == (
        "T1.TL",
        [[99.5, 13.0]],
        "hint",
    )
    assert (fifth["label"], fifth["group_id"], fifth["description"]) == ("T2.TL", 1, "pinned")
    assert {shape["shape_type"] for shape in document["shapes"]} == {"point"}


SLICER_POINT = {
    "id": str,
    "label": str,
    "description": str,
    "associatedNodeID": str,
    "position": list,
    "orientation": list,
    "selected": bool,
    "locked": bool,
    "visibility": bool,
    "positionStatus": str,
}


def test_slicer_markups_have_the_keys_of_the_schema() -> None:
    document = slicer_document(export(pins=frozenset({7})))
    assert document["@schema"].endswith("markups-schema-v1.0.3.json#")
    (markup,) = document["markups"]
    assert (markup["type"], markup["coordinateSystem"]) == ("Fiducial", "LPS")
    assert len(markup["controlPoints"]) == 68
    for point in markup["controlPoints"]:
        assert {key: type(value) for key, value in point.items()} == SLICER_POINT
        assert (len(point["position"]), len(point["orientation"])) == (3, 9)
        assert point["positionStatus"] == "defined"
    assert [point["locked"] for point in markup["controlPoints"]].index(True) == 7


def test_slicer_positions_are_millimetres_only_with_a_spacing() -> None:
    (plain,) = slicer_document(export())["markups"]
    assert plain["coordinateUnits"] == ["{pixels}", "UCUM", "Pixels"]
    assert "pixels" in plain["description"]
    row, across = column()[9]
    assert plain["controlPoints"][9]["position"] == [across, row, 0.0]
    calibrated = Image(FILM.pixels, grid=Grid((0.5, 0.25), "a ruler"))
    (markup,) = slicer_document(export(calibrated))["markups"]
    assert markup["coordinateUnits"] == "mm"
    assert "a ruler" in markup["description"]
    assert markup["controlPoints"][9]["position"] == [across * 0.25, row * 0.5, 0.0]
