"""From heat to implants: what stands out on each frame, outlined, and which of it is one thing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.contours import Heat, Outline, connected, outline_of, simplified
from domain.implant import SIDE, ImplantFindings, Region, Scoring
from domain.implant_heat import heat_of
from domain.implant_plan import StudyPlan
from domain.panorama import Window

LEAST_PIXELS = 8
"""Of the network's: about three millimetres square; what is smaller is grain."""
_TOLERANCE = 0.3  # of a pixel of the network: corners that matter less are left out
_REACH = 6.0, 16.0  # rows and columns that a thing may move from frame to frame
_GAP = 2  # frames: one may pass on which it is not seen
_ALIKE = 0.3  # of two shapes laid on one another: shared over both


@dataclass(frozen=True, eq=False)
class PlacedHeat:
    """Heat as it lies in what a person opened.

    Args:
        values: (n, rows, columns) of each frame of the plan that repeats no other; of the whole
            still picture n is 1.
        window: the part of a frame that it covers.
    """

    values: Heat
    window: Window

    def out_of(self, places: Outline) -> Outline:
        """Where (n, 2) places in the heat lie in the frame; both with centres at whole numbers."""
        corner = [self.window.top, self.window.left]
        return (places + 0.5) * self._scale - 0.5 + corner

    def into(self, places: Outline) -> Outline:
        """The other way round."""
        corner = [self.window.top, self.window.left]
        return (places + 0.5 - corner) / self._scale - 0.5

    @property
    def _scale(self) -> NDArray[np.float64]:
        return np.array([self.window.rows, self.window.columns]) / self.values.shape[1:]


def placed_heat(findings: ImplantFindings, scoring: Scoring) -> PlacedHeat:
    """Heat where it belongs: a still picture's windows become one map.

    Raises:
        WrongUse: calibrated, of findings that were compared with no healthy studies.
    """
    return placed(heat_of(findings, scoring), findings.plan)


def placed(frames: Heat, plan: StudyPlan) -> PlacedHeat:
    """(F, SIDE, SIDE) of any kind where they belong.

    Where windows overlap a place has the mean of all that see it: about eleven do.
    """
    if plan.is_still:
        return _joined(frames, plan)
    return PlacedHeat(frames[: plan.own], plan.windows[0])


def _joined(frames: Heat, plan: StudyPlan) -> PlacedHeat:
    first = plan.windows[0]
    count = max(SIDE, round(plan.columns * SIDE / first.columns))
    total, seen = np.zeros((SIDE, count)), np.zeros(count)
    centres = (np.arange(count) + 0.5) * plan.columns / count
    for frame, window in zip(frames, plan.windows, strict=True):
        within = (centres - window.left) * SIDE / window.columns - 0.5
        (sees,) = np.nonzero((within >= -0.5) & (within <= SIDE - 0.5))
        place = np.clip(within[sees], 0, SIDE - 1)
        lower = np.minimum(place.astype(np.intp), SIDE - 2)
        share = place - lower
        total[:, sees] += frame[:, lower] * (1 - share) + frame[:, lower + 1] * share
        seen[sees] += 1
    joined = total / np.maximum(seen, 1)
    return PlacedHeat(joined[None], Window(first.top, 0, first.rows, plan.columns))


@dataclass(frozen=True, eq=False)
class _Spot:
    """What stands out in one place of one frame.

    Args:
        cells: (n, 2) whole rows and columns of its pixels.
    """

    frame: int
    cells: NDArray[np.intp]
    outline: Outline
    score: float

    @property
    def centre(self) -> NDArray[np.float64]:
        middle: NDArray[np.float64] = self.cells.mean(axis=0)
        return middle


