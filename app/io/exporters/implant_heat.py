"""How much each place stands out, as numbers."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from app.io.exporters.implant_masks import nifti_bytes
from app.io.exporters.implant_spec import ImplantExport, require_decisions, require_findings
from app.io.writing import write_atomically
from domain.implant_heat import heat_of
from domain.implant_regions import placed_heat


def write_heat_array(export: ImplantExport, path: Path) -> None:
    """Write (pictures, 128, 128) float32 as the network saw them, by the case's scoring.

    Raises:
        ExportFailed: the healed study is not at hand, or the file cannot be written.
    """
    scoring, findings = require_decisions(export).scoring, require_findings(export)
    buffer = io.BytesIO()
    np.save(buffer, heat_of(findings, scoring).astype(np.float32))
    write_atomically(path, buffer.getvalue())


def write_heat_nifti(export: ImplantExport, path: Path) -> None:
    """Write float32 where it lies in the original frame, or in the whole still picture.

    Raises:
        ExportFailed: the healed study is not at hand, or the file cannot be written.
    """
    scoring, findings = require_decisions(export).scoring, require_findings(export)
    heat = placed_heat(findings, scoring)
    first, following = heat.out_of(np.array([[0.0, 0.0], [1.0, 1.0]]))
    scale, corner = following - first, first
    content = nifti_bytes(
        heat.values.astype(np.float32),
        scale=(float(scale[0]), float(scale[1])),
        corner=(float(corner[0]), float(corner[1])),
    )
    write_atomically(path, content)
