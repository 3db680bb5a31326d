"""Corners as points of labelme (versions 5 to 7).

labelme counts from the outer corner of the top left pixel: x is the column plus a half, y the row
plus a half. The four corners of a vertebra share a group; the description says who placed a corner.
"""

from __future__ import annotations

from typing import Any

from app.io.exporters.facts import corner_names, require_points, state_of
from app.io.exporters.spec import VertebraeExport
from domain.vertebrae import CORNERS

HALF_PIXEL = 0.5
_VERSION = "5.5.0"

Json = dict[str, Any]


def labelme_document(export: VertebraeExport) -> Json:
    """The document that is written; labelme looks for the film beside it, by its name.

    Raises:
        ExportFailed: the film has no corners.
    """
    rows, columns = export.image.shape
    return {
        "version": _VERSION,
        "flags": {
            "accepted": export.annotations.accepted,
            "synthetic": export.image.synthetic,
        },
        "shapes": _shapes(export),
        "imagePath": export.file,
        "imageData": None,
        "imageHeight": rows,
        "imageWidth": columns,
    }


def _shapes(export: VertebraeExport) -> list[Json]:
    places = require_points(export).coordinates[:, ::-1] + HALF_PIXEL
    return [
        {
            "label": name,
            "points": [places[index].tolist()],
            "group_id": index // len(CORNERS),
            "description": state_of(index, export.annotations),
            "shape_type": "point",
            "flags": {},
            "mask": None,
        }
        for index, name in enumerate(corner_names(export.annotations))
    ]
