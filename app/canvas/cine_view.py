"""The canvas for films that move: one frame in sight, looked at as the frames before it."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QWidget

from app.canvas.state import ViewState
from app.canvas.view import ImageView

NOTCH = 120


class CineView(ImageView):
    """An `ImageView` whose image may have frames; on those the wheel goes from frame to frame."""

    frame_step_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._turned = 0
        self._stage.takes_wheel = self._take_wheel

    def show_frame(self, number: int) -> None:
        """Another frame of the image; window, zoom and what is drawn over it stay."""
        if self._image is None or self._image.cine is None:
            return
        self._image = self._image.frame(number)
        self._film.show_frame(self._image.pixels)
        self._state = replace(self._state, frame=number)
        self.view_changed.emit()

    def toggle_mark(self) -> None:
        """Mark the frame in sight, or no more."""
        if self._image is not None and self._image.cine is not None:
            marks = set(self._state.marks) ^ {self._state.frame}
            self._state = replace(self._state, marks=tuple(sorted(marks)))
            self.view_changed.emit()

    def reset(self) -> None:
        before = self._state
        self.apply_view_state(ViewState(frame=before.frame, marks=before.marks))

    def _take_wheel(self, event: QWheelEvent) -> bool:
        """Whether a turn of the wheel goes from frame to frame; with Ctrl it zooms."""
        is_plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if not is_plain or self._image is None or self._image.cine is None:
            return False
        self._turned += event.angleDelta().y()
        steps = int(self._turned / NOTCH)
        self._turned -= steps * NOTCH
        if steps:
            self.frame_step_wanted.emit(-steps)
        return True
