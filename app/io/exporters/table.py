"""The one list of exporters; the first is what people get without choosing."""

from __future__ import annotations

from pathlib import Path

from app.io.exporters.aasce import write_aasce
from app.io.exporters.coco import write_coco
from app.io.exporters.csv_tables import write_corners, write_films
from app.io.exporters.drops import Part, dropping
from app.io.exporters.json_vertebrae import write_vertebrae_json
from app.io.exporters.labelme import write_labelme
from app.io.exporters.picture import write_vertebrae_picture
from app.io.exporters.slicer import write_slicer
from app.io.exporters.spec import Drops, ExporterSpec, VertebraeExport, WriteMany
from app.io.exporters.svg import write_svg


def _many(name: str, title: str, ending: str, *, write: WriteMany, drops: Drops) -> ExporterSpec:
    """A format that holds many cases, and therefore one."""

    def write_one(export: VertebraeExport, path: Path) -> None:
        write((export,), path)

    return ExporterSpec(name, title, ending, write_one, drops, write_many=write)


def _write_report(export: VertebraeExport, path: Path) -> None:
    """Imports the library of PDF on first use: the window opens a tenth of a second sooner."""
    from app.io.exporters.report import write_report

    write_report(export, path)


EXPORTERS: tuple[ExporterSpec, ...] = (
    ExporterSpec(
        "json",
        "Corners and angles as JSON",
        ".json",
        write_vertebrae_json,
        dropping(),
    ),
    ExporterSpec(
        "picture",
        "Picture with overlay",
        ".png",
        write_vertebrae_picture,
        dropping(Part.CORNERS, Part.ORDER, Part.SPREAD, Part.ORIGIN, Part.SPACING, Part.DEPTH),
    ),
    ExporterSpec(
        "report",
        "Report on one page, PDF",
        ".pdf",
        _write_report,
        dropping(Part.CORNERS, Part.ORDER, Part.SPREAD, Part.DEPTH),
    ),
    ExporterSpec(
        "svg",
        "Drawing over the film, SVG",
        ".svg",
        write_svg,
        dropping(Part.ORDER, Part.SPREAD, Part.ORIGIN, Part.SPACING, Part.DEPTH),
    ),
    _many(
        "csv",
        "Table, one row a film",
        ".csv",
        write=write_films,
        drops=dropping(Part.HINTS, Part.PINS, Part.ORDER, Part.SPREAD),
    ),
    _many(
        "csvlong",
        "Table, one row a corner",
        ".long.csv",
        write=write_corners,
        drops=dropping(Part.ORDER, Part.ORIGIN, Part.ANGLES, Part.SPACING, Part.SYNTHETIC),
    ),
    _many(
        "coco",
        "COCO keypoints for CVAT",
        ".coco.json",
        write=write_coco,
        drops=dropping(
            Part.HINTS,
            Part.PINS,
            Part.ORDER,
            Part.SPREAD,
            Part.ORIGIN,
            Part.ACCEPTED,
            Part.ANGLES,
            Part.SPACING,
            Part.SYNTHETIC,
        ),
    ),
    ExporterSpec(
        "labelme",
        "labelme points",
        ".labelme.json",
        write_labelme,
        dropping(Part.ORDER, Part.SPREAD, Part.ORIGIN, Part.ANGLES, Part.SPACING),
    ),
    ExporterSpec(
        "slicer",
        "3D Slicer markups",
        ".mrk.json",
        write_slicer,
        dropping(Part.ORDER, Part.SPREAD, Part.ORIGIN, Part.ACCEPTED, Part.ANGLES, Part.SYNTHETIC),
    ),
    _many(
        "aasce",
        "Training data, AASCE folder",
        "",
        write=write_aasce,
        drops=dropping(
            Part.HINTS,
            Part.PINS,
            Part.ORDER,
            Part.SPREAD,
            Part.ORIGIN,
            Part.ACCEPTED,
            Part.NAMES,
            Part.SPACING,
            Part.SYNTHETIC,
            Part.DEPTH,
        ),
    ),
)
DEFAULT_FORMATS = ("json", "picture")


def exporter(name: str) -> ExporterSpec:
    """The format of that name; the first where nobody knows the name."""
    return next((spec for spec in EXPORTERS if spec.name == name), EXPORTERS[0])
