"""Films with loose boxes around vertebrae beside them: `NAME.png` and `NAME.boxes.json`."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from domain.errors import UnreadableFile
from training.data.aasce import read_film
from training.data.augment import Taught, to_teach

FloatArray = NDArray[np.float64]
SUFFIX = ".boxes.json"
LEVELS = 17
_TALL = 0.78  # height of a vertebra, in steps of its column
_LOOSE = 0.92  # width of a vertebra, of its box's
_STEEPEST = 0.7  # radians that a vertebra may be turned


@dataclass(frozen=True, eq=False)
class Boxed:
    """A film and its boxes, (n, 4) as top, left, bottom, right in pixels, from top to bottom."""

    name: str
    path: Path
    boxes: FloatArray

    @property
    def person(self) -> str:
        """Whom the film shows: one person a film."""
        return Path(self.name).stem


def read_boxed(data: Path) -> list[Boxed]:
    """All films of a folder that have boxes beside them.

    Raises:
        UnreadableFile: a boxes file does not say what it must.
    """
    return [_read(path) for path in sorted(data.glob(f"*{SUFFIX}"))]


def _read(path: Path) -> Boxed:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        name = str(told["image"])
        boxes = np.array(told["boxes_xyxy"], dtype=np.float64).reshape(-1, 4)[:, [1, 0, 3, 2]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnreadableFile(
            f"The boxes in {path.name} cannot be read.",
            why=f"{type(error).__name__}: {error}.",
            remedy='It must hold "image" and "boxes_xyxy", a list of x0, y0, x1, y1.',
        ) from error
    return Boxed(name, path.parent / name, boxes[np.argsort(boxes[:, [0, 2]].mean(axis=1))])


def inside(boxes: FloatArray, points: FloatArray) -> NDArray[np.bool_]:
    """(boxes, points) whether a box holds a point (row, column)."""
    rows, columns = points[:, 0], points[:, 1]
    top, left, bottom, right = boxes.T[:, :, None]
    held: NDArray[np.bool_] = (
        (rows >= top) & (rows <= bottom) & (columns >= left) & (columns <= right)
    )
    return held


def taught_by(film: Boxed) -> Taught:
    """A film to learn from: corners guessed from its boxes, the lowest box taken for L5.

    Vertebrae without a box go on straight and are not known; which level is which is not named.

    Raises:
        UnreadableFile: the film is missing or no picture.
    """
    boxes = film.boxes[-LEVELS:]
    corners = np.pad(corners_in(boxes), ((LEVELS - len(boxes), 0), (0, 0), (0, 0)))
    first = LEVELS - len(boxes)
    for level in reversed(range(first)):
        corners[level] = 2 * corners[level + 1] - corners[level + 2]
    known = np.repeat(np.arange(LEVELS) >= first, 4)
    taught = to_teach(read_film(film.path), corners.reshape(-1, 2))
    return replace(taught, known=known, named=False)


def corners_in(boxes: FloatArray) -> FloatArray:
    """(n, 4, 2) corners of vertebrae that stand across the course of (n, 4) loose upright boxes."""
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    steps = cv2.GaussianBlur(np.gradient(centres, axis=0), (1, 0), 0.01, sigmaY=1.0)
    length = np.linalg.norm(steps, axis=1)
    turn = np.clip(np.arctan2(steps[:, 1], steps[:, 0]), -_STEEPEST, _STEEPEST)
    tall = _TALL * length
    wide = (boxes[:, 3] - boxes[:, 1] - tall * np.abs(np.sin(turn))) / np.cos(turn)
    wide = np.maximum(_LOOSE * wide, 1.2 * tall)
    down = np.stack([np.cos(turn), np.sin(turn)], axis=-1)[:, None] * (tall / 2)[:, None, None]
    aside = np.stack([-np.sin(turn), np.cos(turn)], axis=-1)[:, None] * (wide / 2)[:, None, None]
    signs = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]])
    return np.asarray(centres[:, None] + signs[None, :, :1] * down + signs[None, :, 1:] * aside)
