"""The angles of a case as the screen shows them, by the reading that a person chose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.io.exporters.facts import angles_of, by_role
from app.io.exporters.spec import VertebraeExport
from domain.curves import (
    CLINICAL_DEFINITION,
    LEAST_CURVE_DEG,
    Curve,
    Reading,
    apex_name,
    curves_of,
    side_of_patient,
)
from domain.vertebrae import COBB_DEFINITION, CobbAngle, names_of

DEFINITIONS = {Reading.CLINICAL: CLINICAL_DEFINITION, Reading.AASCE: COBB_DEFINITION}
_NO_CURVE = "No curve of 10° or more"


@dataclass(frozen=True)
class ShownAngle:
    """One angle, in words and as it is drawn.

    Args:
        title: what it is called in a list, like "Main thoracic".
        name: what stands before the figure on the film, like "MT", or "".
        upper, lower: indices of the end vertebrae.
        ends: their names.
        details: what else is known of it, in words.
        main: the largest, drawn stronger than the others.
        plates: drawn between the outer end-plates, not between the mid-lines.
        drawn: whether it stands on the film.
    """

    title: str
    name: str
    angle_deg: float
    upper: int
    lower: int
    ends: str
    details: tuple[str, ...] = ()
    main: bool = False
    plates: bool = False
    drawn: bool = True

    @property
    def figure(self) -> str:
        """What is written large on the film, like "MT 42.1°"."""
        return f"{self.name} {self.angle_deg:.1f}°".lstrip()

    @property
    def line(self) -> str:
        """All that is known, in one line."""
        return f"{self.title} {self.angle_deg:.1f}°  {', '.join((self.ends, *self.details))}"


def shown_angles(export: VertebraeExport) -> tuple[ShownAngle, ...]:
    """The angles of the reading chosen; none without corners."""
    if export.annotations.points is None:
        return ()
    if export.reading is Reading.CLINICAL:
        return _clinical(export)
    return _aasce(export)


def rule_words(export: VertebraeExport) -> str:
    """By which rule the angles are read, and what it says of the whole column."""
    if export.reading is Reading.AASCE:
        return f"{angles_of(export).shape.value}-shaped column, {Reading.AASCE} rule"
    if export.annotations.curve_ends:
        return "Clinical reading, end vertebrae chosen by hand"
    found = shown_angles(export)
    return "Clinical reading" if found else f"{_NO_CURVE}, clinical reading"


def _clinical(export: VertebraeExport) -> tuple[ShownAngle, ...]:
    curves = curves_of(export.annotations, aspect=export.image.grid.aspect)
    names = names_of(export.annotations)
    largest = max(curves, key=lambda curve: curve.angle_deg, default=None)
    return tuple(
        ShownAngle(
            title=curve.name,
            name=curve.region or "",
            angle_deg=curve.angle_deg,
            upper=curve.upper,
            lower=curve.lower,
            ends=_between(curve, names),
            details=_details(curve, export, names),
            main=curve is largest,
            plates=True,
        )
        for curve in curves
    )


def _details(curve: Curve, export: VertebraeExport, names: Sequence[str]) -> tuple[str, ...]:
    apex = f"apex {apex_name(curve.apex, names)}"
    side = side_of_patient(curve.convex_to, export.image.presentation)
    return (apex,) if side is None else (apex, f"convex to the {side}")


def _aasce(export: VertebraeExport) -> tuple[ShownAngle, ...]:
    names = names_of(export.annotations)
    return tuple(
        ShownAngle(
            title=role.capitalize(),
            name="",
            angle_deg=angle.angle_deg,
            upper=angle.upper,
            lower=angle.lower,
            ends=_between(angle, names),
            main=role == "main",
            drawn=role == "main" or angle.angle_deg >= LEAST_CURVE_DEG,
        )
        for role, angle in by_role(angles_of(export))
    )


def _between(angle: Curve | CobbAngle, names: Sequence[str]) -> str:
    if angle.upper == angle.lower:
        return "no further curve"
    return f"{names[angle.upper]}–{names[angle.lower]}"
