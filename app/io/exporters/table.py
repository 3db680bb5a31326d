"""The one list of exporters; the first is what people get without choosing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.io.exporters.aasce import require_aasce, write_aasce
from app.io.exporters.coco import write_coco
from app.io.exporters.csv_tables import write_corners, write_films
from app.io.exporters.drops import Part, dropping
from app.io.exporters.facts import require_anything, require_points
from app.io.exporters.json_vertebrae import write_vertebrae_json
from app.io.exporters.labelme import labelme_document
from app.io.exporters.picture import write_vertebrae_picture
from app.io.exporters.slicer import slicer_document
from app.io.exporters.spec import ExporterSpec, VertebraeExport, Write, WriteMany
from app.io.exporters.svg import write_svg
from app.io.writing import write_json


def _one_of(write_many: WriteMany) -> Write:
    """A format that holds many cases holds one."""
    return lambda export, path: write_many((export,), path)


def _as_json(document: Callable[[VertebraeExport], object], *, indent: int = 1) -> Write:
    return lambda export, path: write_json(path, document(export), indent=indent)


def _write_report(export: VertebraeExport, path: Path) -> None:
    """Imports the library of PDF on first use: the window opens a tenth of a second sooner."""
    from app.io.exporters.report import write_report

    write_report(export, path)


# What formats that only hold places leave behind.
_PLACES_ALONE = (Part.ORDER, Part.SPREAD, Part.ORIGIN, Part.DOUBTS)
EXPORTERS: tuple[ExporterSpec, ...] = (
    ExporterSpec(
        "json",
        "Corners and angles as JSON",
        ".json",
        write_vertebrae_json,
        dropping(),
        require_points,
    ),
    ExporterSpec(
        "picture",
        "Picture with overlay",
        ".png",
        write_vertebrae_picture,
        dropping(Part.CORNERS, *_PLACES_ALONE, Part.SPACING, Part.DEPTH),
        require_anything,
    ),
    ExporterSpec(
        "report",
        "Report on one page, PDF",
        ".pdf",
        _write_report,
        dropping(Part.CORNERS, Part.ORDER, Part.SPREAD, Part.DEPTH),
        require_points,
    ),
    ExporterSpec(
        "svg",
        "Drawing over the film, SVG",
        ".svg",
        write_svg,
        dropping(*_PLACES_ALONE, Part.SPACING, Part.DEPTH),
        require_anything,
    ),
    ExporterSpec(
        "csv",
        "Table, one row a film",
        ".csv",
        _one_of(write_films),
        dropping(Part.HINTS, Part.PINS, Part.ORDER, Part.SPREAD, Part.MEASURES),
        require_points,
        write_films,
    ),
    ExporterSpec(
        "csvlong",
        "Table, one row a corner",
        ".long.csv",
        _one_of(write_corners),
        dropping(
            Part.ORDER,
            Part.ORIGIN,
            Part.DOUBTS,
            Part.ANGLES,
            Part.MEASURES,
            Part.SPACING,
            Part.SYNTHETIC,
        ),
        require_points,
        write_corners,
    ),
    ExporterSpec(
        "coco",
        "COCO keypoints for CVAT",
        ".coco.json",
        _one_of(write_coco),
        dropping(
            Part.HINTS,
            Part.PINS,
            *_PLACES_ALONE,
            Part.ACCEPTED,
            Part.ANGLES,
            Part.MEASURES,
            Part.SPACING,
            Part.SYNTHETIC,
        ),
        require_points,
        write_coco,
    ),
    ExporterSpec(
        "labelme",
        "labelme points",
        ".labelme.json",
        _as_json(labelme_document, indent=2),
        dropping(*_PLACES_ALONE, Part.ANGLES, Part.MEASURES, Part.SPACING),
        require_points,
    ),
    ExporterSpec(
        "slicer",
        "3D Slicer markups",
        ".mrk.json",
        _as_json(slicer_document),
        dropping(*_PLACES_ALONE, Part.ACCEPTED, Part.ANGLES, Part.MEASURES, Part.SYNTHETIC),
        require_points,
    ),
    ExporterSpec(
        "aasce",
        "Training data, AASCE folder",
        "",
        _one_of(write_aasce),
        dropping(
            Part.HINTS,
            Part.PINS,
            *_PLACES_ALONE,
            Part.ACCEPTED,
            Part.MEASURES,
            Part.NAMES,
            Part.SPACING,
            Part.SYNTHETIC,
            Part.DEPTH,
        ),
        require_aasce,
        write_aasce,
    ),
)
DEFAULT_FORMATS = ("json", "picture")


def exporter(name: str) -> ExporterSpec:
    """The format of that name; the first where nobody knows the name."""
    return next((spec for spec in EXPORTERS if spec.name == name), EXPORTERS[0])
