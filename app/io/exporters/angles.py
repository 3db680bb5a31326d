"""The angles of a case that leaves, as the screen shows them."""

from __future__ import annotations

from app.io.exporters.spec import VertebraeExport
from domain.angles import NO_CURVE, ShownAngle, read_angles
from domain.curves import Reading


def shown_angles(export: VertebraeExport) -> tuple[ShownAngle, ...]:
    """The angles of the reading chosen; none without corners."""
    return read_angles(export.annotations, export.image, reading=export.reading)


def rule_words(export: VertebraeExport) -> str:
    """By which rule the angles are read."""
    if export.reading is Reading.AASCE:
        return f"{Reading.AASCE} rule"
    if export.annotations.curve_ends:
        return "Clinical reading, end vertebrae chosen by hand"
    return "Clinical reading" if shown_angles(export) else f"{NO_CURVE}, clinical reading"
