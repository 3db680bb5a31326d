"""The canvas for films that move: one frame in sight, looked at as the frames before it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QWidget

from app.canvas.state import ViewState
from app.canvas.view import ImageView
from app.io.windowing import Table

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

    @property
    def picture_table(self) -> Table:
        """(256,) brightness of each grey of a picture made of the image, by the window in use.

        Such pictures have the greys that the image's own window makes, bright for dense.
        """
        greys = self._greys
        steps = np.arange(256)
        if greys is None:
            return steps.astype(np.uint8)
        if greys.bits > 8:
            own = greys.window(ViewState())
            steps = np.rint(own.level + own.window * (steps / 255 - 0.5))
        table = greys.table(self._state)
        raw = np.clip(steps, 0, len(table) - 1).astype(np.intp)
        return table[raw[::-1] if greys.asked.inverted else raw]

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
