"""The surface of the canvas: a scene whose coordinates are the widget's own pixels."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import (
    QEnterEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView, QWidget

from app.canvas import colors
from app.canvas.gestures import Gestures
from app.canvas.overlay import PACE_MS, Overlay

RIM = 2
"""Qt paints so many pixels more on each side than it is asked to."""


class Stage(QGraphicsView):
    """Shows the scene and hands every mouse event to the gestures, none to what is drawn."""

    def __init__(self, parent: QWidget, *, gestures: Gestures, resized: Callable[[], None]) -> None:
        self._canvas, self._gestures = parent, gestures
        self._asked = QRectF()
        self.takes_wheel: Callable[[QWheelEvent], bool] = lambda event: False
        self._resized: Callable[[], None] | None = None  # Qt resizes while it is being built
        super().__init__(parent)
        self.setScene(QGraphicsScene(self))
        self._resized = resized
        self._pace = QTimer(self, singleShot=True, interval=PACE_MS)
        self._pace.timeout.connect(self._paint_asked)
        self._fix_to_pixels()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAcceptDrops(False)
        self.viewport().setAcceptDrops(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)

    def _fix_to_pixels(self) -> None:
        """No frame, no scrolling: a place in the scene is a place in the widget."""
        self.setBackgroundBrush(colors.BACKGROUND)
        self.setCacheMode(QGraphicsView.CacheModeFlag.CacheBackground)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setMouseTracking(True)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._canvas.setFocus(Qt.FocusReason.MouseFocusReason)
        self._gestures.press(event.position(), event.button(), event.modifiers())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._gestures.move(event.position())
        self._paint_asked()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._gestures.release(event.position(), event.button())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._gestures.double_click(event.position(), event.button(), event.modifiers())

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.takes_wheel(event):
            self._gestures.wheel(event.position(), event.angleDelta().y())
        event.accept()

    def put_on(self, overlay: Overlay) -> None:
        """Have something drawn over the film, which may ask to be painted anew."""
        self.scene().addItem(overlay)
        overlay.ask = self.paint_anew

    def paint_anew(self, room: QRectF) -> None:
        """Paint a part again with the next frame, in one rectangle with all that was asked for."""
        self._asked = self._asked.united(room)
        if not self._gestures.is_carrying:
            self._paint_asked()
        elif not self._pace.isActive():
            self._pace.start()

    def _paint_asked(self) -> None:
        self._pace.stop()
        if not self._asked.isEmpty():
            self.scene().update(self._asked)

    def paintEvent(self, event: QPaintEvent) -> None:
        overlays = [item for item in self.scene().items() if isinstance(item, Overlay)]
        asked, self._asked = self._asked.toAlignedRect(), QRectF()
        if not asked.isEmpty():
            asked.adjust(-RIM, -RIM, RIM, RIM)
        for overlay in overlays:
            overlay.exposed, overlay.asked = event.region(), asked
        super().paintEvent(event)
        for overlay in overlays:
            overlay.exposed = None

    def enterEvent(self, event: QEnterEvent) -> None:
        self._gestures.move(event.position())

    def leaveEvent(self, event: QEvent) -> None:
        self._gestures.leave()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setSceneRect(QRectF(self.rect()))
        if self._resized is not None:
            self._resized()

    def middle(self) -> QPointF:
        """The middle of the surface."""
        return QPointF(self.width() / 2, self.height() / 2)
