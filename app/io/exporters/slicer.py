"""Corners as a fiducial list of 3D Slicer: markups JSON, schema 1.0.3, LPS.

Columns run along L, rows along P, S is 0; the centre of the top left pixel is the origin. That is
where Slicer puts a flat picture that it opens as a volume. With a recorded spacing positions are
millimetres, without one they are pixels, and the file says so.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from app.io.exporters.facts import corner_names, require_points, state_of
from app.io.exporters.spec import RESEARCH_USE, VertebraeExport

MARKUPS_SCHEMA = (
    "https://raw.githubusercontent.com/slicer/slicer/master/Modules/Loadable/Markups/"
    "Resources/Schema/markups-schema-v1.0.3.json#"
)
_PIXELS = ["{pixels}", "UCUM", "Pixels"]  # as DICOM codes them
_AXES = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]

Json = dict[str, Any]


def slicer_document(export: VertebraeExport) -> Json:
    """The document that is written.

    Raises:
        ExportFailed: the film has no corners.
    """
    grid = export.image.grid
    unit = f"millimetres, spacing from {grid.source}" if grid.calibrated else "pixels"
    markup = {
        "type": "Fiducial",
        "name": "Vertebra corners",
        "description": f"Positions are {unit}. {RESEARCH_USE}",
        "coordinateSystem": "LPS",
        "coordinateUnits": "mm" if grid.calibrated else _PIXELS,
        "locked": False,
        "fixedNumberOfControlPoints": True,
        "labelFormat": "%N-%d",
        "lastUsedControlPointNumber": len(require_points(export)),
        "controlPoints": _control_points(export),
    }
    return {"@schema": MARKUPS_SCHEMA, "markups": [markup]}


def _control_points(export: VertebraeExport) -> list[Json]:
    spacing = np.array(export.image.grid.spacing_mm or (1.0, 1.0))
    places = (require_points(export).coordinates * spacing)[:, ::-1]
    return [
        {
            "id": str(index + 1),
            "label": name,
            "description": state_of(index, export.annotations),
            "associatedNodeID": "",
            "position": [*places[index].tolist(), 0.0],
            "orientation": _AXES,
            "selected": True,
            "locked": index in export.annotations.pins,
            "visibility": True,
            "positionStatus": "defined",
        }
        for index, name in enumerate(corner_names(export.annotations))
    ]
