"""The frames of a film in a row: which is in sight, which are marked, and a bar below each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QToolTip,
    QWidget,
)

HEIGHT, PICTURE_HEIGHT, BAR_ROOM, TOP = 84, 54, 18, 8
LEAST_PICTURE = 30
AT_ONCE = 4
"""Pictures made in one paint: the rest comes with the next, so that no frame waits."""


@dataclass(frozen=True)
class StripData:
    """What a strip shows.

    Args:
        count: frames.
        aspect: width of a frame over its height.
        bars: by frame, 0 … 1; a frame without one was not looked at by a network.
        words: by frame, what is said of its bar.
        marked: frames that a person marked.
    """

    count: int = 0
    aspect: float = 1.0
    bars: Mapping[int, float] = field(default_factory=dict)
    words: Mapping[int, str] = field(default_factory=dict)
    marked: Sequence[int] = ()


class FrameRow(QWidget):
    """The frames; a press or a drag goes to the one under it."""

    sought = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._data, self._frame = StripData(), 0
        self._picture: Callable[[int], QImage] = lambda frame: QImage()
        self._pictures: dict[int, QImage] = {}
        self._rest = QTimer(self, singleShot=True, interval=0)
        self._rest.timeout.connect(self.update)
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Frames")
        self.setMouseTracking(True)

    @property
    def data(self) -> StripData:
        """What is shown."""
        return self._data

    @property
    def frame(self) -> int:
        """The frame in sight."""
        return self._frame

    def show_frames(self, data: StripData, picture: Callable[[int], QImage]) -> None:
        """Other frames.

        Args:
            picture: makes the small picture of a frame.
        """
        self._data, self._picture = data, picture
        self._pictures.clear()
        self.update()

    def set_data(self, data: StripData) -> None:
        """Other bars and marks of the same frames."""
        self._data = data
        self.update()

    def set_frame(self, frame: int) -> None:
        """Another frame is in sight."""
        if frame != self._frame:
            self._frame = frame
            self.setAccessibleDescription(f"frame {frame + 1} of {self._data.count}")
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, HEIGHT)

    def frame_at(self, x: float) -> int:
        """The frame at a place along the strip."""
        share = (x - self._left) / max(self._room, 1.0)
        return min(max(int(share * self._data.count), 0), max(self._data.count - 1, 0))

    def middle_of(self, frame: int) -> float:
        """Where along the strip the middle of a frame is."""
        return self._left + (frame + 0.5) * self._room / max(self._data.count, 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._data.count:
            self.sought.emit(self.frame_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton and self._data.count:
            self.sought.emit(self.frame_at(event.position().x()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = self._data.count - 1
        goals = {
            Qt.Key.Key_Left: max(self._frame - 1, 0),
            Qt.Key.Key_Right: min(self._frame + 1, last),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        goal = goals.get(Qt.Key(event.key()))
        if goal is None or last < 0:
            super().keyPressEvent(event)
        else:
            self.sought.emit(goal)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            frame = self.frame_at(event.pos().x())
            words = self._data.words.get(frame, "")
            text = f"{frame + 1} of {self._data.count}" + (f"\n{words}" if words else "")
            QToolTip.showText(event.globalPos(), text if self._data.count else "", self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._data.count:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        palette = self.palette()
        self._paint_pictures(painter)
        self._paint_bars(painter, palette)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_marks(painter, palette.color(QPalette.ColorRole.BrightText))
        self._paint_place(painter, palette.color(QPalette.ColorRole.Highlight))

    @property
    def _cells(self) -> tuple[int, ...]:
        """The frames that there is room to show a picture of."""
        count = self._data.count
        wide = max(PICTURE_HEIGHT * self._data.aspect, LEAST_PICTURE)
        fit = max(min(count, int(self.width() / wide)), 1)
        return tuple(int((cell + 0.5) * count / fit) for cell in range(fit))

    @property
    def _room(self) -> float:
        """How wide all frames together are: no wider than their pictures where these are few."""
        wide = PICTURE_HEIGHT * self._data.aspect + 2
        return float(min(self.width(), wide * self._data.count))

    @property
    def _left(self) -> float:
        return (self.width() - self._room) / 2

    def _paint_pictures(self, painter: QPainter) -> None:
        cells, made = self._cells, 0
        pitch = self._room / len(cells)
        for place, frame in enumerate(cells):
            if frame not in self._pictures and made < AT_ONCE:
                self._pictures[frame] = self._picture(frame)
                made += 1
            room = QRectF(self._left + place * pitch + 1, TOP, pitch - 2, PICTURE_HEIGHT)
            painter.fillRect(room, QColor("#07090c"))
            picture = self._pictures.get(frame)
            if picture is not None and not picture.isNull():
                painter.drawImage(_fitted(picture.size(), room), picture)
        if any(frame not in self._pictures for frame in cells):
            self._rest.start()

    def _paint_bars(self, painter: QPainter, palette: QPalette) -> None:
        pitch = self._room / self._data.count
        wide = min(max(pitch - 2, 2.0), PICTURE_HEIGHT * self._data.aspect)
        floor = TOP + PICTURE_HEIGHT + 2 + BAR_ROOM
        track = palette.color(QPalette.ColorRole.Mid)
        full = palette.color(QPalette.ColorRole.Highlight)
        for frame, share in self._data.bars.items():
            left = self.middle_of(frame) - wide / 2
            painter.fillRect(QRectF(left, floor - 1, wide, 1), track)
            high = max(min(share, 1.0), 0.0) * (BAR_ROOM - 2)
            painter.fillRect(QRectF(left, floor - 1 - high, wide, high), full)

    def _paint_marks(self, painter: QPainter, color: QColor) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        for frame in self._data.marked:
            x = self.middle_of(frame)
            painter.drawPolygon([QPointF(x - 4, 1), QPointF(x + 4, 1), QPointF(x, TOP - 1)])

    def _paint_place(self, painter: QPainter, color: QColor) -> None:
        pitch = max(self._room / self._data.count, 6.0)
        room = QRectF(self.middle_of(self._frame) - pitch / 2, TOP, pitch, PICTURE_HEIGHT)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(color, 2.0))
        painter.drawRoundedRect(room.adjusted(1, 0, -1, 0), 2, 2)


class FilmStrip(QWidget):
    """The frames with what plays them; knows neither what they are nor when they were taken."""

    sought = Signal(int)
    play_asked = Signal()
    loop_asked = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.row = FrameRow()
        self.row.sought.connect(self.sought)
        self.play, self.loop = QToolButton(), QToolButton()
        self.play.setToolTip("Play or stop (C)")
        self.play.clicked.connect(lambda _=False: self.play_asked.emit())
        self.loop.setText("Loop")
        self.loop.setCheckable(True)
        self.loop.setChecked(True)
        self.loop.setToolTip("Begin again after the last frame")
        for button in (self.play, self.loop):
            button.setProperty("compact", True)
        self.loop.toggled.connect(self.loop_asked)
        self._place, self._rate = QLabel(), QLabel()
        self._rate.setObjectName("secondary")
        self._rate.setWordWrap(True)
        self._rate.setAlignment(Qt.AlignmentFlag.AlignTop)
        controls = QGridLayout()
        controls.setContentsMargins(0, 6, 0, 2)
        controls.setVerticalSpacing(3)
        controls.addWidget(self.play, 0, 0)
        controls.addWidget(self.loop, 0, 1)
        controls.addWidget(self._place, 1, 0, 1, 2)
        controls.addWidget(self._rate, 2, 0, 1, 2)
        controls.setRowStretch(2, 1)
        self._controls = QWidget()
        self._controls.setLayout(controls)
        self._controls.setFixedWidth(132)
        line = QHBoxLayout(self)
        line.setContentsMargins(10, 2, 10, 2)
        line.setSpacing(8)
        line.addWidget(self._controls)
        line.addWidget(self.row, 1)
        self.setFixedHeight(HEIGHT + 6)

    def tell_place(self, words: str) -> None:
        """Which frame is in sight."""
        self._place.setText(words)

    def tell_rate(self, words: str, *, plays: bool, moves: bool) -> None:
        """How fast it goes.

        Args:
            moves: there is something to play.
        """
        self._rate.setText(words)
        self._rate.setToolTip(words)
        self.play.setText("Stop" if plays else "Play")
        for button in (self.play, self.loop):
            button.setVisible(moves)

    @property
    def words(self) -> tuple[str, str]:
        """What is said of the place and the rate."""
        return self._place.text(), self._rate.text()


def _fitted(size: QSize, room: QRectF) -> QRectF:
    scale = min(room.width() / size.width(), room.height() / size.height())
    fitted = QRectF(0, 0, size.width() * scale, size.height() * scale)
    fitted.moveCenter(room.center())
    return fitted
