"""Scoliotic curves as surgeons read them: from end-plate to end-plate, named by their apex.

Source: SRS Terminology Committee (end vertebrae, apex, 10 degrees); Lenke et al., J Bone Joint Surg
Am 2001;83:1169 (regions by apex); Cobb 1948 (which end-plates). Where they leave a choice, the
function that makes it says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np

from domain.annotation import Annotations, CurveEnds
from domain.geometry import FloatArray, Points
from domain.image import Presentation
from domain.numbering import LEVELS
from domain.vertebrae import COBB_RULE, names_of

LEAST_CURVE_DEG = 10.0
LEAST_SPAN = 2  # a curve has at least one vertebra between its ends
LEAST_VERTEBRAE = LEAST_SPAN + 1
_TIE_DEG = 1e-6  # a vertebra; of two equally tilted ones the nearer to the apex is the end (SRS)
_SLACK_DEG = 1e-3  # a curve of exactly the least angle is one
_LEAST_WIDTH = 0.25  # of the median width of end-plates

CLINICAL_DEFINITION = (
    "A curve runs between two inflections, where the end-plates stop tilting one way and begin to "
    "tilt the other way. Its angle is measured from the superior end-plate of the upper end "
    "vertebra to the inferior end-plate of the lower one, the most tilted of the curve. Turns of "
    "less than 10° are no curve and split none. The apex is the vertebra or disc farthest from the "
    "line that joins the curve's ends; it names the curve: proximal thoracic T2–T5, main thoracic "
    "T6 to the disc T11/12, thoracolumbar/lumbar T12–L4 (SRS, Lenke)."
)


_Chain = tuple[float, tuple[tuple[int, int], ...]]  # the sum so far, and the ends of its curves


class Reading(StrEnum):
    """By which rule angles are read: this module's, or that of the AASCE 2019 challenge."""

    CLINICAL = "clinical"
    AASCE = COBB_RULE


class Side(StrEnum):
    """A side, of the film or of the patient as the sentence says."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def opposite(self) -> Side:
        """The other one."""
        return Side.LEFT if self is Side.RIGHT else Side.RIGHT


class Region(StrEnum):
    """Where a curve lies, by its apex (Lenke)."""

    PT = "PT"
    MT = "MT"
    TL = "TL"

    @property
    def words(self) -> str:
        """What is written for it."""
        return _WORDS[self]


_WORDS = {
    Region.PT: "Proximal thoracic",
    Region.MT: "Main thoracic",
    Region.TL: "Thoracolumbar/lumbar",
}
_REGION_OF = (
    dict.fromkeys(LEVELS[1:5], Region.PT)
    | dict.fromkeys(LEVELS[5:11], Region.MT)
    | dict.fromkeys((*LEVELS[11:16], "T13"), Region.TL)
)


@dataclass(frozen=True)
class Curve:
    """One curve of the column.

    Args:
        upper, lower: indices of the end vertebrae.
        apex: index of the apical vertebra; a half means the disc below that vertebra.
        region: where it lies; None where the apex is above T2 or below the disc L4/5.
        convex_to: the side of the film it bulges to, left being where TL and BL corners are.
    """

    upper: int
    lower: int
    apex: float
    angle_deg: float
    region: Region | None
    convex_to: Side

    @property
    def name(self) -> str:
        """What the curve is called."""
        return self.region.words if self.region else "Unnamed"

    @property
    def ends(self) -> CurveEnds:
        """Between which vertebrae it was measured."""
        return CurveEnds(self.upper, self.lower)


def clinical_curves(
    corners: FloatArray,
    *,
    aspect: float = 1.0,
    ends: Sequence[CurveEnds] = (),
    names: Sequence[str] = LEVELS,
) -> tuple[Curve, ...]:
    """The curves of a column from top to bottom; none where nothing bends by 10 degrees.

    Args:
        corners: (4 n, 2) rows and columns of n vertebrae in the order TL, TR, BL, BR.
        aspect: height of a pixel by its width.
        ends: end vertebrae that a person chose: these are measured, however small the angle, and
            nothing is divided; empty to divide the column by itself.
        names: of the vertebrae; they say which region an apex lies in.

    Raises:
        ValueError: fewer than three vertebrae, or ends or names that do not fit them.
    """
    boxes = _boxes(corners, aspect=aspect)
    if len(names) < len(boxes) or any(pair.lower >= len(boxes) for pair in ends):
        msg = f"names {tuple(names)} or ends {tuple(ends)} do not fit {len(boxes)} vertebrae"
        raise ValueError(msg)
    tilts = _tilts_deg(boxes)
    chosen = tuple(ends) or _divided(tilts)
    return tuple(_curve(boxes, tilts, pair, names=names) for pair in chosen)


def curves_of(annotations: Annotations, *, aspect: float) -> tuple[Curve, ...]:
    """The curves of a case, between ends that a person chose or by rule; none without corners."""
    if annotations.points is None:
        return ()
    return _curves_of(annotations.points, aspect, annotations.curve_ends, names_of(annotations))


@lru_cache(maxsize=8)  # canvas, handles and panel ask for the same in every frame of a drag
def _curves_of(
    points: Points, aspect: float, ends: tuple[CurveEnds, ...], names: tuple[str, ...]
) -> tuple[Curve, ...]:
    return clinical_curves(points.coordinates, aspect=aspect, ends=ends, names=names)


def with_end(ends: Sequence[CurveEnds], end: int, *, at: int, count: int) -> tuple[CurveEnds, ...]:
    """The same curves with one end at another vertebra, as far as it can go.

    Args:
        end: twice the curve's place, plus 1 for its lower end.
        count: how many vertebrae there are.
    """
    place, is_lower = divmod(end, 2)
    pair = ends[place]
    if is_lower:
        moved = CurveEnds(pair.upper, min(max(at, pair.upper + 1), count - 1))
    else:
        moved = CurveEnds(max(min(at, pair.lower - 1), 0), pair.lower)
    return (*ends[:place], moved, *ends[place + 1 :])


def apex_name(apex: float, names: Sequence[str]) -> str:
    """What an apex is called: "T9", or "T8/9" for a disc."""
    upper = int(apex)
    if apex == upper:
        return names[upper]
    above, below = names[upper], names[upper + 1]
    return f"{above}/{below[1:] if above[0] == below[0] else below}"


def side_of_patient(side: Side, presentation: Presentation) -> Side | None:
    """The patient's side that lies at a side of the film; None where the file does not say."""
    letters = presentation.left[:1].upper(), presentation.right[:1].upper()
    if side is Side.RIGHT:
        letters = letters[::-1]
    known = {"L": Side.LEFT, "R": Side.RIGHT}
    here, there = (known.get(letter) for letter in letters)
    return here or (there.opposite if there else None)


