"""How the angles of two films of one patient differ, curve by curve."""

from __future__ import annotations

from dataclasses import dataclass

from domain import curves
from domain.annotation import Annotations
from domain.numbering import ORDER
from domain.vertebrae import names_of

NO_CHANGE_DEG = 2.0
CHANGE_DEG = 4.0
"""Two readings of one film differ by 2 to 4 degrees on average: what lies between may be either."""


@dataclass(frozen=True)
class Curve:
    """One measured curve.

    Args:
        title: what it is called on its film.
        upper, lower: end vertebrae, from 0.
        first, last: the same as places among all names, comparable between films.
        between: its end vertebrae in words.
    """

    title: str
    angle_deg: float
    upper: int
    lower: int
    first: int
    last: int
    between: str


@dataclass(frozen=True)
class ChangeRow:
    """A curve on both films; None where one film has none like it."""

    now: Curve | None
    before: Curve | None

    @property
    def change_deg(self) -> float | None:
        """How much larger the angle is now."""
        if self.now is None or self.before is None:
            return None
        return self.now.angle_deg - self.before.angle_deg

    @property
    def words(self) -> str:
        """The change for a person, with what it can mean."""
        change = self.change_deg
        if change is None:
            return "no such curve on the other film"
        text = f"{change:+.1f}°".replace("-", "−")
        if abs(change) < NO_CHANGE_DEG:
            return f"{text}, no change"
        return f"{text}, may be no change" if abs(change) < CHANGE_DEG else text


def curves_of(decisions: Annotations, *, aspect: float) -> tuple[Curve, ...]:
    """The clinical curves of a film, the largest first; none where no corners are."""
    names = names_of(decisions)
    found = curves.curves_of(decisions, aspect=aspect)
    return tuple(
        Curve(
            title=curve.name,
            angle_deg=curve.angle_deg,
            upper=curve.upper,
            lower=curve.lower,
            first=ORDER.index(names[curve.upper]),
            last=ORDER.index(names[curve.lower]),
            between=f"{names[curve.upper]}–{names[curve.lower]}",
        )
        for curve in sorted(found, key=lambda one: -one.angle_deg)
    )


def change_rows(now: tuple[Curve, ...], before: tuple[Curve, ...]) -> tuple[ChangeRow, ...]:
    """Each curve beside the one on the other film that covers the same levels best.

    Curves are paired by their levels, not by their titles: the largest curve of today need not be
    the largest of last year. Curves that share less than half of their levels are not one curve.
    """
    left = list(before)
    rows = []
    for curve in now:
        twin = max(left, key=lambda other: _overlap(curve, other), default=None)
        if twin is not None and _overlap(curve, twin) < 0.5:
            twin = None
        if twin is not None:
            left.remove(twin)
        rows.append(ChangeRow(curve, twin))
    return (*rows, *(ChangeRow(None, other) for other in left))


def _overlap(one: Curve, other: Curve) -> float:
    """Share of the levels of both that they have in common."""
    common = min(one.last, other.last) - max(one.first, other.first) + 1
    together = max(one.last, other.last) - min(one.first, other.first) + 1
    return max(common, 0) / together
