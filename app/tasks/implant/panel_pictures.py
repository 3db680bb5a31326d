"""The five pictures of a study and its heat as images that know which part of the film they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from app.canvas.colour_maps import grey_image, heat_image, signed_image, words_of
from domain.implant import ImplantFindings, Scoring
from domain.implant_heat import heat_of
from domain.implant_plan import StudyPlan
from domain.panorama import Window

DIFFERENCE_SPAN = 0.5
"""Of the grey range: a difference so large is drawn white."""
SPREAD_SPAN = 0.25
"""Of the grey range: seeds that differ so much are drawn white."""
HEADROOM = 2.0
"""Heat so many times the threshold has the last colour of the map, or the study's hottest."""


@dataclass(frozen=True, eq=False)
class Piece:
    """A picture, and the part of the film that it is of."""

    picture: QImage
    room: Window


@dataclass(frozen=True, eq=False)
class Cut:
    """What stands out of a study.

    Args:
        heat: (pictures, SIDE, SIDE), 0 or more.
        threshold: above which it counts.
    """

    heat: NDArray[np.float32]
    threshold: float

    @property
    def most(self) -> float:
        """What has the last colour of a map."""
        return float(max(self.heat.max(initial=0), HEADROOM * self.threshold, 1e-6))


def picture_at(plan: StudyPlan, frame: int) -> int:
    """Which picture of a study is nearest to a frame of the film (of a still one: a window)."""
    if plan.is_still:
        return min(max(frame, 0), plan.own - 1)
    return int(np.argmin([abs(number - frame) for number in plan.numbers[: plan.own]]))


def frame_of(plan: StudyPlan, picture: int) -> int:
    """The frame of the film that a picture is; of a still one the window."""
    return picture if plan.is_still else plan.numbers[picture]


def five_pictures(
    findings: ImplantFindings,
    real: NDArray[np.uint8],
    *,
    picture: int,
    cut: Cut | None,
    table: NDArray[np.uint8],
) -> tuple[Piece | None, ...]:
    """Input, noised, reconstruction, difference and regions; the last two once all is there.

    Of several seeds their spread comes last.

    Args:
        real: (pictures, rows, columns) what the network looked at.
        cut: what stands out; None where that cannot be told.
        table: (256,) brightness of each grey.
    """
    plan = findings.plan
    greys = [
        Piece(grey_image(table[part]), room)
        for stack in (real, findings.noised, findings.healed)
        for part, room in [spread_out(plan, stack, picture=picture)]
    ]
    if not findings.is_finished:
        return (*greys, None, None)
    left, room = spread_out(plan, findings.left_over, picture=picture)
    difference = Piece(signed_image(left.astype(np.float32), most=DIFFERENCE_SPAN), room)
    return (
        *greys,
        difference,
        None if cut is None else _found(plan, cut, picture=picture),
        *_spread(findings, picture=picture),
    )


def _found(plan: StudyPlan, cut: Cut, *, picture: int) -> Piece:
    hot, room = spread_out(plan, cut.heat, picture=picture, hottest=True)
    return Piece(grey_image(np.where(hot > cut.threshold, 255, 0).astype(np.uint8)), room)


def _spread(findings: ImplantFindings, *, picture: int) -> tuple[Piece, ...]:
    """How much the seeds differ, where there are several."""
    if findings.options.seeds == 1:
        return ()
    spread, room = spread_out(findings.plan, findings.spread, picture=picture)
    shares = np.clip(spread.astype(np.float32) / SPREAD_SPAN, 0, 1)
    return (Piece(grey_image(np.rint(255 * shares).astype(np.uint8)), room),)


def heat_piece(plan: StudyPlan, cut: Cut, *, picture: int, colours: str) -> Piece:
    """The heat of a picture in colours.

    Args:
        colours: a name of `colour_maps.NAMES`.
    """
    hot, room = spread_out(plan, cut.heat, picture=picture, hottest=True)
    words = words_of(colours)
    return Piece(heat_image(hot, most=cut.most, threshold=cut.threshold, words=words), room)


def heat_or_none(findings: ImplantFindings, scoring: Scoring) -> NDArray[np.float32] | None:
    """Heat by a scoring, None where the answer is unfinished or cannot be scored so."""
    if not findings.is_finished:
        return None
    if scoring is Scoring.CALIBRATED and findings.standing_out is None:
        return None
    return heat_of(findings, scoring).astype(np.float32)


def spread_out(
    plan: StudyPlan, stack: NDArray[Any], *, picture: int, hottest: bool = False
) -> tuple[NDArray[Any], Window]:
    """One picture of a study, or the windows of a still one side by side where they belong.

    Args:
        hottest: where windows overlap the largest value counts, else that of the nearest window.
    """
    if not plan.is_still:
        return stack[picture], plan.windows[picture]
    first, side = plan.windows[0], stack.shape[-1]
    scale = side / first.columns
    columns = max(round(plan.columns * scale), side)
    lefts = [min(round(window.left * scale), columns - side) for window in plan.windows[: plan.own]]
    spread = np.zeros((stack.shape[1], columns), stack.dtype)
    if hottest:
        for left, part in zip(lefts, stack, strict=False):
            room = spread[:, left : left + side]
            np.maximum(room, part, out=room)
    else:
        middles = np.array(lefts) + (side - 1) / 2
        nearest = np.argmin(np.abs(np.arange(columns)[:, None] - middles), axis=1)
        for number, left in enumerate(lefts):
            own = np.flatnonzero(nearest == number)
            spread[:, own] = stack[number][:, np.clip(own - left, 0, side - 1)]
    return spread, Window(first.top, 0.0, first.rows, float(plan.columns))
