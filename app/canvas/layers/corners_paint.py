"""How corners, end-plates, names, ghosts and angles are drawn, in screen pixels."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from statistics import median

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from app.canvas import colors
from app.canvas.layers.corners_data import CobbLine, CornersData
from app.canvas.layers.rings import draw_rings
from app.canvas.lettering import draw_text, font, width_of
from domain.cobb_shape import CobbShape, cobb_shape
from domain.geometry import FloatArray

_PLATES = ((0, 1), (2, 3))
_SIDES = ((0, 2), (1, 3))
LABEL_GAP = 12.0
LEAST_LABEL_STEP = 11.0
GHOST_PX = 1.6
LEAST_GHOST_PX = 1.5
"""A ghost nearer than this to its corner says nothing."""


class Part(StrEnum):
    """What can be left out of the picture."""

    CORNERS = "corners"
    LINES = "lines"
    LABELS = "labels"


@dataclass(frozen=True, eq=False)
class Drawing:
    """Everything a frame needs.

    Args:
        screen: (4 n, 2) x and y of the corners, the held one where the hand has it.
        ghosts: (4 n, 2) x and y, or None.
        held: corner in the hand.
        hovered: corner under the mouse.
        parts: what is drawn.
        phase: 0..1, how far the pulse is.
    """

    data: CornersData
    screen: FloatArray
    ghosts: FloatArray | None
    held: int | None
    hovered: int | None
    parts: frozenset[Part]
    phase: float

    @cached_property
    def mark_radius(self) -> float:
        """Smaller marks where the vertebrae themselves are small on the screen."""
        by_vertebra = self.screen.reshape(-1, 4, 2)
        heights = np.linalg.norm(by_vertebra[:, 2] - by_vertebra[:, 0], axis=1)
        return float(np.clip(median(heights.tolist()) * 0.11, 2.1, 3.8))


def paint_column(painter: QPainter, drawing: Drawing) -> None:
    """Draw what changes with the column alone, the quiet things first."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if Part.LINES in drawing.parts:
        for angle in sorted(drawing.data.cobb, key=lambda angle: angle.main):
            _paint_cobb(painter, drawing, angle)
        _paint_plates(painter, drawing)
    if Part.LABELS in drawing.parts:
        _paint_labels(painter, drawing)
    if Part.CORNERS in drawing.parts:
        _paint_ghosts(painter, drawing)
        _paint_corners(painter, drawing)


def paint_attention(painter: QPainter, drawing: Drawing) -> None:
    """Draw over it what points at single corners."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if Part.CORNERS in drawing.parts:
        _paint_pulse(painter, drawing)
        _paint_chosen(painter, drawing)


def pen(color: QColor, width: float) -> QPen:
    """A pen in screen pixels; flat ends cost half of round ones and are hidden by the marks."""
    return _pen(color.rgba(), width)


@lru_cache(maxsize=256)
def _pen(rgba: int, width: float) -> QPen:
    color = QColor.fromRgba(rgba)
    flat, round_ = Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.RoundJoin
    return QPen(color, width, Qt.PenStyle.SolidLine, flat, round_)


def _lines(screen: FloatArray, *, pairs: tuple[tuple[int, int], ...]) -> list[QLineF]:
    by_vertebra = screen.reshape(-1, 4, 2)
    return [
        QLineF(*vertebra[first], *vertebra[second])
        for vertebra in by_vertebra.tolist()
        for first, second in pairs
    ]


def _paint_plates(painter: QPainter, drawing: Drawing) -> None:
    painter.setPen(pen(colors.SIDE, 1.0))
    painter.drawLines(_lines(drawing.screen, pairs=_SIDES))
    plates = _lines(drawing.screen, pairs=_PLATES)
    painter.setPen(pen(colors.HALO, 3.2))
    painter.drawLines(plates)
    painter.setPen(pen(colors.PLATE, 1.4))
    painter.drawLines(plates)


def _paint_ghosts(painter: QPainter, drawing: Drawing) -> None:
    if drawing.ghosts is None:
        return
    moved = np.linalg.norm(drawing.ghosts - drawing.screen, axis=1) >= LEAST_GHOST_PX
    if not moved.any():
        return
    starts, ends = drawing.ghosts[moved].tolist(), drawing.screen[moved].tolist()
    painter.setPen(pen(colors.TRAIL, 1.0))
    painter.drawLines([QLineF(*start, *end) for start, end in zip(starts, ends, strict=True)])
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colors.GHOST)
    for start in starts:
        painter.drawEllipse(QPointF(*start), GHOST_PX, GHOST_PX)


def _paint_labels(painter: QPainter, drawing: Drawing) -> None:
    if not drawing.data.labels:
        return
    corners = drawing.screen.reshape(-1, 4, 2)
    middles = corners.mean(axis=1)
    steps = np.linalg.norm(np.diff(middles, axis=0), axis=1)
    every = max(1, int(np.ceil(LEAST_LABEL_STEP / max(median(steps.tolist()), 1e-3))))
    edges = _label_edges(corners)
    outward = edges - middles
    outward /= np.maximum(np.linalg.norm(outward, axis=1, keepdims=True), 1e-9)
    places = edges + outward * LABEL_GAP
    face = font(11)
    for index in range(0, len(middles), every):
        at = QPointF(places[index, 0], places[index, 1] + 4)
        align = 0.5 - 0.5 * float(outward[index, 0])
        label = drawing.data.labels[index]
        draw_text(painter, label, at=at, face=face, color=colors.LABEL, align=align)


def _label_edges(corners: FloatArray) -> FloatArray:
    """(n, 2) where names stand: all at the side that lies left (or, for a turned film, up)."""
    sides = np.stack([corners[:, [0, 2]].mean(axis=1), corners[:, [1, 3]].mean(axis=1)])
    run = np.abs(corners[-1].mean(axis=0) - corners[0].mean(axis=0))
    axis = 1 if run[0] > run[1] else 0
    chosen: FloatArray = sides[int(np.argmin(sides[:, :, axis].mean(axis=1)))]
    return chosen


def _paint_corners(painter: QPainter, drawing: Drawing) -> None:
    radius = drawing.mark_radius
    special = drawing.data.hints | drawing.data.pins
    free = np.array([n not in special for n in range(len(drawing.screen))])
    draw_rings(painter, drawing.screen[free], radius=radius)
    for index in sorted(special):
        at = QPointF(*drawing.screen[index])
        if index in drawing.data.pins:
            _paint_pin(painter, at, radius=radius)
        if index in drawing.data.hints:
            _paint_hint(painter, at, radius=radius)


def _paint_hint(painter: QPainter, at: QPointF, *, radius: float) -> None:
    """A filled diamond: it holds where the hand left it."""
    reach = radius + 2.2
    painter.setPen(pen(colors.HALO, 1.8))
    painter.setBrush(colors.HINT)
    steps = ((0.0, -reach), (reach, 0.0), (0.0, reach), (-reach, 0.0))
    painter.drawPolygon(QPolygonF([at + QPointF(x, y) for x, y in steps]))


def _paint_pin(painter: QPainter, at: QPointF, *, radius: float) -> None:
    """A padlock's body with its shackle."""
    half = radius + 1.4
    body = QRectF(at.x() - half, at.y() - half, 2 * half, 2 * half)
    shackle = QRectF(at.x() - half * 0.6, at.y() - half * 2.1, half * 1.2, half * 2.0)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for color, width in ((colors.HALO, 4.0), (colors.PIN, 1.6)):
        painter.setPen(pen(color, width))
        painter.drawArc(shackle, 0, 180 * 16)
    painter.setPen(pen(colors.HALO, 1.6))
    painter.setBrush(colors.PIN)
    painter.drawRoundedRect(body, 1.2, 1.2)


