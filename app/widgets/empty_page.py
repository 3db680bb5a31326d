"""The first page: samples one click away, and how to open something of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPalette, QPen, QPixmap
from PySide6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.widgets.fit import Scrolled

CARD = QSize(214, 330)
PICTURE_PX = 196
ROUND = 10.0
INSET = 14.0


@dataclass(frozen=True, eq=False)
class SampleCard:
    """A sample study.

    Args:
        thumbnail: a picture, or the file that holds one.
        attribution: who made it and under which licence.
    """

    id: str
    title: str
    subtitle: str
    thumbnail: str | QPixmap
    attribution: str = ""


class CardButton(QAbstractButton):
    """A sample as something to press."""

    def __init__(self, card: SampleCard) -> None:
        super().__init__()
        self._card = card
        self._picture = QPixmap(card.thumbnail)
        self.setFixedSize(CARD)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(f"Open sample: {card.title}")
        self.setToolTip(card.attribution)

    def sizeHint(self) -> QSize:
        return CARD

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        palette, role = self.palette(), QPalette.ColorRole
        lively = self.underMouse() or self.hasFocus()
        frame = QRectF(self.rect()).adjusted(0.75, 0.75, -0.75, -0.75)
        path = QPainterPath()
        path.addRoundedRect(frame, ROUND, ROUND)
        painter.fillPath(path, palette.color(role.Light if self.isDown() else role.Button))
        self._paint_picture(painter, path)
        painter.setPen(QPen(palette.color(role.Accent if lively else role.Dark), 1.5))
        painter.drawPath(path)
        self._paint_words(painter)

    def _paint_picture(self, painter: QPainter, path: QPainterPath) -> None:
        room = QRectF(0, 0, self.width(), PICTURE_PX)
        painter.save()
        painter.setClipPath(path)
        painter.fillRect(room, Qt.GlobalColor.black)
        if not self._picture.isNull():
            size = self._picture.size()
            scale = max(room.width() / size.width(), room.height() / size.height())
            width, height = room.width() / scale, room.height() / scale
            top = (size.height() - height) * 0.35  # films show the column a little above the middle
            source = QRectF((size.width() - width) / 2, top, width, height)
            painter.drawPixmap(room, self._picture, source)
        painter.restore()

    def _paint_words(self, painter: QPainter) -> None:
        palette = self.palette()
        room = QRectF(INSET, PICTURE_PX + 12, self.width() - 2 * INSET, 0)
        strong = self.font()
        strong.setWeight(strong.Weight.DemiBold)
        strong.setPixelSize(14)
        small = self.font()
        small.setPixelSize(12)
        fine = self.font()
        fine.setPixelSize(11)
        text = palette.color(QPalette.ColorRole.Text)
        quiet = palette.color(QPalette.ColorRole.PlaceholderText)
        lines = (
            (self._card.title, strong, text, 21, 1),
            (self._card.subtitle, small, quiet, 19, 1),
            (self._card.attribution, fine, quiet, 15, 5),
        )
        for words, font, color, height, rows in lines:
            painter.setFont(font)
            painter.setPen(color)
            room.setHeight(height * rows)
            flags = Qt.TextFlag.TextWordWrap if rows > 1 else Qt.TextFlag.TextSingleLine
            if rows == 1:
                metrics = painter.fontMetrics()
                words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(room.width()))
            painter.drawText(room, int(flags), words)
            room.translate(0, height * rows)


class WelcomePage(Scrolled):
    """What a person sees before anything is open."""

    open_files = Signal()
    open_folder = Signal()
    sample_chosen = Signal(str)

    def __init__(self, cards: Sequence[SampleCard]) -> None:
        whole = QWidget()
        super().__init__(whole)
        page = QVBoxLayout(whole)
        page.setContentsMargins(24, 24, 24, 24)
        page.addStretch(2)
        page.addWidget(_text("Caliper", "title"), 0, Qt.AlignmentFlag.AlignHCenter)
        lead = (
            "Open a spine film: corners appear; drag the one that is wrong, the others follow. "
            "Or a dental film or video, for its implants."
        )
        page.addWidget(_wrapped(lead))
        page.addSpacing(26)
        page.addLayout(self._sample_row(cards))
        page.addSpacing(26)
        page.addLayout(self._button_row())
        page.addSpacing(10)
        hint = "or drop files and folders anywhere in this window"
        page.addWidget(_text(hint, "hint"), 0, Qt.AlignmentFlag.AlignHCenter)
        page.addStretch(3)

    def _sample_row(self, cards: Sequence[SampleCard]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(14)
        row.addStretch(1)
        for card in cards:
            button = CardButton(card)
            button.clicked.connect(lambda _=False, name=card.id: self.sample_chosen.emit(name))
            row.addWidget(button)
        row.addStretch(1)
        return row

    def _button_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(10)
        files, folder = QPushButton("Open films…"), QPushButton("Open a folder…")
        files.setObjectName("primary")
        files.clicked.connect(self.open_files)
        folder.clicked.connect(self.open_folder)
        row.addStretch(1)
        row.addWidget(files)
        row.addWidget(folder)
        row.addStretch(1)
        return row


def _wrapped(words: str) -> QLabel:
    label = _text(words, "secondary")
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    return label


def _text(words: str, name: str) -> QLabel:
    label = QLabel(words)
    label.setObjectName(name)
    return label
