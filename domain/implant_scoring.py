"""What stands out of a healed dental X-ray video: maps, regions and one score for a study.

A network that knows no implants heals the frames; what is brighter in the real ones is left over.
Frames are (frames, rows, columns) and scaled to [-1, 1], as networks see them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.errors import ImageMismatch, NotForThisTask, WrongUse

Frames = NDArray[np.float64]
_PUBLISHED_FLOOR = 0.1  # of a difference, of the whole grey range
PUBLISHED_CUT = 0.5  # of each frame's own stretched map
ABSOLUTE_CUT = 0.25  # of the whole grey range
LEAST_STUDIES = 3  # leave one out, and two are left to have a spread


@dataclass(frozen=True, eq=False)
class Scored:
    """A study looked at.

    Args:
        heat: (frames, rows, columns) how much each place stands out, 0 or more.
        regions: (frames, rows, columns) what counts as found.
        score: of the study; larger means more stands out.
        cut: above which heat counts; of the map in `heat`.
        p_value: how often a healthy study scores as high, where healthy studies were compared.
    """

    heat: Frames
    regions: NDArray[np.bool_]
    score: float
    cut: float
    p_value: float | None = None


def left_over(real: Frames, healed: Frames) -> Frames:
    """Real minus healed, as a share of the grey range; positive where the real frame is brighter.

    Raises:
        ImageMismatch: they are not of one shape.
    """
    if real.shape != healed.shape:
        raise ImageMismatch(
            "The healed frames belong to another study.",
            why=f"They are {healed.shape}, the study is {real.shape}.",
        )
    return (np.asarray(real, dtype=np.float64) - np.clip(healed, -1, 1)) / 2


def score_as_published(difference: Frames) -> Scored:
    """The published way: each frame's own range is stretched, and half of it counts.

    A frame without an implant in which anything stands out gets a full-range map as well.
    """
    kept = np.where(difference > _PUBLISHED_FLOOR, difference, 0)
    low = kept.min(axis=(1, 2), keepdims=True)
    span = kept.max(axis=(1, 2), keepdims=True) - low
    heat = np.divide(kept - low, span, out=np.zeros_like(kept), where=span > 0)
    return _counted(heat, cut=PUBLISHED_CUT)


def score_absolute(difference: Frames, *, cut: float = ABSOLUTE_CUT) -> Scored:
    """One cut for all frames of all studies: a share of the grey range."""
    return _counted(np.maximum(difference, 0), cut=cut)


def _counted(heat: Frames, *, cut: float) -> Scored:
    regions = heat > cut
    return Scored(heat, regions, float(np.sqrt(np.count_nonzero(regions))), cut)


@dataclass(frozen=True, eq=False)
class Healthy:
    """What is left over in studies without implants that the network has not learned from.

    Args:
        mean: (frames, rows, columns) of what is left over at each place.
        spread: (frames, rows, columns) its standard deviation, never below a floor.
        scores: (studies,) the score of each, compared with the others; rising.
        places: how many places must stand out for a score: it is the heat of the last of them.
        smooth: how often what is left over is smoothed before it is compared: implants are larger
            than a pixel, and grain is not.
    """

    mean: Frames
    spread: Frames
    scores: NDArray[np.float64]
    places: int = 1
    smooth: int = 0

    @classmethod
    def of(
        cls, differences: Frames, *, floor: float = 0.01, places: int = 1, smooth: int = 0
    ) -> Healthy:
        """Learn from studies.

        Args:
            differences: (studies, frames, rows, columns), each the mean over seeds.
            floor: of the spread, as a share of the grey range, so that a place that never changed
                does not decide alone.
            places, smooth: as of the class.

        Raises:
            NotForThisTask: they are too few.
        """
        count = len(differences)
        if count < LEAST_STUDIES:
            raise NotForThisTask(
                f"{count} healthy studies are too few to compare with.",
                why=f"How much they differ can be told from {LEAST_STUDIES} on.",
                remedy="Give more studies without implants.",
            )
        differences = smoothed(differences, times=smooth)
        total, squares = differences.sum(axis=0), np.square(differences).sum(axis=0)
        scores = [standing_out(h, places=places) for h in heat_left_out(differences, floor=floor)]
        mean, spread = _moments(total, squares, count=count, floor=floor)
        return cls(mean, spread, np.sort(scores), places, smooth)

    @property
    def finest(self) -> float:
        """The smallest p-value that so many studies can tell."""
        return 1 / (len(self.scores) + 1)

    def p_values(self, scores: NDArray[np.float64] | float) -> NDArray[np.float64]:
        """The share of healthy studies, the one asked about among them, that score as high."""
        lower = np.searchsorted(self.scores, scores, side="left")
        return np.asarray((len(self.scores) - lower + 1) * self.finest)

    def cut(self, rate: float) -> float:
        """The heat that healthy studies exceed at most at that rate, anywhere in a study.

        Raises:
            WrongUse: the rate is none, or finer than these studies can tell.
        """
        if not self.finest <= rate < 1:
            raise WrongUse(
                f"False alarms cannot be held at a rate of {rate:g}.",
                why=f"{len(self.scores)} healthy studies tell rates from {self.finest:.3g} to 1.",
                remedy="Choose a higher rate, or compare with more healthy studies.",
            )
        allowed = int(np.floor(rate * (len(self.scores) + 1) + 1e-9))  # with the one asked about
        return float(self.scores[len(self.scores) - allowed])


def score_calibrated(differences: Frames, healthy: Healthy, *, rate: float = 0.05) -> Scored:
    """Compared with healthy studies place by place, and one cut for the study.

    Args:
        differences: (seeds, frames, rows, columns), one for each time the study was healed.
        healthy: studies without implants, treated in the same way.
        rate: of healthy studies in which anything may count as found.

    Raises:
        ImageMismatch: the study has another shape than those.
        WrongUse: the rate is finer than these studies can tell.
    """
    if differences.shape[1:] != healthy.mean.shape:
        raise ImageMismatch(
            "The study cannot be compared with the healthy ones.",
            why=f"It is {differences.shape[1:]}, they are {healthy.mean.shape}.",
            remedy="Use weights that were calibrated on studies of this size.",
        )
    difference = smoothed(differences.mean(axis=0), times=healthy.smooth)
    heat = _heat(difference, healthy.mean, healthy.spread)
    cut = healthy.cut(rate)
    score = standing_out(heat, places=healthy.places)
    return Scored(heat, heat > cut, score, cut, float(healthy.p_values(score)))


def heat_left_out(differences: Frames, *, floor: float) -> Iterator[Frames]:
    """The heat of each healthy study beside all others.

    Args:
        differences: (studies, frames, rows, columns), smoothed.
        floor: of the spread.
    """
    total, squares = differences.sum(axis=0), np.square(differences).sum(axis=0)
    for own in differences:
        count = len(differences) - 1
        yield _heat(own, *_moments(total - own, squares - own**2, count=count, floor=floor))


def smoothed(frames: Frames, *, times: int) -> Frames:
    """Each pixel of (..., rows, columns) mixed with its neighbours, 1 : 2 : 1 both ways."""
    for _ in range(times):
        for axis in (-2, -1):
            lines = np.moveaxis(frames, axis, -1)
            wide = np.concatenate([lines[..., :1], lines, lines[..., -1:]], axis=-1)
            mixed = (wide[..., :-2] + 2 * lines + wide[..., 2:]) / 4
            frames = np.moveaxis(mixed, -1, axis)
    return frames


def _moments(total: Frames, squares: Frames, *, count: int, floor: float) -> tuple[Frames, Frames]:
    mean = total / count
    variance = (squares - count * mean**2) / (count - 1)
    return mean, np.maximum(np.sqrt(np.maximum(variance, 0)), floor)


def _heat(difference: Frames, mean: Frames, spread: Frames) -> Frames:
    """Spreads above the mean; what is darker than usual is no implant."""
    return np.maximum((difference - mean) / spread, 0)


def standing_out(heat: Frames, *, places: int) -> float:
    """A study's score: the heat of so many places' last."""
    return float(np.partition(heat, -places, axis=None)[-places])