def _paint_pulse(painter: QPainter, drawing: Drawing) -> None:
    """A ring that widens and fades, round the corner most worth checking."""
    if drawing.data.pulse is None:
        return
    at = QPointF(*drawing.screen[drawing.data.pulse])
    ease = 0.5 - 0.5 * float(np.cos(np.pi * drawing.phase))
    color = QColor(colors.CORNER)
    color.setAlphaF(0.75 * (1.0 - ease) + 0.08)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    shadow = QColor(colors.HALO)
    shadow.setAlphaF(color.alphaF() * 0.7)
    reach = drawing.mark_radius + 3.0 + 10.0 * ease
    for shade, width in ((shadow, 4.0), (color, 1.8)):
        painter.setPen(pen(shade, width))
        painter.drawEllipse(at, reach, reach)


def _paint_chosen(painter: QPainter, drawing: Drawing) -> None:
    """Mark what is under the mouse, selected or held, and say its name."""
    selected = drawing.held if drawing.held is not None else drawing.data.selected
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if drawing.hovered is not None and drawing.hovered != selected:
        reach = drawing.mark_radius + 3.2
        at = QPointF(*drawing.screen[drawing.hovered])
        for color, width in ((colors.HALO, 3.4), (colors.SELECTED, 1.2)):
            painter.setPen(pen(color, width))
            painter.drawEllipse(at, reach, reach)
    if selected is not None:
        _paint_reticle(painter, QPointF(*drawing.screen[selected]), inner=drawing.mark_radius + 4)


def _paint_reticle(painter: QPainter, at: QPointF, *, inner: float) -> None:
    """A ring with four ticks that leaves the middle free."""
    outer = inner + 5.0
    ticks = [
        QLineF(at + QPointF(x, y) * inner, at + QPointF(x, y) * outer)
        for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1))
    ]
    for color, width in ((colors.HALO, 3.6), (colors.SELECTED, 1.5)):
        painter.setPen(pen(color, width))
        painter.drawEllipse(at, inner, inner)
        painter.drawLines(ticks)


def _paint_cobb(painter: QPainter, drawing: Drawing, angle: CobbLine) -> None:
    shape = cobb_shape(drawing.screen, upper=angle.upper, lower=angle.lower, plates=angle.plates)
    color = colors.COBB if angle.main else colors.COBB_QUIET
    lines = [QLineF(*start, *end) for start, end in shape.lines.tolist()]
    first, last = (QPointF(*line[1]) for line in shape.lines.tolist())
    bracket = QPainterPath(first)
    bracket.quadTo(QPointF(*shape.bend), last)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for shade, width in ((colors.HALO, 3.2), (color, 1.6 if angle.main else 1.2)):
        painter.setPen(pen(shade, width))
        painter.drawLines(lines)
        painter.drawPath(bracket)
    _paint_pill(painter, angle, shape=shape, color=color)


def _paint_pill(painter: QPainter, angle: CobbLine, *, shape: CobbShape, color: QColor) -> None:
    """The angle in figures, outside the bracket, so that it covers no name."""
    face = font(12 if angle.main else 11, strong=angle.main)
    wide = width_of(angle.text, face=face)
    room = QRectF(0, 0, wide + 18, 22)
    x, y = shape.label.tolist()
    away_x, away_y = (float(part) for part in shape.outward)
    room.moveCenter(QPointF(x + away_x * (wide / 2 + 12), y + away_y * 16))
    painter.setPen(pen(color, 1.0))
    painter.setBrush(colors.PILL)
    painter.drawRoundedRect(room, 11, 11)
    painter.setFont(face)
    painter.setPen(colors.LETTER if angle.main else colors.TEXT)
    painter.drawText(room, Qt.AlignmentFlag.AlignCenter, angle.text)
