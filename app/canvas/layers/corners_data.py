"""What the corners layer draws, as one frozen value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from domain.angles import ShownAngle
from domain.geometry import FloatArray, frozen_array
from domain.vertebrae import CORNERS


@dataclass(frozen=True)
class CobbLine:
    """An angle between two end vertebrae (from 0, upper first).

    Args:
        name: written before the angle, like "MT".
        main: drawn stronger than the others.
        plates: drawn between the outer end-plates, not between the mid-lines.
    """

    upper: int
    lower: int
    angle_deg: float
    name: str = ""
    main: bool = True
    plates: bool = False

    @property
    def text(self) -> str:
        """What is written at it, like "MT 42.1°"."""
        return f"{self.name} {self.angle_deg:.1f}°".lstrip()


def lines_of(angles: Iterable[ShownAngle]) -> tuple[CobbLine, ...]:
    """Those angles that stand on the film."""
    return tuple(
        CobbLine(
            angle.upper,
            angle.lower,
            angle.angle_deg,
            name=angle.name,
            main=angle.main,
            plates=angle.plates,
        )
        for angle in angles
        if angle.drawn
    )


@dataclass(frozen=True, eq=False)
class CornersData:
    """A column of vertebrae with four corners each.

    Args:
        coordinates: (4 n, 2) rows and columns in original pixels, in the order of the domain.
        image_sha256: the pixels these belong to.
        labels: names of the vertebrae, or () for none.
        hints: corners that the hand placed.
        pins: corners that must not move though they are no hints.
        selected: the corner that keys act on.
        ghosts: (4 n, 2) where the corners were before, or None.
        pulse: the corner most worth checking.
        cobb: angles to draw.
    """

    coordinates: FloatArray
    image_sha256: str
    labels: tuple[str, ...] = ()
    hints: frozenset[int] = frozenset()
    pins: frozenset[int] = frozenset()
    selected: int | None = None
    ghosts: FloatArray | None = None
    pulse: int | None = None
    cobb: tuple[CobbLine, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "coordinates", _corners(self.coordinates))
        if self.ghosts is not None:
            object.__setattr__(self, "ghosts", _corners(self.ghosts))
        count = len(self.coordinates)
        if self.ghosts is not None and len(self.ghosts) != count:
            msg = f"expected {count} ghosts, got {len(self.ghosts)}"
            raise ValueError(msg)
        if self.labels and len(self.labels) * len(CORNERS) != count:
            msg = f"expected a label for every four of {count} corners, got {len(self.labels)}"
            raise ValueError(msg)


def _corners(values: FloatArray) -> FloatArray:
    array = frozen_array(values, columns=2)
    if not len(array) or len(array) % len(CORNERS):
        msg = f"expected four corners for each vertebra, got {len(array)}"
        raise ValueError(msg)
    return array
