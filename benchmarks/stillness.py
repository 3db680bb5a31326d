"""How still the window stays under the hand while the engine works on every core.

A large film of 16 bits stands in the real window, off screen, with all overlays; a hand moves the
mouse or turns the wheel sixty times a second. Each time is from the moment an event was due until
what it changed is painted, so that anything that holds the window up counts; what the window puts
off until after that counts where the next event has to wait for it. The engine is asked question
after question meanwhile.

    python -m benchmarks.stillness [--seconds 4] [--idle]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.off_screen import OffScreen
from benchmarks.timing import Measured

if TYPE_CHECKING:
    from PySide6.QtCore import QPoint

    from inference.contracts import Response

SHAPE = (4000, 2000)
WINDOW = (1600, 1000)
PER_SECOND = 60
SLICE_S = 0.001
DRAGGED = 20
BUDGET_S, NEVER_S = 0.016, 0.050
_SCHEDULE = Path("/proc/thread-self/schedstat")
WAITING, FILMS = 3, 120
"""Questions that wait for the engine at any time, and films: no answer comes from its memory."""


@dataclass(frozen=True)
class Stillness:
    """Seconds from event to paint of one gesture.

    Args:
        rested: until the window had done what it puts off until after the frame, too.
        work: how much of that the window itself computed.
        waited: how much of each frame it was ready and other programs had the cores; 0 where the
            system does not tell.
    """

    gesture: str
    seconds: tuple[float, ...]
    rested: tuple[float, ...]
    work: tuple[float, ...]
    waited: tuple[float, ...]

    def share(self, percent: float) -> float:
        """So many percent of the frames took no longer."""
        return float(np.percentile(self.seconds, percent))

    def __str__(self) -> str:
        p50, p95, most = (1e3 * self.share(percent) for percent in (50, 95, 100))
        over = sum(second > NEVER_S for second in self.seconds)
        own50, own95, own = (1e3 * float(np.percentile(self.work, n)) for n in (50, 95, 100))
        free = np.subtract(self.rested, self.waited)
        rested95, free95 = (1e3 * float(np.percentile(of, 95)) for of in (self.rested, free))
        return (
            f"{self.gesture:<22} {len(self.seconds):>4} frames   p50 {p50:5.1f}   p95 {p95:5.1f}   "
            f"max {most:5.1f} ms   over 50 ms: {over}   "
            f"with all it puts off p95 {rested95:4.1f}, without the wait for a core {free95:4.1f}, "
            f"own work p50 {own50:4.1f}   p95 {own95:4.1f}   max {own:5.1f} ms"
        )


def measure() -> list[Measured]:
    """The budget of a frame against the slowest twentieth of each gesture."""
    lines = gestures(seconds=3.0, is_busy=True)
    for line in lines:
        print(line, file=sys.stderr)
    return [
        Measured(f"stillness: {line.gesture} (16 ms against p95)", BUDGET_S, line.share(95), 1.0)
        for line in lines
    ]


def gestures(*, seconds: float, is_busy: bool) -> list[Stillness]:
    """Every gesture on a large film, the engine busy or not."""
    with tempfile.TemporaryDirectory() as folder:
        room = _Room(Path(folder))
        try:
            if is_busy:
                room.keep_engine_busy()
            return room.run(seconds)
        finally:
            room.close()


class _Room(OffScreen):
    """A window with a large film and a hand that keeps time."""

    def __init__(self, folder: Path) -> None:
        from PySide6.QtCore import QEvent, QObject
        from PySide6.QtWidgets import QGraphicsView

        from app.window.garbage import GarbageCollector, settle_memory

        super().__init__(folder / "library", size=WINDOW)
        self.open(_film(folder))
        GarbageCollector(self.window)  # as the program does
        settle_memory()
        stage = self.window.view.findChild(QGraphicsView)
        assert isinstance(stage, QGraphicsView)
        self._surface = stage.viewport()
        self._is_painted, self._painted_at = False, 0.0
        room = self

        class Watch(QObject):
            """Notes when a paint of the canvas is on the screen, with what is painted beside."""

            def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
                if event.type() == QEvent.Type.UpdateRequest and watched is room.window:
                    watched.event(event)
                    room._painted_at = time.perf_counter()
                    return True
                room._is_painted |= event.type() == QEvent.Type.Paint and watched is room._surface
                return False

        self._watch = Watch()
        self._surface.installEventFilter(self._watch)
        self.window.installEventFilter(self._watch)

    def keep_engine_busy(self) -> None:
        """Let a few questions about other films wait at all times."""
        from inference.contracts import Lane

        image, asking = self.window.session.image, self.window.asking
        assert image is not None
        rows = image.pixels[::2, ::2]
        films = [replace(image, pixels=np.roll(rows, n, axis=0), sha256="") for n in range(FILMS)]
        jobs, weights = asking.jobs, asking.weights_id  # answers to these belong to no case
        assert weights is not None
        self._asked = 0

        def ask() -> None:
            film = films[self._asked % len(films)]
            self._asked += 1
            request = asking._task.build_request(film, None, weights)
            jobs.ask("busy", request, pixels={film.sha256: film.pixels}, lane=Lane.BATCH)

        def again(answered: Response) -> None:
            if answered.request_id not in asking._questions:
                ask()

        jobs.answered.connect(again)
        for _ in range(WAITING):
            ask()

    def run(self, seconds: float) -> list[Stillness]:
        """All gestures, one after the other."""
        from PySide6.QtCore import QPoint, Qt

        view, middle = self.window.view, self._surface.rect().center()
        circle = _circle(self._surface.height() // 5)
        empty = QPoint(60, self._surface.height() // 2)
        lines = []
        view.zoom_by(2.5)
        self.pause(0.3)
        pan = Qt.MouseButton.MiddleButton
        lines.append(self._drag("pan", pan, middle, circle, seconds=seconds))
        lines.append(self._frames("zoom by the wheel", self._wheel(middle), seconds))
        view.fit()
        self.pause(0.3)
        right, left = Qt.MouseButton.RightButton, Qt.MouseButton.LeftButton
        lines.append(self._drag("zoom by a drag", right, middle, circle, seconds=seconds))
        view.fit()
        self.pause(0.3)
        lines.append(self._drag("window and level", left, empty, circle, seconds=seconds))
        self.pause(0.3)
        corner = view.map_from_image(*map(float, self.corners[DRAGGED])).toPoint()
        lines.append(self._drag("drag a corner", left, corner, circle, seconds=seconds))
        self.wait(lambda: not self.window.asking.is_busy)
        return lines

    def _drag(
        self,
        name: str,
        button: object,
        start: QPoint,
        way: Callable[[float], tuple[float, float]],
        *,
        seconds: float,
    ) -> Stillness:
        from PySide6.QtCore import QPoint
        from PySide6.QtTest import QTest

        at = start

        def move(now: float) -> None:
            nonlocal at
            right, down = way(now)
            at = start + QPoint(round(right), round(down))
            QTest.mouseMove(self._surface, at)

        QTest.mousePress(self._surface, button, pos=start)  # type: ignore[call-overload]
        try:
            return self._frames(name, move, seconds)
        finally:
            QTest.mouseRelease(self._surface, button, pos=at)  # type: ignore[call-overload]

    def _wheel(self, at: QPoint) -> Callable[[float], None]:
        from PySide6.QtCore import QPoint, QPointF, Qt
        from PySide6.QtGui import QWheelEvent
        from PySide6.QtWidgets import QApplication

        def turn(now: float) -> None:
            notch = 24 if now % 2 < 1 else -24
            event = QWheelEvent(
                QPointF(at),
                QPointF(self._surface.mapToGlobal(at)),
                QPoint(),
                QPoint(0, notch),
                Qt.MouseButton.NoButton,
                Qt.KeyboardModifier.NoModifier,
                Qt.ScrollPhase.NoScrollPhase,
                False,
            )
            QApplication.sendEvent(self._surface, event)

        return turn

    def _frames(self, name: str, act: Callable[[float], None], seconds: float) -> Stillness:
        """Act at sixty a second; an act that is overdue is done at once, and the missed ones not.

        As the system does with moves of the mouse: the newest takes the place of those before it.
        """
        frames: list[tuple[float, float, float, float]] = []
        began = time.perf_counter()
        due = began
        while due - began < seconds:
            waiting = self._until(due)
            self._is_painted, worked = False, time.thread_time()
            act(time.perf_counter() - began)
            self.application.processEvents()
            rested = time.perf_counter() - due
            if self._is_painted:
                work = time.thread_time() - worked
                waited = min(waited_for_core() - waiting, rested)
                frames.append((self._painted_at - due, rested, work, waited))
            due += max(1, np.ceil(rested * PER_SECOND)) / PER_SECOND
        return Stillness(name, *(tuple(of) for of in zip(*frames, strict=True)))

    def _until(self, due: float) -> float:
        """Wait; what `waited_for_core` said when the wait was all but over."""
        waiting = waited_for_core()
        while (left := due - time.perf_counter()) > 0:
            self.application.processEvents()
            waiting = waited_for_core()
            time.sleep(max(0.0, min(SLICE_S, left, due - time.perf_counter())))
        return waiting


def waited_for_core() -> float:
    """Seconds that this thread was ready to run and had no core, as Linux counts them; else 0."""
    try:
        return float(_SCHEDULE.read_text().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0


def _circle(radius: float) -> Callable[[float], tuple[float, float]]:
    def way(now: float) -> tuple[float, float]:
        angle = 2.2 * now
        return radius * float(np.sin(angle)), radius * float(1 - np.cos(angle))

    return way


def _film(folder: Path) -> Path:
    import cv2

    from training.phantoms.vertebrae import draw_phantom

    film = cv2.resize(draw_phantom(seed=3).film, SHAPE[::-1], interpolation=cv2.INTER_CUBIC)
    path = folder / "large.png"
    cv2.imwrite(str(path), film.astype(np.uint16) * 257)
    return path


def main() -> int:
    """Measure, and say it with how loaded the machine was."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.stillness")
    parser.add_argument("--seconds", type=float, default=4.0, help="of each gesture")
    parser.add_argument("--idle", action="store_true", help="leave the engine in peace")
    options = parser.parse_args()
    before = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    for line in gestures(seconds=options.seconds, is_busy=not options.idle):
        print(line, flush=True)
    print(f"load of the machine before: {before:.1f} on {os.cpu_count()} cores")
    return 0


if __name__ == "__main__":
    sys.exit(main())