def regions_of(
    findings: ImplantFindings, scoring: Scoring, *, threshold: float
) -> tuple[Region, ...]:
    """All that stands out, outlined in the pixels of its frame or still picture.

    Implants are numbered from 1 in the order of the frames, on a frame from left to right.

    Raises:
        WrongUse: calibrated, of findings that were compared with no healthy studies.
    """
    heat, plan = placed_heat(findings, scoring), findings.plan
    if not np.isfinite(threshold):
        return ()
    spots = [_spots(values, frame, threshold) for frame, values in enumerate(heat.values)]
    linked = _linked(spots)
    regions = []
    for number, group in enumerate(linked, start=1):
        for spot in group:
            outline = heat.out_of(spot.outline)
            frame = _window_over(outline, plan) if plan.is_still else spot.frame
            regions.append(
                Region(f"{number}.{frame}", frame, _corners(outline), spot.score, number)
            )
    return tuple(regions)


def _corners(outline: Outline) -> tuple[tuple[float, float], ...]:
    return tuple((float(row), float(column)) for row, column in outline)


def _window_over(outline: Outline, plan: StudyPlan) -> int:
    """The window in whose middle it lies."""
    column = outline[:, 1].mean() + 0.5
    middles = [window.left + window.columns / 2 for window in plan.windows]
    return int(np.abs(np.array(middles) - column).argmin())


def _spots(heat: Heat, frame: int, threshold: float) -> list[_Spot]:
    """From left to right."""
    labels = connected(heat > threshold)
    order = np.argsort(labels, axis=None, kind="stable")
    sizes = np.bincount(labels.ravel())
    starts = np.cumsum(sizes)[:-1]
    spots = []
    for start, size in zip(starts, sizes[1:], strict=True):
        if size >= LEAST_PIXELS:
            cells = np.stack(np.divmod(order[start : start + size], heat.shape[1]), axis=1)
            spots.append(_spot(heat, cells, frame=frame, threshold=threshold))
    return sorted(spots, key=lambda spot: tuple(spot.centre[::-1]))


def _spot(heat: Heat, cells: NDArray[np.intp], *, frame: int, threshold: float) -> _Spot:
    low, high = cells.min(axis=0), cells.max(axis=0) + 1
    inside = np.zeros(high - low, bool)
    inside[tuple((cells - low).T)] = True
    # One pixel more on each side, so that the line lies between known values.
    wide = np.zeros(heat.shape, bool)
    wide[low[0] : high[0], low[1] : high[1]] = inside
    first = np.maximum(low - 1, 0)
    part = slice(first[0], high[0] + 1), slice(first[1], high[1] + 1)
    outline = outline_of(heat[part], wide[part], threshold=threshold) + first
    edge = np.array(heat.shape) - 0.5
    outline = np.clip(simplified(outline, tolerance=_TOLERANCE), -0.5, edge)
    return _Spot(frame, cells, outline, float(heat[tuple(cells.T)].max()))


def _linked(frames: list[list[_Spot]]) -> list[list[_Spot]]:
    """Spots of neighbouring frames that are one thing: near, and alike once moved together."""
    groups: list[list[_Spot]] = []
    for number, spots in enumerate(frames):
        open_groups = [group for group in groups if number - group[-1].frame <= _GAP]
        pairs = sorted(
            (distance, one, other)
            for one, group in enumerate(open_groups)
            for other, spot in enumerate(spots)
            if (distance := _distance(group[-1], spot)) is not None
        )
        taken: set[int] = set()
        grown: set[int] = set()
        for _, one, other in pairs:
            if one not in grown and other not in taken:
                open_groups[one].append(spots[other])
                grown.add(one)
                taken.add(other)
        groups += [[spot] for other, spot in enumerate(spots) if other not in taken]
    return groups


def _distance(one: _Spot, other: _Spot) -> float | None:
    """How far a thing moved; None where it is another."""
    moved, frames = other.centre - one.centre, other.frame - one.frame
    if (np.abs(moved) > np.array(_REACH) * frames).any():
        return None
    cells = one.cells + np.rint(moved).astype(np.intp)
    width = 4 * SIDE  # more than any column of a moved cell
    key = np.array([width, 1])
    both = len(np.intersect1d((cells + SIDE) @ key, (other.cells + SIDE) @ key))
    alike = both / (len(cells) + len(other.cells) - both)
    return float(np.hypot(*moved)) if alike >= _ALIKE else None
