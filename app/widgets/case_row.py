"""How one case is drawn in the list."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QPalette,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.widgets.case_filter import CaseItem

ROW = 60
PICTURE = QSize(36, 48)
DOT = 3.6


class CaseRow(QStyledItemDelegate):
    """Thumbnail, name and a status dot: hollow is new, half is in work, full is reviewed.

    At the right edge a page says that there is a note, two frames that there are more films of this
    person; a bar at the left edge marks the case on screen.
    """

    def __init__(self, parent: QObject, *, item_role: int) -> None:
        super().__init__(parent)
        self._item_role = item_role
        self.on_screen: str | None = None

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
        item = index.data(self._item_role)
        assert isinstance(item, CaseItem)
        self._paint_ground(painter, option, room)
        if item.id == self.on_screen:
            bar = QRectF(room.left(), room.top() + 8, 2.5, room.height() - 16)
            painter.fillRect(bar, option.palette.color(QPalette.ColorRole.Accent))
        picture = index.data(Qt.ItemDataRole.DecorationRole)
        frame = QRectF(
            room.left() + 6, room.center().y() - PICTURE.height() / 2, *PICTURE.toTuple()
        )
        _paint_picture(painter, picture, frame)
        words = QRectF(
            frame.right() + 11, room.top(), room.right() - frame.right() - 19, room.height()
        )
        _paint_words(painter, option, item, room=words)
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


def _paint_words(
    painter: QPainter, option: QStyleOptionViewItem, item: CaseItem, *, room: QRectF
) -> None:
    palette, role, middle = option.palette, QPalette.ColorRole, room.center().y()
    marks = _paint_marks(
        painter, item, right=room.right(), y=middle + 11, color=palette.color(role.PlaceholderText)
    )
    painter.setPen(palette.color(role.Text))
    elide = option.fontMetrics.elidedText
    name = elide(item.name, Qt.TextElideMode.ElideMiddle, int(room.width()))
    painter.drawText(QPointF(room.left(), middle - 4), name)
    small = QFont(option.font)
    small.setPixelSize(11)
    painter.setFont(small)
    failed = item.trouble and not item.activity
    painter.setPen(palette.color(role.BrightText if failed else role.PlaceholderText))
    width = int(room.width() - 15 - marks)
    words = QFontMetricsF(small).elidedText(item.words, Qt.TextElideMode.ElideRight, width)
    painter.drawText(QPointF(room.left() + 15, middle + 15), words)
    dot = QPointF(room.left() + DOT + 1, middle + 11)
    paint_status(painter, item.status, at=dot, color=palette.color(role.Accent))


def _paint_marks(
    painter: QPainter, item: CaseItem, *, right: float, y: float, color: QColor
) -> float:
    """A page for a note, two frames for more films of this person; the room they take."""
    painter.setPen(QPen(color, 1.2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    x = right
    if item.films > 1:
        x -= 15
        painter.drawRoundedRect(QRectF(x, y - 5, 7, 9), 1, 1)
        painter.drawRoundedRect(QRectF(x + 4, y - 3, 7, 9), 1, 1)
    if item.note:
        x -= 13
        painter.drawRoundedRect(QRectF(x, y - 5, 9, 11), 1, 1)
        for line in (-2.0, 0.5, 3.0):
            painter.drawLine(QPointF(x + 2.5, y + line), QPointF(x + 6.5, y + line))
    return right - x


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
