"""Text that stays readable over bright and dark parts of a film."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QPainter,
    QPainterPath,
    QPen,
)

from app.canvas import colors


def font(pixels: float, *, strong: bool = False) -> QFont:
    """The program's font at a size in screen pixels, with figures of one width."""
    made = QFont(QGuiApplication.font())
    made.setPixelSize(round(pixels))
    made.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
    made.setFeature(QFont.Tag("tnum"), 1)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return made


_OUTLINES: dict[tuple[str, str], QPainterPath] = {}
_OUTLINES_HELD = 512


def _outline(text: str, face: QFont) -> QPainterPath:
    """The outline of a text, kept: the same few words are drawn in every frame."""
    key = (text, face.key())
    path = _OUTLINES.get(key)
    if path is None:
        path = QPainterPath()
        path.addText(QPointF(0, 0), face, text)
        if len(_OUTLINES) >= _OUTLINES_HELD:
            _OUTLINES.clear()
        _OUTLINES[key] = path
    return path


def width_of(text: str, *, face: QFont) -> float:
    """How wide a text is drawn."""
    return QFontMetricsF(face).horizontalAdvance(text)


def draw_text(
    painter: QPainter, text: str, *, at: QPointF, face: QFont, color: QColor, align: float = 0.0
) -> QRectF:
    """Draw a text with a dark rim; returns the room it took.

    Args:
        at: on the baseline.
        align: share of the width that lies left of `at`: 0 starts there, 1 ends there.
    """
    metrics = QFontMetricsF(face)
    width = metrics.horizontalAdvance(text)
    start = QPointF(round(at.x() - align * width), round(at.y()))
    painter.save()
    painter.translate(start)
    rim = QPen(colors.HALO, 3.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
    rim.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.strokePath(_outline(text, face), rim)
    painter.restore()
    painter.setFont(face)
    painter.setPen(color)
    painter.drawText(start, text)
    return QRectF(start.x(), start.y() - metrics.ascent(), width, metrics.height())
