"""Everything about a study in one ZIP archive: what several formats hold, each as its own file."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from app.io.exporters.implant_spec import ImplantExport, require_decisions
from app.io.exporters.spec import FormatSpec
from app.io.writing import write_atomically
from domain.errors import ExportFailed

STEM = "implants"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # so that the same study gives the same bytes


def write_bundle(
    export: ImplantExport, path: Path, *, parts: Sequence[FormatSpec[ImplantExport]]
) -> None:
    """Write the study in every format that can hold it.

    Raises:
        ExportFailed: nobody has looked yet, or a file cannot be written.
    """
    require_decisions(export)
    buffer = io.BytesIO()
    with (
        TemporaryDirectory(prefix="caliper-") as folder,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for spec in parts:
            if _can(spec, export):
                part = Path(folder) / f"{STEM}{spec.ending}"
                spec.write(export, part)
                archive.writestr(zipfile.ZipInfo(part.name, _LONG_AGO), part.read_bytes())
    write_atomically(path, buffer.getvalue())


def _can(spec: FormatSpec[ImplantExport], export: ImplantExport) -> bool:
    with suppress(ExportFailed):
        spec.require(export)
        return True
    return False
