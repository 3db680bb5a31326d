"""The angles of a case by a reading, in words and as they are drawn: the same on every page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.annotation import Annotations
from domain.curves import (
    CLINICAL_DEFINITION,
    LEAST_CURVE_DEG,
    Curve,
    Reading,
    apex_name,
    curves_of,
    side_of_patient,
)
from domain.geometry import Points
from domain.image import Image
from domain.provenance import Mode
from domain.vertebrae import COBB_DEFINITION, CobbAngle, CobbAngles, cobb_angles, names_of

DEFINITIONS = {Reading.CLINICAL: CLINICAL_DEFINITION, Reading.AASCE: COBB_DEFINITION}
ROLES = ("main", "second", "third")
NO_CURVE = "No curve of 10° or more"


@dataclass(frozen=True)
class ShownAngle:
    """One angle.

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
        """What is written on the film, like "MT 42.1°"."""
        return f"{self.name} {self.angle_deg:.1f}°".lstrip()

    @property
    def line(self) -> str:
        """All that is known, in one line."""
        return f"{self.title} {self.angle_deg:.1f}°  {', '.join((self.ends, *self.details))}"

    @property
    def columns(self) -> str:
        """All that is known, for the clipboard."""
        return "\t".join((self.title, f"{self.angle_deg:.1f}°", self.ends, *self.details))


def read_angles(case: Annotations, image: Image, *, reading: Reading) -> tuple[ShownAngle, ...]:
    """The angles of a case, from the top of the column or the largest first, as the rule says.

    None without corners.
    """
    if case.points is None:
        return ()
    if reading is Reading.CLINICAL:
        return _clinical(case, image)
    return _aasce(case, image, case.points)


def mode_of(case: Annotations) -> Mode:
    """The mode of the network run behind the corners; our own where there was none."""
    return Mode.CORRECTED if case.origin is None else case.origin.mode


def aasce_angles(case: Annotations, image: Image, points: Points) -> CobbAngles:
    """The three angles of the AASCE rule, in the mode of the network run behind the corners."""
    return cobb_angles(
        points.coordinates,
        aspect=image.grid.aspect,
        image_rows=image.shape[0],
        as_published=mode_of(case) is Mode.AS_PUBLISHED,
    )


def by_role(angles: CobbAngles) -> tuple[tuple[str, CobbAngle], ...]:
    """Main, second and third, each with its role."""
    return tuple(zip(ROLES, (angles.main, angles.second, angles.third), strict=True))


def _clinical(case: Annotations, image: Image) -> tuple[ShownAngle, ...]:
    curves, names = curves_of(case, aspect=image.grid.aspect), names_of(case)
    largest = max(curves, key=lambda curve: curve.angle_deg, default=None)
    return tuple(
        ShownAngle(
            title=curve.name,
            name=curve.region or "",
            angle_deg=curve.angle_deg,
            upper=curve.upper,
            lower=curve.lower,
            ends=_between(curve, names),
            details=_details(curve, image, names),
            main=curve is largest,
            plates=True,
        )
        for curve in curves
    )


def _details(curve: Curve, image: Image, names: Sequence[str]) -> tuple[str, ...]:
    apex = f"apex {apex_name(curve.apex, names)}"
    side = side_of_patient(curve.convex_to, image.presentation)
    return (apex,) if side is None else (apex, f"convex to the {side}")


def _aasce(case: Annotations, image: Image, points: Points) -> tuple[ShownAngle, ...]:
    angles, names = aasce_angles(case, image, points), names_of(case)
    return tuple(
        ShownAngle(
            title=role.capitalize(),
            name="",
            angle_deg=angle.angle_deg,
            upper=angle.upper,
            lower=angle.lower,
            ends=_between(angle, names),
            details=(f"{angles.shape}-shaped column",) if role == "main" else (),
            main=role == "main",
            drawn=role == "main" or angle.angle_deg >= LEAST_CURVE_DEG,
        )
        for role, angle in by_role(angles)
    )


def _between(angle: Curve | CobbAngle, names: Sequence[str]) -> str:
    if angle.upper == angle.lower:
        return "no further curve"
    return f"{names[angle.upper]}–{names[angle.lower]}"
