"""The one list of exporters; the first is what people get without choosing."""

from __future__ import annotations

from app.io.exporters.json_vertebrae import write_vertebrae_json
from app.io.exporters.picture import write_vertebrae_picture
from app.io.exporters.spec import ExporterSpec

EXPORTERS: tuple[ExporterSpec, ...] = (
    ExporterSpec("json", "Corners and angles as JSON", ".json", write_vertebrae_json),
    ExporterSpec("picture", "Picture with overlay", ".png", write_vertebrae_picture),
)
