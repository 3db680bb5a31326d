"""Plays the frames of the film on screen at the rate they were taken at."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from app.session.session import Session
from domain.image import Cine

USUAL_FPS = 10.0
"""Where nobody recorded a rate; the screen says so."""
TICK_MS = 8


class Player(QObject):
    """Moves the session from frame to frame; a frame that comes too late is left out.

    Args:
        clock: seconds, rising.
    """

    playing_changed = Signal(bool)
    paced = Signal(float)  # frames a second that were shown, once a second while it plays

    def __init__(self, session: Session, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(session)
        self._session, self._clock = session, clock
        self.loops = True
        self._when: tuple[float, ...] = ()
        self._begun, self._first = 0.0, 0.0
        self._shown, self._counted_since = 0, 0.0
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.advance)
        session.leaving.connect(self.stop)
        session.case_shown.connect(self.stop)

    @property
    def cine(self) -> Cine | None:
        """The frames of the film on screen; None where nothing moves."""
        image = self._session.image
        return None if image is None else image.cine

    @property
    def is_playing(self) -> bool:
        """Whether frames follow one another by themselves."""
        return self._timer.isActive()

    @property
    def rate(self) -> float:
        """Frames a second, the mean of what was recorded, or the usual rate."""
        cine = self.cine
        if cine is None or not cine.times_s or cine.times_s[-1] <= cine.times_s[0]:
            return USUAL_FPS
        return (len(cine) - 1) / (cine.times_s[-1] - cine.times_s[0])

    @property
    def is_rate_recorded(self) -> bool:
        """Whether the file says when each frame was taken."""
        cine = self.cine
        return cine is not None and bool(cine.times_s) and cine.times_s[-1] > cine.times_s[0]

    def toggle(self) -> None:
        """Play, or stop."""
        if self.is_playing:
            self.stop()
        else:
            self.play()

    def play(self) -> None:
        """Go on from the frame in sight; from the first where it is the last and nothing loops."""
        cine = self.cine
        if cine is None:
            return
        at = self._session.frame
        if not self.loops and at == len(cine) - 1:
            at = 0
            self._session.look_at(0)
        self._when = self._times(cine)
        self._begun, self._first = self._clock(), self._when[at]
        self._shown, self._counted_since = 0, self._begun
        self._timer.start()
        self.playing_changed.emit(True)

    @Slot()
    def stop(self) -> None:
        """Stay at the frame in sight."""
        if self.is_playing:
            self._timer.stop()
            self.playing_changed.emit(False)

    def step(self, step: int) -> None:
        """Another frame by hand, around the ends; what plays stops."""
        cine = self.cine
        self.stop()
        if cine is not None:
            self._session.look_at((self._session.frame + step) % len(cine))

    def seek(self, frame: int) -> None:
        """Go to a frame; what plays goes on from there."""
        cine = self.cine
        if cine is None:
            return
        self._session.look_at(min(max(frame, 0), len(cine) - 1))
        if self.is_playing:
            self._begun, self._first = self._clock(), self._when[self._session.frame]

    @Slot()
    def advance(self) -> None:
        """Show the frame whose time it is."""
        cine = self.cine
        if cine is None:
            self.stop()
            return
        times = self._when
        whole = times[-1] + 1 / self.rate  # the last frame is seen as long as the others
        at = self._first + self._clock() - self._begun
        if at >= whole and not self.loops:
            self._session.look_at(len(cine) - 1)
            self.stop()
            return
        frame = max(bisect_right(times, at % whole) - 1, 0)
        if frame != self._session.frame:
            self._shown += 1
            self._session.look_at(frame)
        self._tell_pace()

    def _tell_pace(self) -> None:
        since = self._clock() - self._counted_since
        if since >= 1.0:
            self.paced.emit(self._shown / since)
            self._shown, self._counted_since = 0, self._clock()

    def _times(self, cine: Cine) -> tuple[float, ...]:
        if self.is_rate_recorded:
            return tuple(time_s - cine.times_s[0] for time_s in cine.times_s)
        return tuple(number / USUAL_FPS for number in range(len(cine)))
