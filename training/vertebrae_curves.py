"""Clinical curves, true and found, as pairs of angles: what their errors are made of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from domain.curves import Curve

FloatArray = NDArray[np.float64]


def curve_pairs(true: Sequence[Curve], found: Sequence[Curve]) -> FloatArray:
    """(n, 2) true and found degrees, a row for each curve of either side.

    Curves belong together where they share most of their levels, each once; what has no partner
    stands against 0.
    """
    free = list(found)
    rows = []
    for curve in sorted(true, key=lambda curve: -curve.angle_deg):
        partner = max(free, key=lambda other: _shared(curve, other), default=None)
        if partner is None or _shared(curve, partner) <= 0:
            rows.append((curve.angle_deg, 0.0))
            continue
        free.remove(partner)
        rows.append((curve.angle_deg, partner.angle_deg))
    rows += [(0.0, curve.angle_deg) for curve in free]
    return np.array(rows).reshape(-1, 2)


def _shared(one: Curve, other: Curve) -> int:
    return min(one.lower, other.lower) - max(one.upper, other.upper)
