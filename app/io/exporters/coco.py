"""Corners as COCO keypoints, the way CVAT writes and reads them.

Keypoints are x, y, 2 for each corner. CVAT counts from the outer corner of the top left pixel, so
that its centre is (0.5, 0.5): x is the column plus a half, y the row plus a half. Ids and the two
ends of each line of the skeleton count from 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.io.exporters.facts import corner_names, require_points
from app.io.exporters.spec import RESEARCH_USE, VertebraeExport
from app.io.writing import write_json
from domain.geometry import FloatArray
from domain.vertebrae import CORNERS

HALF_PIXEL = 0.5
VISIBLE = 2
_OUTLINE = (("TL", "TR"), ("TR", "BR"), ("BR", "BL"), ("BL", "TL"))

Json = dict[str, Any]


def write_coco(exports: Sequence[VertebraeExport], path: Path) -> None:
    """Write one file for all films.

    Raises:
        ExportFailed: a film has no corners, or the file cannot be written.
    """
    write_json(path, coco_document(exports))


def coco_document(exports: Sequence[VertebraeExport]) -> Json:
    """The document that is written; films whose vertebrae have other names are a category apart.

    Raises:
        ExportFailed: a film has no corners.
    """
    categories: dict[tuple[str, ...], int] = {}
    annotations = []
    for number, export in enumerate(exports, start=1):
        names = corner_names(export.annotations)
        category = categories.setdefault(names, len(categories) + 1)
        annotations.append(_annotation(export, number=number, category=category))
    return {
        "info": {
            "description": f"Vertebra corners from Caliper. {RESEARCH_USE}",
            "version": "1",
        },
        "licenses": [{"id": 0, "name": "", "url": ""}],
        "categories": [_category(names, number=number) for names, number in categories.items()],
        "images": [_image(export, number=n) for n, export in enumerate(exports, start=1)],
        "annotations": annotations,
    }


def _category(names: tuple[str, ...], *, number: int) -> Json:
    first, last = names[0].partition(".")[0], names[-1].partition(".")[0]
    skeleton = [
        [vertebra + CORNERS.index(one) + 1, vertebra + CORNERS.index(other) + 1]
        for vertebra in range(0, len(names), len(CORNERS))
        for one, other in _OUTLINE
    ]
    return {
        "id": number,
        "name": f"vertebrae_{first}_{last}",
        "supercategory": "",
        "keypoints": list(names),
        "skeleton": skeleton,
    }


def _image(export: VertebraeExport, *, number: int) -> Json:
    rows, columns = export.image.shape
    return {
        "id": number,
        "width": columns,
        "height": rows,
        "file_name": export.file,
        "license": 0,
        "flickr_url": "",
        "coco_url": "",
        "date_captured": 0,
    }


def _annotation(export: VertebraeExport, *, number: int, category: int) -> Json:
    places = require_points(export).coordinates[:, ::-1] + HALF_PIXEL
    left, top = (float(value) for value in places.min(axis=0))
    width, height = (float(value) for value in places.max(axis=0) - places.min(axis=0))
    return {
        "id": number,
        "image_id": number,
        "category_id": category,
        "segmentation": [],
        "area": width * height,
        "bbox": [left, top, width, height],
        "iscrowd": 0,
        "attributes": {"occluded": False},
        "keypoints": _keypoints(places),
        "num_keypoints": len(places),
    }


def _keypoints(places: FloatArray) -> list[float]:
    return [value for x, y in places.tolist() for value in (x, y, VISIBLE)]
