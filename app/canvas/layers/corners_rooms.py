"""Where on the screen the parts of a column lie, so that only what changed is painted anew."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF

from domain.geometry import FloatArray

if TYPE_CHECKING:
    from app.canvas.layers.corners_paint import Drawing


def rooms_of(places: FloatArray, *, margin: tuple[float, float]) -> list[QRectF]:
    """Where (n, m, 2) places lie, and so much beside and above them: one room for each n."""
    low, high = places.min(axis=1) - margin, places.max(axis=1) + margin
    return [QRectF(*sides) for sides in np.concatenate([low, high - low], axis=1).tolist()]


def changed_rooms(before: Drawing, now: Drawing) -> list[QRectF] | None:
    """What is to be painted anew for the eye to see the other drawing; None for everything."""
    if before.manner != now.manner:
        return None
    count = len(now.bodies)
    bodies = _differ(before.trails, now.trails, count) | _differ(before.screen, now.screen, count)
    for _, corner in before.marked ^ now.marked:
        bodies[corner // 4] = True
    names = _differ(before.names, now.names, count)
    return [
        *(each.bodies[n] for each in (before, now) for n in np.flatnonzero(bodies).tolist()),
        *(each.name_rooms[n] for each in (before, now) for n in np.flatnonzero(names).tolist()),
        *_of_angles(before, now),
    ]


def _differ(before: FloatArray, now: FloatArray, count: int) -> NDArray[np.bool_]:
    """(n,) for which vertebrae."""
    changed: NDArray[np.bool_] = (before != now).reshape(count, -1).any(axis=1)
    return changed


def _of_angles(before: Drawing, now: Drawing) -> Iterator[QRectF]:
    for old, new in zip_longest(before.angles, now.angles):
        if old is None or new is None or old.key != new.key:
            for angle in (old, new):
                yield from () if angle is None else angle.rooms
