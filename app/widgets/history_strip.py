"""A history to scrub through: one dot a gesture, one row a branch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPalette,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

SIDE = 14.0
LANE = 19.0
LEAST_STEP, MOST_STEP = 9.0, 24.0
MOST_LANES_SHOWN = 6
REACH = 14.0
NOTCH = 120


@dataclass(frozen=True)
class StripItem:
    """One point of the history, oldest first.

    Args:
        lane: the row it is drawn in; 0 is the oldest line.
        kind: "network" or "person".
        parent: the item it was made from; by default the one before it in its lane.
        depth: its place along the strip; by default one after its parent.
    """

    id: str
    label: str
    tooltip: str
    current: bool
    lane: int
    kind: str
    parent: str | None = None
    depth: int | None = None


@dataclass(frozen=True)
class _Node:
    item: StripItem
    parent: str | None
    depth: int


def _nodes(items: Sequence[StripItem]) -> dict[str, _Node]:
    nodes: dict[str, _Node] = {}
    last_of_lane: dict[int, str] = {}
    for item in items:
        parent = item.parent if item.parent in nodes else last_of_lane.get(item.lane)
        depth = item.depth
        if depth is None:
            depth = nodes[parent].depth + 1 if parent is not None else len(nodes)
        nodes[item.id] = _Node(item, parent, depth)
        last_of_lane[item.lane] = item.id
    return nodes


class HistoryStrip(QWidget):
    """Shows where in the history the case is, and goes elsewhere by mouse, wheel or keys."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._nodes: dict[str, _Node] = {}
        self._lanes, self._deepest = 1, 0
        self._current: str | None = None
        self._asked: str | None = None
        self._turned = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("History")
        self.setMouseTracking(True)

    def set_items(self, items: Sequence[StripItem]) -> None:
        """Show another history."""
        self._nodes = _nodes(items)
        self._lanes = 1 + max((item.lane for item in items), default=0)
        self._deepest = max((node.depth for node in self._nodes.values()), default=0)
        self._current = next((item.id for item in items if item.current), None)
        self._asked = self._current
        label = self._nodes[self._current].item.label if self._current else "empty"
        self.setAccessibleDescription(f"{len(items)} steps, now at: {label}")
        self.setFixedHeight(self.sizeHint().height())
        self.update()

    def sizeHint(self) -> QSize:
        lanes = min(self._lanes, MOST_LANES_SHOWN)
        return QSize(200, round(2 * 12 + (lanes - 1) * LANE + 4))

    def position_of(self, item_id: str) -> QPointF:
        """Where an item is drawn."""
        node = self._nodes[item_id]
        step = self._step()
        middle = 14.0 + node.item.lane * self._lane_height()
        return QPointF(SIDE + node.depth * step - self._scrolled(step), middle)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._ask(self._at(event.position(), reach=REACH))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._ask(self._at(event.position(), reach=None))

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.angleDelta()
        self._turned += delta.y() if delta.y() else delta.x()
        while abs(self._turned) >= NOTCH:
            back = self._turned > 0
            self._turned -= NOTCH if back else -NOTCH
            self._ask(self._before() if back else self._after())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: self._before,
            Qt.Key.Key_Right: self._after,
            Qt.Key.Key_Up: lambda: self._beside(-1),
            Qt.Key.Key_Down: lambda: self._beside(1),
            Qt.Key.Key_Home: lambda: next(iter(self._line()), None),
            Qt.Key.Key_End: self._last,
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self._ask(step())

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            under = self._at(QPointF(event.pos()), reach=REACH)
            text = self._nodes[under].item.tooltip if under else ""
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette, role = self.palette(), QPalette.ColorRole
        passed = set(self._line())
        lively, quiet = palette.color(role.Accent), palette.color(role.Mid)
        if not self._nodes:
            painter.setPen(palette.color(role.PlaceholderText))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, "Nothing yet")
        for item_id, node in self._nodes.items():
            if node.parent is not None:
                color = lively if item_id in passed else quiet
                painter.setPen(QPen(color, 1.4))
                painter.drawPath(self._way(node.parent, item_id))
        for item_id, node in self._nodes.items():
            self._paint_dot(painter, node, color=lively if item_id in passed else quiet)

    def _paint_dot(self, painter: QPainter, node: _Node, *, color: QColor) -> None:
        at = self.position_of(node.item.id)
        ground = self.palette().color(QPalette.ColorRole.AlternateBase)
        radius = 4.4 if node.item.kind == "person" else 3.4
        painter.setPen(QPen(color, 1.6))
        painter.setBrush(color if node.item.kind == "person" else ground)
        painter.drawEllipse(at, radius, radius)
        if node.item.id == self._current:
            focused = QPalette.ColorRole.Text if self.hasFocus() else QPalette.ColorRole.Accent
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self.palette().color(focused), 1.6))
            painter.drawEllipse(at, radius + 3.6, radius + 3.6)

    def _way(self, start: str, end: str) -> QPainterPath:
        first, last = self.position_of(start), self.position_of(end)
        path = QPainterPath(first)
        if first.y() == last.y():
            path.lineTo(last)
        else:
            bend = QPointF(first.x(), last.y())
            path.quadTo(bend, QPointF(min(first.x() + 12, last.x()), last.y()))
            path.lineTo(last)
        return path

    def _lane_height(self) -> float:
        lanes = self._lanes
        return LANE if lanes <= MOST_LANES_SHOWN else LANE * (MOST_LANES_SHOWN - 1) / (lanes - 1)

    def _step(self) -> float:
        room = (self.width() - 2 * SIDE) / max(self._deepest, 1)
        return min(max(room, LEAST_STEP), MOST_STEP)

    def _scrolled(self, step: float) -> float:
        """How far a long history is moved so that the current point is in sight."""
        over = self._deepest * step + 2 * SIDE - self.width()
        if over <= 0 or self._current is None:
            return 0.0
        wanted = self._nodes[self._current].depth * step + SIDE - self.width() * 0.6
        return min(max(wanted, 0.0), over)

    def _at(self, point: QPointF, *, reach: float | None) -> str | None:
        """The item nearest to a point; with a reach only one that is near."""
        best, least = None, float("inf") if reach is None else reach
        for item_id in self._nodes:
            way = self.position_of(item_id) - point
            distance = (way.x() ** 2 + way.y() ** 2) ** 0.5
            if distance < least:
                best, least = item_id, distance
        return best

    def _line(self) -> list[str]:
        """From the first item to the current one."""
        line: list[str] = []
        at = self._current
        while at is not None:
            line.append(at)
            at = self._nodes[at].parent
        return line[::-1]

    def _before(self) -> str | None:
        return None if self._asked is None else self._nodes[self._asked].parent

    def _after(self) -> str | None:
        """The child in the same lane, else the youngest."""
        children = [key for key, node in self._nodes.items() if node.parent == self._asked]
        if not children or self._asked is None:
            return None
        lane = self._nodes[self._asked].item.lane
        same = [key for key in children if self._nodes[key].item.lane == lane]
        return (same or children)[-1]

    def _beside(self, lanes: int) -> str | None:
        """The item of the next lane that lies nearest along the strip."""
        if self._asked is None:
            return None
        here = self._nodes[self._asked]
        lane = here.item.lane + lanes
        others = [key for key, node in self._nodes.items() if node.item.lane == lane]
        if not others:
            return None
        return min(others, key=lambda key: abs(self._nodes[key].depth - here.depth))

    def _last(self) -> str | None:
        if self._asked is None:
            return None
        lane = self._nodes[self._asked].item.lane
        return [key for key, node in self._nodes.items() if node.item.lane == lane][-1]

    def _ask(self, item_id: str | None) -> None:
        if item_id is not None and item_id != self._asked:
            self._asked = item_id
            self.chosen.emit(item_id)
