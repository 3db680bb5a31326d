"""Implants as COCO instance segmentation: one image a frame that holds any, pixel corners at 0.

COCO counts from the outer corner of the top left pixel: x is the column plus a half, y the row plus
a half. Frames are called as the masks are.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.io.exporters.implant_spec import ImplantExport, require_decisions, standing
from app.io.exporters.spec import RESEARCH_USE
from app.io.names import file_stem
from app.io.writing import write_json
from domain.contours import area
from domain.implant import Region

Json = dict[str, Any]
_HALF_PIXEL = 0.5


def write_implant_coco(exports: Sequence[ImplantExport], path: Path) -> None:
    """Write one file for all studies.

    Raises:
        ExportFailed: nobody has looked at one yet, or the file cannot be written.
    """
    write_json(path, coco_document(exports))


def coco_document(exports: Sequence[ImplantExport]) -> Json:
    """The document that is written.

    Raises:
        ExportFailed: nobody has looked at a study yet.
    """
    images: list[Json] = []
    annotations: list[Json] = []
    for export in exports:
        decided = require_decisions(export)
        regions = standing(decided)
        sites = {implant.number: implant.site for implant in decided.implants}
        for frame in sorted({_frame(region, export) for region in regions} or {0}):
            images.append(_image(export, frame, number=len(images) + 1))
            own = [region for region in regions if _frame(region, export) == frame]
            for region in own:
                number = len(annotations) + 1
                annotation = _annotation(region, number=number, image=len(images))
                annotation["attributes"] = {
                    "implant": region.implant,
                    "site": sites.get(region.implant, ""),
                    "drawn": region.drawn,
                }
                annotations.append(annotation)
    return {
        "info": {"description": f"Implants from Caliper. {RESEARCH_USE}", "version": "1"},
        "licenses": [{"id": 0, "name": "", "url": ""}],
        "categories": [{"id": 1, "name": "implant", "supercategory": ""}],
        "images": images,
        "annotations": annotations,
    }


def frame_name(export: ImplantExport, frame: int) -> str:
    """The file of one frame, named after the study's own; the file itself where nothing moves."""
    if export.image.cine is None:
        return export.file or f"{file_stem(export.study)}.png"
    return f"{file_stem(Path(export.file or export.study).stem)}_{frame:04d}.png"


def _frame(region: Region, export: ImplantExport) -> int:
    numbers = export.plan.numbers
    return numbers[region.frame] if numbers else 0


def _image(export: ImplantExport, frame: int, *, number: int) -> Json:
    rows, columns = export.image.shape
    return {
        "id": number,
        "width": columns,
        "height": rows,
        "file_name": frame_name(export, frame),
        "license": 0,
        "flickr_url": "",
        "coco_url": "",
        "date_captured": 0,
    }


def _annotation(region: Region, *, number: int, image: int) -> Json:
    places = np.array(region.outline)[:, ::-1] + _HALF_PIXEL
    left, top = (float(value) for value in places.min(axis=0))
    width, height = (float(value) for value in np.ptp(places, axis=0))
    return {
        "id": number,
        "image_id": image,
        "category_id": 1,
        "segmentation": [[float(value) for value in places.ravel()]],
        "area": abs(area(places)),
        "bbox": [left, top, width, height],
        "iscrowd": 0,
    }
