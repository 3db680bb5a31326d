"""Writes corners and angles as JSON by the published schema docs/schema/vertebrae-1.json."""

from __future__ import annotations

import platform
from datetime import UTC
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from app.io.exporters.facts import angles_of, require_points, state_of
from app.io.exporters.spec import RESEARCH_USE, VertebraeExport
from app.io.writing import write_json
from domain.angles import by_role, mode_of
from domain.annotation import Annotations, Hint
from domain.calibration import grid_of
from domain.curves import (
    CLINICAL_DEFINITION,
    Curve,
    Reading,
    apex_name,
    curves_of,
    side_of_patient,
)
from domain.doubting import sentences_by_doubt
from domain.geometry import Points
from domain.grid import Grid
from domain.measures import Measure, reading
from domain.numbering import LEVELS
from domain.provenance import ModelOrigin
from domain.vertebrae import (
    COBB_DEFINITION,
    COBB_RULE,
    CORNERS,
    column_of,
    corner_name,
    names_of,
    shift_of,
)
from inference.contracts import VERSION

SCHEMA = "urn:caliper:schema:vertebrae:1"
_LIBRARIES = ("numpy", "Pillow", "opencv-python-headless", "torch")
_COORDINATES = {
    "order": ["row", "column"],
    "unit": "pixel",
    "origin": "the centre of the top left pixel is (0, 0); rows grow down, columns to the right",
    "image": "the decoded film in its original size, turned as its EXIF orientation says",
}

Json = dict[str, Any]


def write_vertebrae_json(export: VertebraeExport, path: Path) -> None:
    """Write everything decided on a case.

    Raises:
        ExportFailed: nothing was found on the film yet, or the file cannot be written.
    """
    write_json(path, vertebrae_document(export))


def vertebrae_document(export: VertebraeExport) -> Json:
    """The document that is written, as the schema describes it.

    Raises:
        ExportFailed: nothing was found on the film yet.
    """
    annotations = export.annotations
    points = require_points(export)
    return {
        "schema": SCHEMA,
        "use": RESEARCH_USE,
        "created": export.created.astimezone(UTC).isoformat(timespec="seconds"),
        "study": {"name": export.study, "file": export.file},
        "image": _image(export),
        "coordinates": _COORDINATES,
        "accepted": annotations.accepted,
        "label_shift": shift_of(annotations),
        "vertebrae": _vertebrae(annotations, points),
        "hints": [[_hint(hint, annotations) for hint in hints] for hints in annotations.rounds],
        "pins": [_named(index, annotations) for index in sorted(annotations.pins)],
        "cobb": _cobb(export),
        "curves": _curves(export),
        "measures": [_measure(measure, export) for measure in annotations.measures],
        "calibration": _calibration(annotations.calibration),
        "doubts": [
            {
                "kind": doubt.kind.value,
                "count": doubt.count,
                "network_corners": [corner_name(index) for index in doubt.landmarks],
                "words": words,
            }
            for doubt, words in sentences_by_doubt(annotations)
        ],
        "network": None if annotations.origin is None else _network(annotations.origin),
        "program": {"name": "Caliper", "version": VERSION, "libraries": dict(library_versions())},
    }


def _image(export: VertebraeExport) -> Json:
    image = export.image
    rows, columns = image.shape
    return {
        "sha256": image.sha256,
        "rows": rows,
        "columns": columns,
        "dtype": image.pixels.dtype.name,
        "synthetic": image.synthetic,
        "calibrated": image.grid.calibrated,
        "spacing_mm": None if image.grid.spacing_mm is None else list(image.grid.spacing_mm),
        "spacing_source": image.grid.source,
    }


def _vertebrae(annotations: Annotations, points: Points) -> list[Json]:
    corners = [_corner(index, annotations, points) for index in range(len(points))]
    return [
        {
            "name": vertebra.name,
            "network_level": None if vertebra.slot is None else LEVELS[vertebra.slot],
            "corners": dict(zip(CORNERS, corners[4 * level : 4 * level + 4], strict=True)),
        }
        for level, vertebra in enumerate(column_of(annotations))
    ]


def _corner(index: int, annotations: Annotations, points: Points) -> Json:
    row, column = points.coordinates[index]
    spread = annotations.confidence[index] if annotations.confidence else None
    is_known = spread is not None and np.isfinite(spread)
    return {
        "row": float(row),
        "column": float(column),
        "state": state_of(index, annotations),
        "spread_px": spread if is_known else None,
    }


def _named(index: int, annotations: Annotations) -> Json:
    return {
        "index": index,
        "corner": corner_name(index, names_of(annotations)),
    }


def _hint(hint: Hint, annotations: Annotations) -> Json:
    place = {"row": float(hint.row), "column": float(hint.column)}
    return _named(hint.index, annotations) | place


def _cobb(export: VertebraeExport) -> Json:
    angles, names = angles_of(export), names_of(export.annotations)
    return {
        "rule": COBB_RULE,
        "definition": COBB_DEFINITION,
        "mode": mode_of(export.annotations).value,
        "shape": angles.shape.value,
        "angles": [
            {
                "role": role,
                "angle_deg": angle.angle_deg,
                "upper": names[angle.upper],
                "lower": names[angle.lower],
            }
            for role, angle in by_role(angles)
        ],
    }


def _curves(export: VertebraeExport) -> Json:
    annotations = export.annotations
    curves = curves_of(annotations, aspect=export.image.grid.aspect)
    return {
        "rule": Reading.CLINICAL,
        "definition": CLINICAL_DEFINITION,
        "ends_by": "person" if annotations.curve_ends else "rule",
        "curves": [_curve(curve, export) for curve in curves],
    }


def _curve(curve: Curve, export: VertebraeExport) -> Json:
    names = names_of(export.annotations)
    return {
        "region": curve.region,
        "angle_deg": curve.angle_deg,
        "upper": names[curve.upper],
        "lower": names[curve.lower],
        "apex": apex_name(curve.apex, names),
        "convex_to_film": curve.convex_to,
        "convex_to_patient": side_of_patient(curve.convex_to, export.image.presentation),
    }


def _measure(measure: Measure, export: VertebraeExport) -> Json:
    grid = grid_of(export.image, export.annotations)
    found = reading(measure, grid=grid, pixels=export.image.pixels)
    return {
        "id": measure.id,
        "kind": measure.kind.value,
        "label": measure.label,
        "points": [{"row": float(row), "column": float(column)} for row, column in measure.points],
        "values": [{"name": v.name, "value": v.value, "unit": v.unit} for v in found.values],
        "meaning": found.detail,
    }


def _calibration(grid: Grid | None) -> Json | None:
    if grid is None:
        return None
    return {"spacing_mm": list(grid.require_spacing()), "spacing_source": grid.source}


def _network(origin: ModelOrigin) -> Json:
    return {
        "weights_id": origin.weights_id,
        "weights_sha256": origin.weights_sha256,
        "mode": origin.mode.value,
        "device": origin.device,
        "dtype": origin.dtype,
        "seconds": origin.seconds,
        "program_version": origin.version,
    }


@cache
def library_versions() -> tuple[tuple[str, str], ...]:
    """Names and versions of Python and the libraries that shape the numbers."""
    found = [("python", platform.python_version())]
    for name in _LIBRARIES:
        try:
            found.append((name, metadata.version(name)))
        except metadata.PackageNotFoundError:  # a build without metadata, or no engine here
            continue
    return tuple(found)
