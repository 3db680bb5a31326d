"""The frames of a film that moves: below the canvas, played, marked and gone through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QImage

from app.canvas.colour_maps import grey_image
from app.canvas.grey import Greys
from app.canvas.state import ViewState
from app.session.player import USUAL_FPS, Player
from app.widgets.film_strip import FilmStrip, StripData
from app.window.film_details import frame_words, page_words
from domain.image import Cine, Image

if TYPE_CHECKING:
    from app.window.main_window import MainWindow

SMALL_ROWS = 108
"""Of a small picture: twice what the strip shows, for dense screens."""


class CineRoom(QObject):
    """Joins player, strip and canvas; `windows` of a still film may be shown in the strip too."""

    window_sought = Signal(int)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._view, self._session = window.view, window.session
        self.player: Player = Player(window.session)
        self.strip = FilmStrip()
        self.strip.hide()
        self._pace = 0.0
        self._windows = 0
        window.compare.column.addWidget(self.strip)
        session, player = self._session, self.player
        session.case_shown.connect(self._follow_case)
        session.frame_changed.connect(self._follow_frame)
        self._view.view_changed.connect(self._follow_marks)
        self._view.frame_step_wanted.connect(player.step)
        self.strip.sought.connect(self.seek)
        self.strip.play_asked.connect(player.toggle)
        self.strip.loop_asked.connect(lambda on: setattr(player, "loops", on))
        player.playing_changed.connect(self._tell_rate)
        player.paced.connect(self._note_pace)

    def step(self, step: int) -> bool:
        """Another frame; False where nothing moves."""
        if self.player.cine is None:
            return False
        self.player.step(step)
        return True

    def step_mark(self, step: int) -> None:
        """Go to the next (1) or previous (-1) marked frame, around the ends."""
        marks, here = self._view.view_state().marks, self._session.frame
        ahead = [mark for mark in marks if (mark - here) * step > 0]
        if marks and self.player.cine is not None:
            around = marks[0] if step > 0 else marks[-1]
            self.player.seek((min(ahead) if step > 0 else max(ahead)) if ahead else around)

    def show_windows(self, count: int, picture: Callable[[int], QImage]) -> None:
        """Show the windows of a still film in the strip; 0 for none."""
        if self.player.cine is None and count != self._windows:
            self._windows = count
            self.strip.setVisible(count > 0)
            self.strip.row.show_frames(StripData(count), picture)
            self.strip.tell_rate("along the arch", plays=False, moves=False)
            self._tell_place()

    def show_bars(self, shares: dict[int, float], words: dict[int, str]) -> None:
        """What stands below each frame."""
        data = replace(self.strip.row.data, bars=shares, words=words)
        if data != self.strip.row.data:
            self.strip.row.set_data(data)

    @Slot()
    def _follow_case(self) -> None:
        image, cine = self._session.image, self.player.cine
        self._windows, self._pace = 0, 0.0
        self.strip.setVisible(cine is not None)
        if image is None or cine is None:
            self.strip.row.show_frames(StripData(), lambda frame: QImage())
            return
        rows, columns = image.shape
        aspect = columns / (rows * image.grid.aspect)
        data = StripData(len(cine), aspect, marked=self._view.view_state().marks)
        self.strip.row.show_frames(data, small_pictures(image, cine))
        frame = self._view.view_state().frame
        self._session.look_at(min(frame, len(cine) - 1))
        self._tell_place()
        self._tell_rate()

    @Slot()
    def _follow_frame(self) -> None:
        self._view.show_frame(self._session.frame)
        self._tell_place()

    @Slot()
    def _follow_marks(self) -> None:
        marks, data = self._view.view_state().marks, self.strip.row.data
        if self.player.cine is not None and tuple(data.marked) != marks:
            self.strip.row.set_data(replace(data, marked=marks))

    @Slot(int)
    def seek(self, frame: int) -> None:
        """Go to a frame, or to a window of a still film."""
        if self.player.cine is not None:
            self.player.seek(frame)
        elif self._windows:
            self._session.look_at(frame)
            self.window_sought.emit(frame)

    def _tell_place(self) -> None:
        current, cine = self._session.current, self.player.cine
        frame = self._session.frame
        self.strip.row.set_frame(frame)
        if current is None:
            return
        if cine is None:
            self.strip.tell_place(f"window {frame + 1} / {self._windows}")
            return
        self.strip.tell_place(frame_words(self._session))
        self._view.set_case_name(current.case.name, page=page_words(self._session))

    @Slot(float)
    def _note_pace(self, shown: float) -> None:
        self._pace = shown
        self._tell_rate()

    @Slot()
    def _tell_rate(self) -> None:
        player = self.player
        plays, rate = player.is_playing, player.rate
        words = f"{rate:.3g} a second"
        if not player.is_rate_recorded:
            words = f"{USUAL_FPS:.0f} a second, no rate recorded"
        elif plays and self._pace and self._pace < 0.9 * rate:
            words = f"{self._pace:.3g} of {rate:.3g} a second shown"
        self._pace = self._pace if plays else 0.0
        self.strip.tell_rate(words, plays=plays, moves=True)


def small_pictures(image: Image, cine: Cine) -> Callable[[int], QImage]:
    """Makes the small picture of a frame, windowed as the film's file asks."""
    table = Greys.of(image).table(ViewState())
    step = max(1, image.shape[0] // SMALL_ROWS)

    def picture(frame: int) -> QImage:
        pixels = cine.frames[frame][::step, ::step]
        grey = pixels.mean(axis=2).astype(np.uint8) if pixels.ndim == 3 else pixels
        return grey_image(table[grey])

    return picture
