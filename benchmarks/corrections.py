"""A hand that drags a corner of a film in the real window, with the engine that ships behind it.

In turns with it, in a process of its own, the same network asked plainly (`plain_column`).
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtTest import QTest

from app.canvas.layers.corners import CornersLayer
from benchmarks.deeds import Deed, plain_environment
from benchmarks.films import draw_film
from benchmarks.off_screen import OffScreen
from benchmarks.plain_column import DRAGGED
from benchmarks.rows import RATE, Budget, Row, Times
from inference.contracts import Lane

if TYPE_CHECKING:
    from domain.geometry import FloatArray
    from domain.image import Image
    from inference.contracts import Response

DRAGS = 30
DRAG_S = 0.25
REST_S = 0.2
REACH = 60.0  # film pixels that a corner is carried
LONG_DRAGS, LONG_DRAG_S = 8, 1.0
MOVES_A_SECOND = 125  # of an ordinary mouse
CANCELS = 8
PLAIN = "plain: one eager float32 forward and decode"


def measure() -> Iterator[Row]:
    """Released drags, the pace of a drag, and Esc."""
    with tempfile.TemporaryDirectory() as folder:
        film = draw_film(Path(folder) / "film.png", seed=0)
        room = _Room(Path(folder))
        command = ("-m", "benchmarks.plain_column", str(film))
        try:
            room.open(film)
            with Deed(*command, env=plain_environment()) as plain:
                turns = [(room.release(n), plain.do().seconds) for n in range(DRAGS)]
                rested = [room.release(n, rest_s=REST_S) for n in range(DRAGS)]
                paces = [(room.pace(), 1 / plain.do().seconds) for _ in range(LONG_DRAGS)]
            released, plain_s = zip(*turns, strict=True)
            note = f"for {1e3 * REST_S:.0f} ms; above, it let go on the move"
            for name, seconds, aside in (
                ("released drag to 68 corners on screen", released, ""),
                ("the same, where the hand rested before it let go", rested, note),
            ):
                budget, plain_times = Budget(p95_s=0.1), Times.of(plain_s)
                yield Row(name, Times.of(seconds), PLAIN, plain_times, budget, note=aside)
            ours, theirs = zip(*paces, strict=True)
            name = "answers on screen while the hand drags"
            yield Row(name, Times.of(ours), PLAIN, Times.of(theirs), unit=RATE)
            yield from room.cancelled()
        finally:
            room.close()


class _Room(OffScreen):
    """A window of which is known what is painted."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "library")
        self._folder = folder
        self._painted: FloatArray = np.empty((0, 2))  # corners as the latest paint shows them
        room = self

        class Watch(QObject):
            """Sees each paint of the canvas."""

            def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
                if event.type() == QEvent.Type.Paint:
                    room._painted = room._drawn()
                return False

        self._watch = Watch()
        self.surface.installEventFilter(self._watch)
        self._answered: list[int] = []
        self.window.asking.jobs.answered.connect(self._note)

    def _drawn(self) -> FloatArray:
        layers = (layer for layer in self.window.view.layers if isinstance(layer, CornersLayer))
        return next((layer.drawn for layer in layers), self._painted)

    def _note(self, response: Response) -> None:
        self._answered.append(response.request_id)

    def release(self, number: int, *, rest_s: float = 0.0) -> float:
        """Seconds from letting a corner go until the answer is painted; then it is taken back.

        Args:
            rest_s: how long the hand holds the corner where it is to be.
        """
        start = self.corners[DRAGGED].copy()
        self._grasp(start)
        # Each to another pixel of the screen: what was asked before would be answered from memory.
        angle = 2 * np.pi * number / DRAGS
        way = REACH * np.array([np.cos(angle), np.sin(angle)])
        at = self._carry(start, start + way, seconds=DRAG_S)
        self.pause(rest_s)
        began = time.perf_counter()
        QTest.mouseRelease(self.surface, Qt.MouseButton.LeftButton, pos=at)
        self.wait(lambda: not self.window.asking.is_busy)
        self.wait(lambda: np.array_equal(self._painted, self.corners))
        seconds = time.perf_counter() - began
        self._take_back()
        return seconds

    def pace(self) -> float:
        """Different answers painted in a second of a drag."""
        seen: set[bytes] = set()
        start = self.corners[DRAGGED].copy()
        self._grasp(start)
        # Far enough for the mouse to be at another pixel of the screen in every answer.
        at = self._carry(start, start + np.array([180.0, 60.0]), seconds=LONG_DRAG_S, seen=seen)
        QTest.mouseRelease(self.surface, Qt.MouseButton.LeftButton, pos=at)
        self.wait(lambda: not self.window.asking.is_busy)
        self._take_back()
        return (len(seen) - 1) / LONG_DRAG_S

    def cancelled(self) -> Iterator[Row]:
        """Esc while the engine looks at a film nobody has seen."""
        image, asking = self.window.session.image, self.window.asking
        assert image is not None
        usual = median(self._ask(image) for _ in range(5))
        said, idle = [], []
        for number in range(CANCELS):
            self._begin_unknown(number)
            began = time.perf_counter()
            QTest.keyClick(self.window.view, Qt.Key.Key_Escape)
            self.wait(lambda: not asking.is_busy)
            said.append(time.perf_counter() - began)
            self._ask(image)
            idle.append(max(0.0, time.perf_counter() - began - usual))
        yield Row("Esc to the window's word", Times.of(said), budget=Budget(p95_s=0.1))
        yield Row(
            "Esc to an engine that is idle again",
            Times.of(idle),
            budget=Budget(p95_s=2.0),
            note=f"until the next question is answered, less the {1e3 * usual:.0f} ms that takes",
        )

    def _begin_unknown(self, number: int) -> None:
        """Open a film and wait until the engine looks at it."""
        film = draw_film(self._folder / f"unknown {number}.png", seed=100 + number)
        session, asking = self.window.session, self.window.asking

        def is_looked_at() -> bool:
            current = session.current
            return current is not None and current.case.name == film.stem and asking.is_busy

        self.window.commands.open_paths([film])
        self.wait(is_looked_at)
        self.pause(0.05 * (number % 4))

    def _ask(self, image: Image) -> float:
        """Seconds of a question about a film that the engine knows."""
        asking = self.window.asking
        assert asking.weights_id is not None
        request = asking._task.build_request(image, None, asking.weights_id)
        began = time.perf_counter()
        asking.jobs.ask("beside", request, pixels={image.sha256: image.pixels}, lane=Lane.FINAL)
        self.wait(lambda: request.id in self._answered)
        return time.perf_counter() - began

    def _grasp(self, start: FloatArray) -> None:
        at = self.window.view.map_from_image(*map(float, start)).toPoint()
        QTest.mousePress(self.surface, Qt.MouseButton.LeftButton, pos=at)

    def _carry(
        self, start: FloatArray, end: FloatArray, *, seconds: float, seen: set[bytes] | None = None
    ) -> QPoint:
        """Move the mouse evenly; where it is then. Answers that were painted are added to seen."""
        view, began, at = self.window.view, time.perf_counter(), QPoint()
        while (share := (time.perf_counter() - began) / seconds) < 1:
            place = start + (end - start) * share
            at = view.map_from_image(*map(float, place)).toPoint()
            QTest.mouseMove(self.surface, at)
            self.application.processEvents()
            if seen is not None:
                seen.add(np.delete(self._painted, DRAGGED, axis=0).tobytes())
            time.sleep(1 / MOVES_A_SECOND)
        return at

    def _take_back(self) -> None:
        self.window.editing.undo()
        self.wait(lambda: self.window.session.library.pending == 0)
        self.pause(0.05)