def _boxes(corners: FloatArray, *, aspect: float) -> FloatArray:
    """(n, 4, 2) corners as x and y on square pixels."""
    if len(corners) % 4 or len(corners) < 4 * LEAST_VERTEBRAE:
        msg = f"expected four corners for each of at least {LEAST_VERTEBRAE} vertebrae"
        raise ValueError(msg)
    square = np.asarray(corners, dtype=np.float64) * (aspect, 1.0)
    boxes: FloatArray = square.reshape(-1, 4, 2)[:, :, ::-1]
    return boxes


def _tilts_deg(boxes: FloatArray) -> FloatArray:
    """(n, 2) tilts of the superior and inferior end-plates in degrees, clockwise positive.

    From the left corner to the right one; without jumps by 360 degrees down the column. An
    end-plate squeezed together has no tilt of its own and takes that of its neighbours.
    """
    plates = (boxes[:, [1, 3]] - boxes[:, [0, 2]]).reshape(-1, 2)
    widths = np.linalg.norm(plates, axis=1)
    there = np.flatnonzero(widths > _LEAST_WIDTH * np.median(widths))
    if not len(there):
        return np.zeros((len(boxes), 2))
    known = np.unwrap(np.arctan2(plates[there, 1], plates[there, 0]))
    tilts: FloatArray = np.interp(np.arange(len(plates)), there, known)
    return np.degrees(tilts).reshape(-1, 2)


def _divided(tilts: FloatArray) -> tuple[CurveEnds, ...]:
    """The division into curves of alternating side that explains the most tilt.

    Of all divisions whose curves reach 10 degrees each, the one with the largest sum of
    (angle - 10 degrees). A turn back within a curve splits it only where it reaches 10 degrees
    itself: splitting at a turn of w gains 2 w and costs two more curves. So the noise of a pixel or
    two, a degree at most on an end-plate, never makes a curve, and the ends are the most tilted
    end-plates. Neighbours may share an end vertebra.
    """
    superior, inferior = tilts[:, 0].tolist(), tilts[:, 1].tolist()
    best: dict[int, list[_Chain]] = {1: [], -1: []}
    for lower in range(len(tilts)):
        for way, above in ((1, best[-1]), (-1, best[1])):
            chain = best[way][-1] if best[way] else (0.0, ())
            for upper in range(lower + 1 - LEAST_SPAN):
                excess = way * (inferior[lower] - superior[upper]) - LEAST_CURVE_DEG + _SLACK_DEG
                if excess < _SLACK_DEG / 2:
                    continue
                value = above[upper][0] + excess - _TIE_DEG * (lower - upper)
                if value > chain[0]:
                    chain = value, (*above[upper][1], (upper, lower))
            best[way].append(chain)
    curves = max(best[1][-1], best[-1][-1])[1]
    return tuple(CurveEnds(*pair) for pair in curves)


def _curve(boxes: FloatArray, tilts: FloatArray, ends: CurveEnds, *, names: Sequence[str]) -> Curve:
    turn = float(tilts[ends.lower, 1] - tilts[ends.upper, 0])
    convex_to = Side.RIGHT if turn >= 0 else Side.LEFT  # the plates come together on the other side
    apex = _apex(boxes, ends, convex_to=convex_to)
    region = _REGION_OF.get(names[int(apex)])  # a disc counts with the vertebra above, as T11/12
    return Curve(ends.upper, ends.lower, apex, abs(turn), region, convex_to)


def _apex(boxes: FloatArray, ends: CurveEnds, *, convex_to: Side) -> float:
    """The vertebra or disc between the ends that lies farthest out on the convex side.

    Measured from the line between the middles of the two end-plates that give the angle. (Others
    measure from a vertical line; that would change with how the patient leans.)
    """
    part = boxes[ends.upper : ends.lower + 1]
    start, end = part[0, :2].mean(axis=0), part[-1, 2:].mean(axis=0)
    vertebrae = part[1:-1].mean(axis=1)
    discs = (part[:-1, 2:].mean(axis=1) + part[1:, :2].mean(axis=1)) / 2
    places = np.empty((len(vertebrae) + len(discs), 2))
    places[0::2], places[1::2] = discs, vertebrae
    way, offsets = end - start, places - start
    to_right = offsets[:, 0] * way[1] - offsets[:, 1] * way[0]
    farthest = int(np.argmax(to_right if convex_to is Side.RIGHT else -to_right))
    return ends.upper + (farthest + 1) / 2
