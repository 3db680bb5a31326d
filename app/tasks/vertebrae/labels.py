"""Words and tables of the vertebrae task: what the angles are called and how they are defined."""

from __future__ import annotations

from dataclasses import dataclass

from domain.annotation import Annotations
from domain.curves import (
    CLINICAL_DEFINITION,
    Curve,
    Reading,
    apex_name,
    curves_of,
    side_of_patient,
)
from domain.image import Image
from domain.vertebrae import COBB_DEFINITION, CobbAngle, cobb_angles, names_of

ANGLE_TITLES = ("Main", "Second", "Third")
HUMAN_REPEAT = (
    "Two readings of the same film differ by 2 to 4° on average: a difference below that is not a "
    "change."
)
READING_TITLES = {Reading.CLINICAL: "Clinical", Reading.AASCE: "AASCE"}
DEFINITIONS = {Reading.CLINICAL: CLINICAL_DEFINITION, Reading.AASCE: COBB_DEFINITION}
NO_CURVE = "No curve of 10° or more"
ENDS_BY_HAND = "End vertebrae chosen by hand"


@dataclass(frozen=True)
class AngleRow:
    """One angle as it is shown and copied."""

    title: str
    angle_deg: float
    ends: str
    details: tuple[str, ...] = ()

    @property
    def as_text(self) -> str:
        """A line for the clipboard, in columns."""
        return "\t".join((self.title, f"{self.angle_deg:.1f}°", self.ends, *self.details))


def angle_rows(shown: Annotations, image: Image, *, reading: Reading) -> tuple[AngleRow, ...]:
    """What is read on a film; nothing where it has no corners."""
    if shown.points is None:
        return ()
    corners, names = shown.points.coordinates, names_of(shown)
    aspect = image.grid.aspect
    if reading is Reading.CLINICAL:
        return tuple(_curve_row(curve, image, names) for curve in curves_of(shown, aspect=aspect))
    angles = cobb_angles(corners, image_rows=image.shape[0], aspect=aspect)
    shape = (f"{angles.shape}-shaped column",), (), ()
    return tuple(
        AngleRow(title, angle.angle_deg, _between(angle, names), details)
        for title, angle, details in zip(
            ANGLE_TITLES, (angles.main, angles.second, angles.third), shape, strict=True
        )
    )


def _curve_row(curve: Curve, image: Image, names: tuple[str, ...]) -> AngleRow:
    details = [f"apex {apex_name(curve.apex, names)}"]
    side = side_of_patient(curve.convex_to, image.presentation)
    if side is not None:
        details.append(f"convex to the {side}")
    ends = f"{names[curve.upper]}–{names[curve.lower]}"
    return AngleRow(curve.name, curve.angle_deg, ends, tuple(details))


def _between(angle: CobbAngle, names: tuple[str, ...]) -> str:
    if angle.upper == angle.lower:
        return "no further curve"
    return f"{names[angle.upper]}–{names[angle.lower]}"
