"""Films with loose boxes around vertebrae beside them: `NAME.png` and `NAME.boxes.json`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from domain.errors import UnreadableFile

FloatArray = NDArray[np.float64]
SUFFIX = ".boxes.json"


@dataclass(frozen=True, eq=False)
class Boxed:
    """A film and its boxes, (n, 4) as top, left, bottom, right in pixels, from top to bottom."""

    name: str
    path: Path
    boxes: FloatArray


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
