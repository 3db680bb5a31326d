"""How one case is drawn in the list."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPalette, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

ROW = 60
PICTURE = QSize(36, 48)
DOT = 3.6


class CaseRow(QStyledItemDelegate):
    """Thumbnail, name and a status dot: hollow is new, half is in work, full is reviewed."""

    def __init__(self, parent: QObject, *, status_role: int) -> None:
        super().__init__(parent)
        self._status_role = status_role

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(160, ROW)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        room = QRectF(option.rect).adjusted(1, 2, -1, -2)
        self._paint_ground(painter, option, room)
        picture = index.data(Qt.ItemDataRole.DecorationRole)
        frame = QRectF(
            room.left() + 6, room.center().y() - PICTURE.height() / 2, *PICTURE.toTuple()
        )
        _paint_picture(painter, picture, frame)
        palette = option.palette
        left = frame.right() + 11
        width = int(room.right() - left - 8)
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        name = str(index.data(Qt.ItemDataRole.DisplayRole))
        name = option.fontMetrics.elidedText(name, Qt.TextElideMode.ElideMiddle, width)
        painter.drawText(QPointF(left, room.center().y() - 4), name)
        status = str(index.data(self._status_role))
        small = option.font
        small.setPixelSize(11)
        painter.setFont(small)
        painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
        painter.drawText(QPointF(left + 15, room.center().y() + 15), status.replace("_", " "))
        dot = QPointF(left + DOT + 1, room.center().y() + 11)
        paint_status(painter, status, at=dot, color=palette.color(QPalette.ColorRole.Accent))
        painter.restore()

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, room: QRectF) -> None:
        palette, role = option.palette, QPalette.ColorRole
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        under = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if chosen or under:
            path = QPainterPath()
            path.addRoundedRect(room, 7, 7)
            painter.fillPath(path, palette.color(role.Midlight if chosen else role.Light))
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(palette.color(role.Accent), 1))
            painter.drawRoundedRect(room, 7, 7)


def paint_status(painter: QPainter, status: str, *, at: QPointF, color: QColor) -> None:
    """A dot that says by its filling how far a case is."""
    ring = QRectF(at.x() - DOT, at.y() - DOT, 2 * DOT, 2 * DOT)
    painter.setPen(QPen(color, 1.3))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(ring)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    if status == "reviewed":
        painter.drawEllipse(ring)
    elif status == "in_work":
        painter.drawPie(ring, 90 * 16, 180 * 16)


def _paint_picture(painter: QPainter, picture: object, frame: QRectF) -> None:
    path = QPainterPath()
    path.addRoundedRect(frame, 4, 4)
    painter.save()
    painter.setClipPath(path)
    painter.fillRect(frame, QColor("#07090c"))
    if isinstance(picture, QPixmap) and not picture.isNull():
        scale = max(frame.width() / picture.width(), frame.height() / picture.height())
        width, height = frame.width() / scale, frame.height() / scale
        source = QRectF(
            (picture.width() - width) / 2, (picture.height() - height) / 2, width, height
        )
        painter.drawPixmap(frame, picture, source)
    painter.restore()
