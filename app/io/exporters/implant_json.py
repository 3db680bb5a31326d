"""Writes implants and their outlines as JSON by the published schema docs/schema/implant-1.json."""

from __future__ import annotations

import math
from dataclasses import asdict
from datetime import UTC
from pathlib import Path
from typing import Any

from app.io.exporters.implant_spec import ImplantExport, require_decisions
from app.io.exporters.json_vertebrae import library_versions
from app.io.exporters.spec import RESEARCH_USE
from app.io.writing import write_json
from domain.implant import ImplantDecisions, Region
from domain.implant_plan import StudyPlan
from domain.implant_words import SENTENCES
from inference.contracts import VERSION

SCHEMA = "urn:caliper:schema:implant:1"
_COORDINATES = {
    "order": ["row", "column"],
    "unit": "pixel",
    "origin": "the centre of the top left pixel is (0, 0); rows grow down, columns to the right",
    "image": "the original frame; the whole picture where nothing moves",
}

Json = dict[str, Any]


def write_implant_json(export: ImplantExport, path: Path) -> None:
    """Write everything decided on a case.

    Raises:
        ExportFailed: nobody has looked yet, or the file cannot be written.
    """
    write_json(path, implant_document(export))


def implant_document(export: ImplantExport) -> Json:
    """The document that is written, as the schema describes it.

    Raises:
        ExportFailed: nobody has looked yet.
    """
    decided, plan, origin = require_decisions(export), export.plan, export.annotations.origin
    return {
        "schema": SCHEMA,
        "use": RESEARCH_USE,
        "created": export.created.astimezone(UTC).isoformat(timespec="seconds"),
        "study": {"name": export.study, "file": export.file},
        "image": _image(export),
        "coordinates": _COORDINATES,
        "pictures": [_picture(plan, number) for number in range(len(plan))],
        "accepted": export.annotations.accepted,
        "healed": None if decided.options is None else _healed(decided, export.seed),
        "scoring": decided.scoring.value,
        "threshold": _number(decided.threshold),
        "score": _number(decided.score),
        "p_value": _number(decided.p_value),
        "doubts": [{"kind": d.value, "words": SENTENCES[d]} for d in decided.doubts],
        "implants": [
            {
                "number": implant.number,
                "site": implant.site,
                "site_given_by_a_person": implant.site_is_given,
                "verdict": implant.verdict.value,
                "regions": [
                    _region(r, plan) for r in decided.regions if r.implant == implant.number
                ],
            }
            for implant in decided.implants
        ],
        "network": None if origin is None else asdict(origin),
        "program": {"name": "Caliper", "version": VERSION, "libraries": dict(library_versions())},
    }


def _image(export: ImplantExport) -> Json:
    image = export.image
    return {
        "sha256": image.sha256,
        "rows": image.shape[0],
        "columns": image.shape[1],
        "frames": 1 if image.cine is None else len(image.cine),
        "dtype": image.pixels.dtype.name,
        "synthetic": image.synthetic,
    }


def _picture(plan: StudyPlan, number: int) -> Json:
    return {
        "frame": plan.numbers[number] if plan.numbers else None,
        "window": asdict(plan.windows[number]),
        "repeats_the_one_before": number >= plan.own,
        "missing": number in plan.missing,
    }


def _healed(decided: ImplantDecisions, seed: int) -> Json:
    assert decided.options is not None
    return asdict(decided.options) | {"seed": seed}


def _region(region: Region, plan: StudyPlan) -> Json:
    return {
        "id": region.id,
        "picture": region.frame,
        "frame": plan.numbers[region.frame] if plan.numbers else None,
        "outline": [list(corner) for corner in region.outline],
        "score": _number(region.score),
        "drawn_by_a_person": region.drawn,
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
