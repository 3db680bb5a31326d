"""What the measures layer draws, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass

from domain.measures import Measure, MeasureKind, Place


@dataclass(frozen=True)
class MeasureItem:
    """A measure with the words beside it."""

    measure: Measure
    text: str


@dataclass(frozen=True)
class Draft:
    """A measure that is not finished.

    Args:
        kind: how the points are joined; None where they are not.
        points: those placed, and last the one under the mouse.
        text: what it would read, once it has all its points.
        hint: what the next click means.
    """

    kind: MeasureKind | None
    points: tuple[Place, ...]
    text: str
    hint: str


@dataclass(frozen=True)
class MeasuresData:
    """Everything measured on a film.

    Args:
        image_sha256: the pixels these belong to.
        rows: height of the film.
        selected: id of the measure that keys act on.
        point: its handle that they act on; None where it is the whole.
        draft: what is being placed; while there is one, every click is its next point.
    """

    image_sha256: str
    rows: int
    items: tuple[MeasureItem, ...] = ()
    selected: str | None = None
    point: int | None = None
    draft: Draft | None = None
