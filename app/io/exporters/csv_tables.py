"""Cases as tables: one row a film, or one row a corner."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC
from pathlib import Path

from app.io.exporters.facts import angles_of, corner_names, require_points, state_of
from app.io.exporters.spec import VertebraeExport
from app.io.writing import write_atomically
from domain.angles import by_role, mode_of
from domain.curves import apex_name, curves_of
from domain.doubting import sentences
from domain.provenance import ModelOrigin
from domain.vertebrae import COBB_RULE, CORNERS, names_of, shift_of

Cell = str | int | float | bool | None
Row = dict[str, Cell]

_REGIONS = "CTLS"  # neck, chest, loin, sacrum
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_films(exports: Sequence[VertebraeExport], path: Path) -> None:
    """One row a film; a film without a vertebra that others have leaves its cells empty.

    Raises:
        ExportFailed: a film has no corners, or the file cannot be written.
    """
    corners = [_corner_cells(export) for export in exports]
    facts = [_film_cells(export) for export in exports]
    curves = [_curve_cells(export) for export in exports]
    columns = sorted({name for row in corners for name in row}, key=_from_head_to_foot)
    header = [*facts[0], *max(curves, key=len), *columns]
    rows = zip(facts, curves, corners, strict=True)
    _write(header, ({**fact, **curve, **row} for fact, curve, row in rows), path)


def write_corners(exports: Sequence[VertebraeExport], path: Path) -> None:
    """One row a corner, with who placed it and how sure the network was.

    Raises:
        ExportFailed: a film has no corners, or the file cannot be written.
    """
    rows = [row for export in exports for row in _corner_rows(export)]
    _write(list(rows[0]), rows, path)


def _film_cells(export: VertebraeExport) -> Row:
    image, annotations = export.image, export.annotations
    spacing = image.grid.spacing_mm or (None, None)
    return {
        "study": export.study,
        "file": export.file,
        "image_sha256": image.sha256,
        "rows": image.shape[0],
        "columns": image.shape[1],
        "synthetic": image.synthetic,
        "spacing_row_mm": spacing[0],
        "spacing_column_mm": spacing[1],
        "spacing_source": image.grid.source,
        "accepted": annotations.accepted,
        "label_shift": shift_of(annotations),
        **_angle_cells(export),
        **_origin_cells(annotations.origin),
        "doubts": " ".join(sentences(annotations)),
        "created": export.created.astimezone(UTC).isoformat(timespec="seconds"),
    }


def _angle_cells(export: VertebraeExport) -> Row:
    angles, names = angles_of(export), names_of(export.annotations)
    cells: Row = {"cobb_rule": COBB_RULE, "mode": mode_of(export.annotations).value}
    for role, angle in by_role(angles):
        cells[f"{role}_deg"] = angle.angle_deg
        cells[f"{role}_upper"] = names[angle.upper]
        cells[f"{role}_lower"] = names[angle.lower]
    return cells | {"shape": angles.shape.value}


def _curve_cells(export: VertebraeExport) -> Row:
    """The curves of the clinical reading, numbered from the top; as many as there are."""
    names, cells = names_of(export.annotations), Row()
    found = curves_of(export.annotations, aspect=export.image.grid.aspect)
    for number, curve in enumerate(found, start=1):
        cells |= {
            f"curve{number}_region": curve.region,
            f"curve{number}_deg": curve.angle_deg,
            f"curve{number}_upper": names[curve.upper],
            f"curve{number}_lower": names[curve.lower],
            f"curve{number}_apex": apex_name(curve.apex, names),
        }
    return cells


def _origin_cells(origin: ModelOrigin | None) -> Row:
    return {
        "weights_id": origin.weights_id if origin else None,
        "weights_sha256": origin.weights_sha256 if origin else None,
        "program_version": origin.version if origin else None,
    }


def _corner_cells(export: VertebraeExport) -> Row:
    cells: Row = {}
    coordinates = require_points(export).coordinates
    for name, place in zip(corner_names(export.annotations), coordinates, strict=True):
        cells[f"{name}.row"], cells[f"{name}.column"] = (float(value) for value in place)
    return cells


def _corner_rows(export: VertebraeExport) -> Iterable[Row]:
    annotations = export.annotations
    coordinates = require_points(export).coordinates
    for index, name in enumerate(corner_names(annotations)):
        vertebra, _, corner = name.partition(".")
        yield {
            "study": export.study,
            "file": export.file,
            "image_sha256": export.image.sha256,
            "vertebra": vertebra,
            "corner": corner,
            "row": float(coordinates[index][0]),
            "column": float(coordinates[index][1]),
            "state": state_of(index, annotations),
            "spread_px": annotations.confidence[index] if annotations.confidence else None,
            "accepted": annotations.accepted,
        }


def _from_head_to_foot(column: str) -> tuple[int, int, int, bool]:
    """Orders names like "T7.TL.row"."""
    level, corner, axis = column.split(".")
    return _REGIONS.index(level[0]), int(level[1:]), CORNERS.index(corner), axis == "column"


def _write(header: list[str], rows: Iterable[Row], path: Path) -> None:
    buffer = io.StringIO(newline="")
    table = csv.DictWriter(buffer, header)
    table.writeheader()
    table.writerows({name: plain_cell(cell) for name, cell in row.items()} for row in rows)
    write_atomically(path, buffer.getvalue().encode("utf-8", "replace"))


def plain_cell(cell: Cell) -> Cell:
    """A text that no spreadsheet takes for a formula."""
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return str(cell).lower() if isinstance(cell, bool) else cell
