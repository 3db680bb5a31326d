"""How corners, end-plates, names, ghosts and angles are drawn, in screen pixels."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, partial
from statistics import median
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPolygonF

from app.canvas import colors
from app.canvas.layers.angle_shapes import shape_on
from app.canvas.layers.corners_data import CobbLine, CornersData
from app.canvas.layers.corners_rooms import Flags, around, rooms_of, seen
from app.canvas.layers.rings import draw_dots, draw_rings
from app.canvas.lettering import draw_text, font, width_of
from app.canvas.overlay import is_exposed
from app.canvas.stamps import Stamps
from app.canvas.strokes import draw_lines, draw_rimmed, pen
from domain.cobb_shape import CobbShape
from domain.geometry import FloatArray

_PLATES = ((0, 1), (2, 3))
_SIDES = ((0, 2), (1, 3))
LABEL_GAP = 12.0
MARK_REACH = 20.0
NAME_REACH = (44.0, 20.0)
"""Screen pixels that marks go beyond corners, and a name beyond its place."""
LEAST_LABEL_STEP = 11.0
GHOST_PX = 1.6
LEAST_GHOST_PX = 1.5
"""A ghost nearer than this to its corner says nothing."""
_SHARE = np.linspace(0, 1, 11)[:, None]
_BOW = np.concatenate([(1 - _SHARE) ** 2, 2 * _SHARE * (1 - _SHARE), _SHARE**2], axis=1)
_PILLS, _RETICLES = Stamps(), Stamps()


class Part(StrEnum):
    """What can be left out of the picture."""

    CORNERS = "corners"
    LINES = "lines"
    LABELS = "labels"


@dataclass(frozen=True, eq=False)
class DrawnAngle:
    """A Cobb angle where it is drawn."""

    line: CobbLine
    shape: CobbShape

    @cached_property
    def key(self) -> Hashable:
        """The same for what looks the same."""
        return self.line, self.shape.lines.tobytes()

    @cached_property
    def pill(self) -> QRectF:
        """Outside the bracket, so that the angle covers no name."""
        wide = width_of(self.line.text, face=_pill_face(self.line))
        room = QRectF(0, 0, wide + 18, 22)
        x, y = self.shape.label.tolist()
        away_x, away_y = (float(part) for part in self.shape.outward)
        room.moveCenter(QPointF(x + away_x * (wide / 2 + 12), y + away_y * 16))
        return room

    @cached_property
    def rooms(self) -> tuple[QRectF, ...]:
        """Of its two lines, its bracket and its figure."""
        places = np.zeros((3, 3, 2))
        places[:2, :2], places[:2, 2] = self.shape.lines, self.shape.lines[:, 1]
        places[2] = (*self.shape.lines[:, 1], self.shape.bend)
        lines = (around(room[None]) for room in rooms_of(places, margin=(3, 3)))
        return (*lines, self.pill.adjusted(-2, -2, 2, 2))


class Sizes(NamedTuple):
    """What suits the size of vertebrae on the screen.

    Args:
        mark_radius: of corners; smaller where the vertebrae themselves are small.
        name_step: every so many vertebrae have room for a name.
    """

    mark_radius: float
    name_step: int


def sizes_for(screen: FloatArray) -> Sizes:
    """Sizes for (4 n, 2) x and y of the corners."""
    by_vertebra = screen.reshape(-1, 4, 2)
    heights = np.linalg.norm(by_vertebra[:, 2] - by_vertebra[:, 0], axis=1)
    steps = np.linalg.norm(np.diff(by_vertebra.mean(axis=1), axis=0), axis=1)
    step = max(median(steps.tolist()), 1e-3) if len(steps) else LEAST_LABEL_STEP
    return Sizes(
        round(float(np.clip(median(heights.tolist()) * 0.11, 2.1, 3.8)), 1),
        max(1, int(np.ceil(LEAST_LABEL_STEP / step))),
    )


@dataclass(frozen=True, eq=False)
class Drawing:
    """Everything that stands on the screen of a column, but what points at single corners.

    Args:
        screen: (4 n, 2) x and y of the corners, the held one where the hand has it.
        ghosts: (4 n, 2) x and y, or None.
        held: corner in the hand.
        parts: what is drawn.
        sizes: of marks and the steps of names.
        is_plain: drawn quickly rather than finely.
    """

    data: CornersData
    screen: FloatArray
    ghosts: FloatArray | None
    held: int | None
    parts: frozenset[Part]
    sizes: Sizes
    is_plain: bool = False

    @cached_property
    def angles(self) -> tuple[DrawnAngle, ...]:
        """The angles, the main one last."""
        return tuple(
            DrawnAngle(
                line, shape_on(self.screen, upper=line.upper, lower=line.lower, plates=line.plates)
            )
            for line in sorted(self.data.cobb, key=lambda line: line.main)
        )

    @cached_property
    def still(self) -> Flags:
        """(n,) which vertebrae no hand holds."""
        held = -1 if self.held is None else self.held // 4
        still: Flags = np.arange(len(self.names)) != held
        return still

    @cached_property
    def trails(self) -> FloatArray:
        """(4 n, 2) where corners come from, so far as that is worth showing; elsewhere where they
        are.
        """
        if self.ghosts is None:
            return self.screen
        gone = np.linalg.norm(self.ghosts - self.screen, axis=1) >= LEAST_GHOST_PX
        return np.where(gone[:, None], self.ghosts, self.screen)

    @cached_property
    def names(self) -> FloatArray:
        """(n, 4) where the vertebrae's names stand, and which way is out from there."""
        corners = self.screen.reshape(-1, 4, 2)
        middles, edges = corners.mean(axis=1), _label_edges(corners)
        outward = edges - middles
        outward /= np.maximum(np.linalg.norm(outward, axis=1, keepdims=True), 1e-9)
        return np.concatenate([edges + outward * LABEL_GAP, outward], axis=1)

    @cached_property
    def bodies(self) -> FloatArray:
        """(n, 4) rooms of the vertebrae, with their marks and trails."""
        count = len(self.screen) // 4
        both = (self.screen.reshape(count, 4, 2), self.trails.reshape(count, 4, 2))
        return rooms_of(np.concatenate(both, axis=1), margin=(MARK_REACH, MARK_REACH))

    @cached_property
    def tags(self) -> FloatArray:
        """(n, 4) rooms of the vertebrae's names."""
        return rooms_of(self.names[:, None, :2], margin=NAME_REACH)

    @cached_property
    def reach(self) -> QRectF:
        """All of it."""
        reach = around(np.concatenate([self.bodies, self.tags]))
        for room in (room for angle in self.angles for room in angle.rooms):
            reach = reach.united(room)
        return reach

    @cached_property
    def still_reach(self) -> QRectF:
        """Of the vertebrae that no hand holds."""
        return around(np.concatenate([self.bodies[self.still], self.tags[self.still]]))

    @property
    def still_key(self) -> Hashable:
        """The same where those look the same."""
        still = self.still
        corners = np.concatenate([self.screen, self.trails], axis=1).reshape(len(still), -1)
        numbers = np.concatenate([corners, self.names], axis=1)[still]
        marks = frozenset(mark for mark in self.marked if still[mark[1] // 4])
        return self.manner, marks, numbers.tobytes(), still.tobytes()

    @property
    def manner(self) -> Hashable:
        """What all vertebrae are drawn by."""
        is_plain = self.is_plain or self.held is not None
        return len(self.screen), self.parts, self.data.labels, self.sizes, is_plain

    @property
    def marked(self) -> frozenset[tuple[str, int]]:
        """Corners that look otherwise than others, and how."""
        data = self.data
        single = {"held": self.held, "selected": data.selected, "pulse": data.pulse}
        return frozenset(
            (
                *(("hint", n) for n in data.hints),
                *(("pin", n) for n in data.pins),
                *((how, n) for how, n in single.items() if n is not None),
            )
        )


def paint_column(painter: QPainter, drawing: Drawing, *, exposed: QRect | None = None) -> None:
    """Draw what changes with the column alone, the quiet things first.

    Args:
        exposed: what is to be painted; everything by default.
    """
    _paint_angles(painter, drawing, exposed, is_plain=drawing.is_plain)
    chosen = np.ones(len(drawing.names), dtype=bool)
    _paint_vertebrae(painter, drawing, chosen, exposed, is_plain=drawing.is_plain)
    _paint_pills(painter, drawing, exposed)


def paint_angles(painter: QPainter, drawing: Drawing, *, exposed: QRect | None) -> None:
    """Draw what lies beneath the vertebrae while a hand holds one, quickly."""
    _paint_angles(painter, drawing, exposed, is_plain=True)


def paint_still(painter: QPainter, drawing: Drawing) -> None:
    """Draw the vertebrae that no hand holds, quickly: again whenever the network moves them."""
    _paint_vertebrae(painter, drawing, drawing.still, None, is_plain=True)


def paint_held(painter: QPainter, drawing: Drawing, *, exposed: QRect | None) -> None:
    """Draw the vertebra in the hand, and the figures."""
    _paint_vertebrae(painter, drawing, ~drawing.still, exposed, is_plain=False)
    _paint_pills(painter, drawing, exposed)


def _paint_angles(
    painter: QPainter, drawing: Drawing, exposed: QRect | None, *, is_plain: bool
) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if Part.LINES in drawing.parts:
        for angle in drawing.angles:
            _paint_cobb(painter, angle, exposed, is_plain=is_plain)


def _paint_pills(painter: QPainter, drawing: Drawing, exposed: QRect | None) -> None:
    if Part.LINES in drawing.parts:
        for angle in drawing.angles:
            if is_exposed(angle.pill, exposed):
                _paint_pill(painter, angle)


def _paint_vertebrae(
    painter: QPainter, drawing: Drawing, chosen: Flags, exposed: QRect | None, *, is_plain: bool
) -> None:
    """Draw (n,) chosen vertebrae with their names, ghosts and corners."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    bodies = seen(drawing.bodies, exposed) & chosen
    if Part.LINES in drawing.parts:
        _paint_plates(painter, drawing.screen.reshape(-1, 4, 2)[bodies], is_plain=is_plain)
    if Part.LABELS in drawing.parts:
        _paint_labels(painter, drawing, seen(drawing.tags, exposed) & chosen)
    if Part.CORNERS in drawing.parts:
        shown = np.repeat(bodies, 4)
        _paint_ghosts(painter, drawing.trails[shown], drawing.screen[shown])
        _paint_corners(painter, drawing, shown)


def paint_attention(
    painter: QPainter,
    drawing: Drawing,
    *,
    hovered: int | None,
    phase: float,
    exposed: QRect | None = None,
) -> None:
    """Draw over it what points at single corners.

    Args:
        hovered: corner under the mouse.
        phase: 0..1, how far the pulse is.
        exposed: what is to be painted; everything by default.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if Part.CORNERS in drawing.parts:
        pulse = drawing.data.pulse
        if pulse is not None and seen(drawing.bodies, exposed)[pulse // 4]:
            _paint_pulse(painter, QPointF(*drawing.screen[pulse]), drawing.sizes.mark_radius, phase)
        _paint_chosen(painter, drawing, hovered)


def _paint_plates(painter: QPainter, corners: FloatArray, *, is_plain: bool) -> None:
    draw_lines(painter, _ends(corners, pairs=_SIDES), color=colors.SIDE, width=1.0)
    plates = _ends(corners, pairs=_PLATES)
    draw_rimmed(painter, plates, color=colors.PLATE, width=1.4, is_plain=is_plain)


def _ends(corners: FloatArray, *, pairs: tuple[tuple[int, int], ...]) -> FloatArray:
    """(lines, 2, 2) from corner to corner of each vertebra."""
    return corners[:, pairs].reshape(-1, 2, 2)


def _paint_ghosts(painter: QPainter, trails: FloatArray, screen: FloatArray) -> None:
    moved = (trails != screen).any(axis=1)
    if not moved.any():
        return
    ends = np.stack([trails[moved], screen[moved]], axis=1)
    draw_lines(painter, ends, color=colors.TRAIL, width=1.0)
    draw_dots(painter, trails[moved], radius=GHOST_PX)


def _paint_labels(painter: QPainter, drawing: Drawing, shown: Flags) -> None:
    face = font(11)
    for index in range(0, len(drawing.data.labels), drawing.sizes.name_step):
        if shown[index]:
            x, y, away, _ = drawing.names[index].tolist()
            label, at = drawing.data.labels[index], QPointF(x, y + 4)
            draw_text(painter, label, at=at, face=face, color=colors.LABEL, align=0.5 - 0.5 * away)


def _label_edges(corners: FloatArray) -> FloatArray:
    """(n, 2) where names stand: all at the side that lies left (or, for a turned film, up)."""
    sides = np.stack([corners[:, [0, 2]].mean(axis=1), corners[:, [1, 3]].mean(axis=1)])
    run = np.abs(corners[-1].mean(axis=0) - corners[0].mean(axis=0))
    axis = 1 if run[0] > run[1] else 0
    chosen: FloatArray = sides[int(np.argmin(sides[:, :, axis].mean(axis=1)))]
    return chosen


def _paint_corners(painter: QPainter, drawing: Drawing, shown: Flags) -> None:
    radius = drawing.sizes.mark_radius
    special = sorted(drawing.data.hints | drawing.data.pins)
    free = shown.copy()
    free[special] = False
    draw_rings(painter, drawing.screen[free], radius=radius)
    for index in (n for n in special if shown[n]):
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


def _paint_pulse(painter: QPainter, at: QPointF, radius: float, phase: float) -> None:
    """A ring that widens and fades, round the corner most worth checking."""
    ease = 0.5 - 0.5 * float(np.cos(np.pi * phase))
    color = QColor(colors.CORNER)
    color.setAlphaF(0.75 * (1.0 - ease) + 0.08)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    shadow = QColor(colors.HALO)
    shadow.setAlphaF(color.alphaF() * 0.7)
    reach = radius + 3.0 + 10.0 * ease
    for shade, width in ((shadow, 4.0), (color, 1.8)):
        painter.setPen(pen(shade, width))
        painter.drawEllipse(at, reach, reach)


def _paint_chosen(painter: QPainter, drawing: Drawing, hovered: int | None) -> None:
    """Mark what is under the mouse, selected or held, and say its name."""
    selected = drawing.held if drawing.held is not None else drawing.data.selected
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if hovered is not None and hovered != selected:
        reach = drawing.sizes.mark_radius + 3.2
        at = QPointF(*drawing.screen[hovered])
        for color, width in ((colors.HALO, 3.4), (colors.SELECTED, 1.2)):
            painter.setPen(pen(color, width))
            painter.drawEllipse(at, reach, reach)
    if selected is not None:
        inner = drawing.sizes.mark_radius + 4
        _RETICLES.draw(
            painter,
            QPointF(*drawing.screen[selected]),
            key=inner,
            reach=(inner + 7, inner + 7),
            mark=partial(_paint_reticle, inner=inner),
        )


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


def _paint_cobb(
    painter: QPainter, angle: DrawnAngle, exposed: QRect | None, *, is_plain: bool
) -> None:
    """Its two lines and the bracket between their long ends: what is exposed."""
    with_parts = [True] * 3  # rooms take as long to find as lines to paint
    if exposed is not None:
        with_parts = [is_exposed(room, exposed) for room in angle.rooms[:3]]
    *with_lines, with_bracket = with_parts
    ends = angle.shape.lines
    lines = [ends[with_lines]]
    if with_bracket:
        lines.append(_bent(ends[0, 1], angle.shape.bend, ends[1, 1]))
    color, width = (colors.COBB, 1.6) if angle.line.main else (colors.COBB_QUIET, 1.0)
    draw_rimmed(painter, np.concatenate(lines), color=color, width=width, is_plain=is_plain)


def _bent(start: FloatArray, bend: FloatArray, end: FloatArray) -> FloatArray:
    """(n, 2, 2) short lines along a bow that leaves towards `bend` and comes from there."""
    bow = _BOW @ np.stack([start, bend, end])
    return np.stack([bow[:-1], bow[1:]], axis=1)


def _pill_face(line: CobbLine) -> QFont:
    return font(12 if line.main else 11, strong=line.main)


def _paint_pill(painter: QPainter, angle: DrawnAngle) -> None:
    """The angle in figures."""
    line, room = angle.line, angle.pill
    _PILLS.draw(
        painter,
        room.center().toPoint().toPointF(),  # its figures change often enough
        key=(line.text, line.main),
        reach=(room.width() / 2 + 1, room.height() / 2 + 1),
        mark=partial(_mark_pill, line=line, size=room.size()),
    )


def _mark_pill(painter: QPainter, at: QPointF, *, line: CobbLine, size: QSizeF) -> None:
    room = QRectF(QPointF(), size)
    room.moveCenter(at)
    painter.setPen(pen(colors.COBB if line.main else colors.COBB_QUIET, 1.0))
    painter.setBrush(colors.PILL)
    painter.drawRoundedRect(room, 11, 11)
    painter.setFont(_pill_face(line))
    painter.setPen(colors.LETTER if line.main else colors.TEXT)
    painter.drawText(room, Qt.AlignmentFlag.AlignCenter, line.text)
