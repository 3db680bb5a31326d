"""The loupe that shows what the hand covers while it drags."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsObject, QStyleOptionGraphicsItem, QWidget

from app.canvas import colors
from app.canvas.film import FilmItem
from app.canvas.placement import Placement
from app.canvas.stamps import Stamps

SIDE = 156.0
EDGE = 16.0
BELOW_NAME = 58.0
MAGNIFIES = 3.5
HIGHEST_ZOOM = 24.0
GAP = 9.0
ROUND = 10.0
_FRAMES = Stamps()


class Inset(QGraphicsObject):
    """A square of film around one place, magnified, in the upper corner away from the hand."""

    def __init__(self, film: FilmItem) -> None:
        super().__init__()
        self._film = film
        self._placement: Placement | None = None
        self._room = QRectF(0, 0, SIDE, SIDE)
        self.setZValue(90)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.hide()

    def show_at(self, point: tuple[float, float], *, placement: Placement, hand: QPointF) -> None:
        """Show the film around (row, column); `hand` is where the mouse is on the screen."""
        zoom = max(placement.zoom, min(placement.zoom * MAGNIFIES, HIGHEST_ZOOM))
        self.prepareGeometryChange()
        self._placement = replace(placement, zoom=zoom, centre=point, viewport=(SIDE, SIDE))
        right = placement.viewport[0] - SIDE - EDGE
        self._room = QRectF(
            right if self._is_left(hand, placement) else EDGE, BELOW_NAME, SIDE, SIDE
        )
        self.show()
        self.update()

    def boundingRect(self) -> QRectF:
        return self._room.adjusted(-2, -2, 2, 2)

    @property
    def room(self) -> QRectF:
        """Where it lies on the screen."""
        return self._room

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        if self._placement is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QPainterPath()
        frame.addRoundedRect(self._room, ROUND, ROUND)
        painter.save()
        painter.setClipPath(frame)
        painter.fillRect(self._room, colors.BACKGROUND)
        painter.translate(self._room.topLeft())
        painter.setTransform(self._placement.transform(), True)
        sides, centre = self._placement.pixel_size, self._placement.centre
        reach = SIDE / 2 / min(sides)
        self._film.paint_around(painter, centre=centre, reach=reach, zoom=max(sides))
        painter.restore()
        half = SIDE / 2 + 2
        _FRAMES.draw(painter, self._room.center(), key="", reach=(half, half), mark=_paint_frame)

    def _is_left(self, hand: QPointF, placement: Placement) -> bool:
        """Whether the hand is on the left; near the middle the loupe stays where it is."""
        share = hand.x() / placement.viewport[0]
        if self.isVisible() and 0.4 < share < 0.6:
            return self._room.left() > EDGE
        return share < 0.5


def _paint_frame(painter: QPainter, middle: QPointF) -> None:
    """The edge of the loupe, and a cross that leaves its middle free."""
    room = QRectF(0, 0, SIDE, SIDE)
    room.moveCenter(middle)
    painter.setPen(QPen(colors.LOUPE_RING, 1.4))
    painter.drawRoundedRect(room, ROUND, ROUND)
    reach = SIDE / 2 - 34
    arms = [
        QLineF(middle + QPointF(x, y) * GAP, middle + QPointF(x, y) * reach)
        for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1))
    ]
    for color, width in ((colors.HALO, 3.4), (colors.LOUPE_CROSS, 1.4)):
        painter.setPen(QPen(color, width))
        painter.drawLines(arms)
    painter.drawPoint(middle)
