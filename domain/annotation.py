"""Everything a person or a network decided on a case, as one immutable snapshot."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from domain.doubts import Doubt
from domain.errors import ImageMismatch
from domain.geometry import Points
from domain.grid import Grid
from domain.implant import ImplantDecisions
from domain.measures import Measure
from domain.provenance import ModelOrigin


@dataclass(frozen=True)
class Hint:
    """A landmark that the hand placed: it holds exactly where it was left.

    Args:
        index: which landmark.
        row, column: where, in original pixels.
    """

    index: int
    row: float
    column: float


@dataclass(frozen=True)
class Vertebra:
    """What four landmarks in a row are.

    Args:
        name: what a person calls it, like "T7".
        slot: which one of the network's own vertebrae it is; None where the network has none such.
    """

    name: str
    slot: int | None


@dataclass(frozen=True)
class CurveEnds:
    """Two end vertebrae that a person chose to measure between: indices from 0, upper first."""

    upper: int
    lower: int

    def __post_init__(self) -> None:
        if not 0 <= self.upper < self.lower:
            msg = f"a curve cannot run from vertebra {self.upper} to vertebra {self.lower}"
            raise ValueError(msg)


@dataclass(frozen=True)
class Annotations:
    """The state of a case's landmarks and of what was measured by hand.

    Args:
        image_sha256: the pixels these belong to.
        points: the landmarks, or None before anything was found.
        rounds: hints in the order of the gestures that gave them; one tuple a gesture.
        pins: landmarks that must not move though they are no hints.
        column: the vertebrae, one for every four landmarks; () for the network's own, as it
            names them.
        confidence: each landmark's spread in original pixels (larger is less sure), or ().
        accepted: a person has accepted all of it.
        origin: the network run that the free landmarks come from.
        curve_ends: the curves to measure, top to bottom; () to divide the column by rule.
        measures: what a person measured by hand.
        calibration: the spacing that a person gave; it wins over the file's.
        doubts: what speaks against the last answer.
        implants: of the implant task; None in other tasks, and before anything was found.
    """

    image_sha256: str
    points: Points | None = None
    rounds: tuple[tuple[Hint, ...], ...] = ()
    pins: frozenset[int] = frozenset()
    column: tuple[Vertebra, ...] = ()
    confidence: tuple[float, ...] = ()
    accepted: bool = False
    origin: ModelOrigin | None = None
    curve_ends: tuple[CurveEnds, ...] = ()
    measures: tuple[Measure, ...] = ()
    calibration: Grid | None = None
    doubts: tuple[Doubt, ...] = ()
    implants: ImplantDecisions | None = None

    def require_image(self, sha256: str) -> None:
        """Refuse to be shown on other pixels.

        Raises:
            ImageMismatch: these annotations belong to another image.
        """
        if sha256 != self.image_sha256:
            raise ImageMismatch(
                "These annotations belong to another image.",
                why=f"They carry identity {self.image_sha256[:12]}, the image has {sha256[:12]}.",
                remedy="Open the image they were made on.",
            )

    @property
    def hints(self) -> dict[int, Hint]:
        """The latest hint of each hinted landmark, by index."""
        return {hint.index: hint for hints in self.rounds for hint in hints}

    @property
    def held(self) -> frozenset[int]:
        """Landmarks that no network may move."""
        return self.pins | frozenset(self.hints)

    def with_hints(self, hints: tuple[Hint, ...]) -> Annotations:
        """One more round; the hinted points move to their hints at once."""
        points = self.points
        for hint in hints:
            if points is not None:
                points = points.moved(hint.index, to=(hint.row, hint.column))
        return replace(self, points=points, rounds=(*self.rounds, hints), accepted=False)

    def without_hints(self, indices: Collection[int]) -> Annotations:
        """The rounds that would be there had nobody touched these landmarks; their pins go too."""
        if self.held.isdisjoint(indices):
            return self
        kept = (tuple(h for h in hints if h.index not in indices) for hints in self.rounds)
        return replace(
            self,
            rounds=tuple(hints for hints in kept if hints),
            pins=self.pins - frozenset(indices),
            accepted=False,
        )

    def answered(
        self,
        points: Points,
        *,
        confidence: tuple[float, ...],
        origin: ModelOrigin,
        doubts: tuple[Doubt, ...] = (),
    ) -> Annotations:
        """The same decisions with the network's answer for every landmark that is not held."""
        coordinates = points.coordinates.copy()
        if self.points is not None:
            for index in self.held:
                coordinates[index] = self.points.coordinates[index]
        return replace(
            self,
            points=Points(coordinates),
            confidence=confidence,
            origin=origin,
            doubts=doubts,
        )

    def measured_as(self, other: Annotations) -> Annotations:
        """The same landmarks with what was measured in `other`: no network ever changes that."""
        return replace(self, measures=other.measures, calibration=other.calibration)
