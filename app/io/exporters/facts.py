"""What several formats say of a case, said the same way in each."""

from __future__ import annotations

from app.io.exporters.spec import VertebraeExport
from domain.angles import aasce_angles
from domain.annotation import Annotations
from domain.errors import ExportFailed
from domain.geometry import Points
from domain.numbering import LEVELS
from domain.vertebrae import CORNERS, CobbAngles, names_of


def require_points(export: VertebraeExport) -> Points:
    """The corners of a case.

    Raises:
        ExportFailed: nothing was found on the film yet.
    """
    points = export.annotations.points
    if points is None:
        raise ExportFailed(
            f"“{export.study}” has no corners to export.",
            why="Nothing was found on this film yet.",
            remedy="Find the corners first.",
        )
    return points


def require_anything(export: VertebraeExport) -> None:
    """Corners or measures, for formats that show what there is.

    Raises:
        ExportFailed: nothing was found or measured on the film yet.
    """
    if not export.annotations.measures:
        require_points(export)


def require_seventeen(export: VertebraeExport, *, title: str) -> Points:
    """The corners of a case for a format that knows T1 to L5 only.

    Raises:
        ExportFailed: there are none, or of another number of vertebrae.
    """
    points = require_points(export)
    count = len(points) // len(CORNERS)
    if count != len(LEVELS):
        raise ExportFailed(
            f"“{export.study}” cannot be written as {title}.",
            why=f"It has {count} vertebrae; the format holds {len(LEVELS)}.",
            remedy="Choose another format.",
        )
    return points


def angles_of(export: VertebraeExport) -> CobbAngles:
    """The angles of the AASCE rule.

    Raises:
        ExportFailed: nothing was found on the film yet.
    """
    return aasce_angles(export.annotations, export.image, require_points(export))


def corner_names(annotations: Annotations) -> tuple[str, ...]:
    """The name of each landmark, like "T7.TL"."""
    return tuple(f"{name}.{corner}" for name in names_of(annotations) for corner in CORNERS)


def state_of(index: int, annotations: Annotations) -> str:
    """ "free", "hint" or "pinned", as the published schema says it."""
    if index in annotations.pins:
        return "pinned"
    return "hint" if index in annotations.hints else "free"
