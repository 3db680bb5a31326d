"""Pictures that a program draws because no real ones are at hand: hands, blanks, noise."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

Film = NDArray[np.uint8]
Shape = tuple[int, int]
Rng = np.random.Generator

# Of thumb to little finger: angle in degrees from upright, length and how low it begins, in palms.
_FINGERS = ((-48, 0.95, 0.45), (-14, 1.25, 0.0), (-2, 1.4, -0.05), (9, 1.3, 0.0), (22, 1.0, 0.12))
_PHALANGES = (0.42, 0.30, 0.22)


def hand(rng: Rng, shape: Shape) -> Film:
    """A hand: five fingers of three bones, the bones of the palm and the wrist."""
    rows, columns = shape
    picture = np.full(shape, 18.0, np.float32)
    palm = columns * rng.uniform(0.42, 0.55)
    wrist = np.array([rows * rng.uniform(0.72, 0.82), columns / 2 + rng.normal(0, 0.03 * columns)])
    for number, (angle, length, lower) in enumerate(_FINGERS):
        turn = np.radians(angle + rng.normal(0, 3))
        way = np.array([-np.cos(turn), np.sin(turn)])
        side = (number - 2) * 0.17 * palm
        base = wrist + np.array([palm * (0.1 + lower * 0.3), side * 0.6])
        _bone(picture, base, base + way * palm * 0.62, palm * 0.075)
        place = base + way * palm * 0.68
        for share in _PHALANGES:
            end = place + way * palm * share * length
            _bone(picture, place, end, palm * 0.062)
            place = end + way * palm * 0.05
    for _ in range(8):
        spot = wrist + rng.normal(0, 0.13 * palm, 2) + (0.22 * palm, 0)
        cv2.circle(picture, _xy(spot), round(0.09 * palm), 150, -1)
    for side in (-0.16, 0.16):
        _bone(
            picture,
            wrist + np.array([0.4 * palm, side * palm]),
            np.array([rows, columns / 2 + side * palm]),
            palm * 0.12,
        )
    flesh = cv2.GaussianBlur(np.where(picture > 40, 70, 0).astype(np.float32), (0, 0), 0.09 * palm)
    soft = cv2.GaussianBlur(np.maximum(picture, flesh + 18), (0, 0), 1.5)
    return _film(soft + rng.normal(0, 4, shape))


def blank(rng: Rng, shape: Shape) -> Film:
    """One grey, or grey that fades from one side to the other."""
    top, bottom = (float(grey) for grey in rng.uniform(0, 255, 2))
    grey = np.linspace(top, bottom, shape[0])[:, None]
    even = np.full(shape, rng.uniform(0, 255))
    return _film(even if rng.random() < 0.5 else np.broadcast_to(grey, shape))


def noise(rng: Rng, shape: Shape) -> Film:
    """Grain, fine or coarse."""
    coarse = int(rng.integers(1, 40))
    small = rng.uniform(0, 255, (shape[0] // coarse + 1, shape[1] // coarse + 1))
    return _film(cv2.resize(small, shape[::-1], interpolation=cv2.INTER_CUBIC))


DRAWN: Mapping[str, Callable[[Rng, Shape], Film]] = {
    "hand, drawn": hand,
    "blank": blank,
    "noise": noise,
}


def _bone(picture: np.ndarray, start: np.ndarray, end: np.ndarray, thick: float) -> None:
    """A shaft that is bright at its rims and thick at its ends."""
    for grey, share in ((205, 1.0), (140, 0.55)):
        cv2.line(picture, _xy(start), _xy(end), grey, max(1, round(thick * share)), cv2.LINE_AA)
    for place in (start, end):
        cv2.circle(picture, _xy(place), max(1, round(thick * 0.62)), 175, -1, cv2.LINE_AA)


def _xy(place: np.ndarray) -> tuple[int, int]:
    row, column = np.rint(place)
    return int(column), int(row)


def _film(values: np.ndarray) -> Film:
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)
