"""A number among others of its kind, each a dot on one line."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

HEIGHT, SIDE, DOT, LINE = 44, 8.0, 2.6, 12.0
LABEL_PX = 11


class DotPlot(QWidget):
    """Quiet dots for the others, a strong one for this; hidden where there is none."""

    def __init__(self, *, others: str, this: str) -> None:
        super().__init__()
        self._others_name, self._this_name = others, this
        self._others: tuple[float, ...] = ()
        self._this = math.nan
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_numbers(self, others: Sequence[float], this: float) -> None:
        """Other numbers."""
        self._others, self._this = tuple(others), this
        is_there = bool(self._others) and not math.isnan(this)
        self.setVisible(is_there)
        if is_there:
            self.setAccessibleName(f"{self._this_name} {this:.2f} among {len(others)}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, HEIGHT)

    def x_of(self, number: float) -> float:
        """Where a number is on the line."""
        low, high = min(*self._others, self._this), max(*self._others, self._this)
        share = (number - low) / (high - low) if high > low else 0.5
        return SIDE + share * (self.width() - 2 * SIDE)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        quiet = palette.color(QPalette.ColorRole.PlaceholderText)
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Mid), 1))
        painter.drawLine(QPointF(SIDE, LINE), QPointF(self.width() - SIDE, LINE))
        painter.setPen(Qt.PenStyle.NoPen)
        dots = QColor(quiet)
        dots.setAlpha(150)
        painter.setBrush(dots)
        for number in self._others:
            painter.drawEllipse(QPointF(self.x_of(number), LINE), DOT, DOT)
        at = QPointF(self.x_of(self._this), LINE)
        painter.setBrush(palette.color(QPalette.ColorRole.Highlight))
        painter.drawEllipse(at, 2 * DOT, 2 * DOT)
        self._paint_names(painter, at, quiet)

    def _paint_names(self, painter: QPainter, at: QPointF, quiet: QColor) -> None:
        face = painter.font()
        face.setPixelSize(LABEL_PX)
        painter.setFont(face)
        room = QRectF(SIDE, LINE + 9, self.width() - 2 * SIDE, 18)
        is_left = at.x() < self.width() / 2
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        painter.setPen(quiet)
        painter.drawText(room, right if is_left else left, self._others_name)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.drawText(room, left if is_left else right, self._this_name)
