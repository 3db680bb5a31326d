"""The one list of formats for the implant task; the first is what people get without choosing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from app.io.exporters.implant_bundle import write_bundle
from app.io.exporters.implant_coco import write_implant_coco
from app.io.exporters.implant_json import write_implant_json
from app.io.exporters.implant_picture import write_implant_picture
from app.io.exporters.implant_scores import write_scores
from app.io.exporters.implant_spec import (
    ImplantExport,
    dropping,
    require_decisions,
    require_findings,
)
from app.io.exporters.spec import FormatSpec

Write = Callable[[ImplantExport, Path], None]
WriteMany = Callable[[Sequence[ImplantExport], Path], None]


def _one_of(write_many: WriteMany) -> Write:
    return lambda export, path: write_many((export,), path)


# Libraries of films and volumes are imported on first use: the window opens sooner without.
def _mask_pictures(export: ImplantExport, path: Path) -> None:
    from app.io.exporters.implant_masks import write_mask_pictures

    write_mask_pictures(export, path)


def _mask_nifti(export: ImplantExport, path: Path) -> None:
    from app.io.exporters.implant_masks import write_mask_nifti

    write_mask_nifti(export, path)


def _heat_nifti(export: ImplantExport, path: Path) -> None:
    from app.io.exporters.implant_heat import write_heat_nifti

    write_heat_nifti(export, path)


def _heat_array(export: ImplantExport, path: Path) -> None:
    from app.io.exporters.implant_heat import write_heat_array

    write_heat_array(export, path)


def _panels_film(export: ImplantExport, path: Path) -> None:
    from app.io.exporters.implant_panels import write_panels_film

    write_panels_film(export, path)


def _panels_picture(export: ImplantExport, path: Path) -> None:
    from app.io.exporters.implant_panels import write_panels_picture

    write_panels_picture(export, path)


_OUTLINES_ALONE = ("verdicts", "rejected", "origin", "doubts")
_NUMBERS_ALONE = ("outlines", "sites", *_OUTLINES_ALONE)
_FORMATS: tuple[FormatSpec[ImplantExport], ...] = (
    FormatSpec(
        "json", "Implants as JSON", ".json", write_implant_json, dropping(), require_decisions
    ),
    FormatSpec(
        "picture",
        "Picture with outlines",
        ".png",
        write_implant_picture,
        dropping("outlines", "rejected", "origin", "depth"),
        require_decisions,
    ),
    FormatSpec(
        "scores",
        "Table of scores, one row a study",
        ".scores.csv",
        _one_of(write_scores),
        dropping("outlines", "rejected"),
        require_decisions,
        write_scores,
    ),
    FormatSpec(
        "coco",
        "COCO instance segmentation",
        ".coco.json",
        _one_of(write_implant_coco),
        dropping(*_OUTLINES_ALONE),
        require_decisions,
        write_implant_coco,
    ),
    FormatSpec(
        "masks",
        "Masks, a PNG for each frame, in a ZIP",
        ".masks.zip",
        _mask_pictures,
        dropping("sites", *_OUTLINES_ALONE),
        require_decisions,
    ),
    FormatSpec(
        "masknifti",
        "Masks as NIfTI",
        ".masks.nii.gz",
        _mask_nifti,
        dropping("sites", *_OUTLINES_ALONE),
        require_decisions,
    ),
    FormatSpec(
        "heatnifti",
        "Heatmap as NIfTI",
        ".heat.nii.gz",
        _heat_nifti,
        dropping(*_NUMBERS_ALONE),
        require_findings,
    ),
    FormatSpec(
        "heatnpy",
        "Heatmap as NumPy array",
        ".heat.npy",
        _heat_array,
        dropping(*_NUMBERS_ALONE),
        require_findings,
    ),
    FormatSpec(
        "film",
        "The five panels, MP4",
        ".panels.mp4",
        _panels_film,
        dropping(*_NUMBERS_ALONE, "depth"),
        require_findings,
    ),
    FormatSpec(
        "panels",
        "The five panels, PNG",
        ".panels.png",
        _panels_picture,
        dropping(*_NUMBERS_ALONE, "depth"),
        require_findings,
    ),
)
_TOLD_TWICE = {"masks", "heatnpy", "panels"}  # in other clothes
_EVERYTHING = FormatSpec(
    "everything",
    "All of it, a ZIP for each study",
    ".implants.zip",
    partial(write_bundle, parts=[spec for spec in _FORMATS if spec.name not in _TOLD_TWICE]),
    dropping("healed"),
    require_decisions,
)
IMPLANT_EXPORTERS = tuple(replace(spec, task="implant") for spec in (*_FORMATS, _EVERYTHING))
DEFAULT_IMPLANT_FORMATS = ("json", "picture", "scores")
