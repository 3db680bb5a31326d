"""Scores of studies as a table: the columns of the original, then ours."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from pathlib import Path

from app.io.exporters.csv_tables import plain_cell
from app.io.exporters.implant_spec import ImplantExport, require_decisions, standing
from app.io.writing import write_atomically
from domain.implant import Verdict
from domain.implant_words import sentences

Cell = str | int | float | None


def write_scores(exports: Sequence[ImplantExport], path: Path) -> None:
    """One row a study.

    Raises:
        ExportFailed: nobody has looked at one yet, or the file cannot be written.
    """
    rows = [_row(export) for export in exports]
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    table.writeheader()
    table.writerows({name: plain_cell(cell) for name, cell in row.items()} for row in rows)
    write_atomically(path, text.getvalue().encode("utf-8", "replace"))


def _row(export: ImplantExport) -> dict[str, Cell]:
    decided = require_decisions(export)
    regions = standing(decided)
    return {
        "filename": export.file or export.study,
        "score": _number(decided.score),
        "label": _label(export),
        "p_value": _number(decided.p_value),
        "implants": len({region.implant for region in regions}),
        "accepted_implants": sum(i.verdict is Verdict.ACCEPTED for i in decided.implants),
        "regions": len(regions),
        "sites": " ".join(implant.site for implant in decided.implants if implant.site),
        "scoring": decided.scoring.value,
        "threshold": _number(decided.threshold),
        **_healed(export),
        "image_sha256": export.image.sha256,
        "doubts": " ".join(sentences(decided.doubts)),
    }


def _healed(export: ImplantExport) -> dict[str, Cell]:
    options, origin = require_decisions(export).options, export.annotations.origin
    return {
        "level": options.level if options else None,
        "steps": options.steps if options else None,
        "sampler": options.sampler.value if options else None,
        "seeds": options.seeds if options else None,
        "seed": export.seed if options else None,
        "mode": origin.mode.value if origin else None,
        "weights_id": origin.weights_id if origin else None,
        "weights_sha256": origin.weights_sha256 if origin else None,
        "seconds": origin.seconds if origin else None,
    }


def _label(export: ImplantExport) -> int | None:
    """What a person says: 1 with an implant, 0 without; nothing where nobody said it."""
    decided = require_decisions(export)
    if any(implant.verdict is Verdict.ACCEPTED for implant in decided.implants):
        return 1
    open_ones = any(implant.verdict is Verdict.OPEN for implant in decided.implants)
    return 0 if export.annotations.accepted and not open_ones else None


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
