"""Where on the screen the parts of a column lie, so that only what changed is painted anew."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF

from domain.geometry import FloatArray

if TYPE_CHECKING:
    from app.canvas.layers.corners_paint import Drawing

Flags = NDArray[np.bool_]


def rooms_of(places: FloatArray, *, margin: tuple[float, float]) -> FloatArray:
    """(n, 4) left, top, right and bottom of (n, m, 2) places, and so much beside and above them."""
    return np.concatenate([places.min(axis=1) - margin, places.max(axis=1) + margin], axis=1)


def around(rooms: FloatArray) -> QRectF:
    """One room around (n, 4) of them; an empty one around none."""
    if not len(rooms):
        return QRectF()
    (left, top), (right, bottom) = rooms[:, :2].min(axis=0), rooms[:, 2:].max(axis=0)
    return QRectF(float(left), float(top), float(right - left), float(bottom - top))


def seen(rooms: FloatArray, part: QRect | None) -> Flags:
    """(n,) which rooms reach into a part; all where nothing is said."""
    if part is None:
        return np.ones(len(rooms), dtype=bool)
    right, bottom = part.x() + part.width(), part.y() + part.height()
    is_beside = (rooms[:, 2] < part.x()) | (rooms[:, 0] > right)
    result: Flags = ~(is_beside | (rooms[:, 3] < part.y()) | (rooms[:, 1] > bottom))
    return result


def changed_rooms(before: Drawing, now: Drawing) -> list[QRectF] | None:
    """What is to be painted anew for the eye to see the other drawing; None for everything."""
    if before.manner != now.manner:
        return None
    bodies = _differ(before.trails, now.trails) | _differ(before.screen, now.screen)
    for _, corner in before.marked ^ now.marked:
        bodies[corner // 4] = True
    names = _differ(before.names, now.names)
    rooms = [room for each in (before, now) for room in (each.bodies[bodies], each.tags[names])]
    return [around(np.concatenate(rooms)), *_of_angles(before, now)]


def _differ(before: FloatArray, now: FloatArray) -> Flags:
    """(n,) for which vertebrae, given one row or four for each."""
    each = 4 if before.shape[1] == 4 else 8  # numbers of a name, or of four corners
    changed: Flags = (before != now).reshape(-1, each).any(axis=1)
    return changed


def _of_angles(before: Drawing, now: Drawing) -> Iterator[QRectF]:
    for old, new in zip_longest(before.angles, now.angles):
        if old is None or new is None or old.key != new.key:
            for angle in (old, new):
                yield from () if angle is None else angle.rooms
