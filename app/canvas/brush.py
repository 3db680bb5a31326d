"""Outlines joined with, or cut by, what a brush went over."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainterPath, QPainterPathStroker, QPolygonF

from domain.contours import with_hole
from domain.measures import Place

Outline = tuple[Place, ...]
LEAST_AREA_PX = 4.0
"""Smaller crumbs of a cut are let go."""


def brushed(
    outlines: Sequence[Outline], stroke: Sequence[Place], *, radius: float, erases: bool
) -> tuple[Outline, ...]:
    """The outlines after a stroke; one with a hole goes in to it and back the same way.

    Args:
        radius: of the brush, in the pixels of the places.
    """
    before, band = _path(outlines), _band(stroke, radius)
    after = before.subtracted(band) if erases else before.united(band)
    polygons = list(after.simplified().toSubpathPolygons())
    kept = [one for one in polygons if abs(_area(one)) >= LEAST_AREA_PX]
    depths = [sum(_is_inside(one, other) for other in kept) for one in kept]
    return tuple(
        _ring(one, [hole for hole, depth in zip(kept, depths, strict=True) if depth == around + 1])
        for one, around in zip(kept, depths, strict=True)
        if around % 2 == 0
    )


def _path(outlines: Sequence[Outline]) -> QPainterPath:
    whole = QPainterPath()
    for outline in outlines:
        one = QPainterPath()
        one.addPolygon([QPointF(column, row) for row, column in outline])
        one.closeSubpath()
        whole = one if whole.isEmpty() else whole.united(one)
    return whole


def _band(stroke: Sequence[Place], radius: float) -> QPainterPath:
    line = QPainterPath(QPointF(stroke[0][1], stroke[0][0]))
    for row, column in stroke[1:]:
        line.lineTo(column, row)
    if len(stroke) == 1:
        dot = QPainterPath()
        dot.addEllipse(line.currentPosition(), radius, radius)
        return dot
    pen = QPainterPathStroker()
    pen.setWidth(2 * radius)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen.createStroke(line).simplified()


def _ring(polygon: QPolygonF, holes: Sequence[QPolygonF]) -> Outline:
    """The outline of a polygon with those of these holes that lie in it."""
    outline = np.array(_outline(polygon))
    for hole in holes:
        if _is_inside(hole, polygon):
            outline = with_hole(outline, np.array(_outline(hole)))
    return tuple((float(row), float(column)) for row, column in outline)


def _outline(polygon: QPolygonF) -> Outline:
    corners = [(polygon.at(place).y(), polygon.at(place).x()) for place in range(polygon.size())]
    if len(corners) > 1 and corners[0] == corners[-1]:
        corners.pop()
    return tuple(corners)


def _area(polygon: QPolygonF) -> float:
    corners = _outline(polygon)
    turned = (*corners[1:], *corners[:1])
    twice = [a[1] * b[0] - b[1] * a[0] for a, b in zip(corners, turned, strict=True)]
    return sum(twice) / 2


def _is_inside(one: QPolygonF, other: QPolygonF) -> bool:
    if one is other or abs(_area(one)) >= abs(_area(other)):
        return False
    return other.containsPoint(one.at(0), Qt.FillRule.OddEvenFill)
