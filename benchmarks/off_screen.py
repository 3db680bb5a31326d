"""The real window with its engine, off screen, and a hand on it that sends real events."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication, QWidget

    from app.window.main_window import MainWindow
    from domain.geometry import FloatArray
    from inference.manifest import Manifest

PATIENCE_S = 60.0
GLANCE_MS = 20
STEPS = 12
"""Moves of the mouse in a drag."""


class OffScreen:
    """A window with an engine over a fresh library; every method gives the seconds that it took.

    Args:
        weights: those that ship by default.
        command: starts another engine than the program's own.
    """

    def __init__(
        self,
        library: Path,
        *,
        size: tuple[int, int] = (1366, 768),
        weights: Manifest | None = None,
        command: Sequence[str] = (),
    ) -> None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        began = time.perf_counter()
        from PySide6.QtCore import qInstallMessageHandler
        from PySide6.QtWidgets import QApplication

        from app.library.library import Library
        from app.places import program_root
        from app.window.main import compose
        from inference.manifest import catalogue

        qInstallMessageHandler(lambda *_: None)  # a screen that is none has much to say
        application = QApplication.instance() or QApplication([])
        self.application: QApplication = application  # type: ignore[assignment]
        manifest = weights or catalogue((program_root() / "weights",))
        self.window: MainWindow = compose(Library.open(library), weights=manifest, command=command)
        self.window.resize(*size)
        self.window.show()
        self.application.processEvents()
        self.window_s = time.perf_counter() - began

    def open(self, path: Path) -> float:
        """Until this film is on screen with its corners."""
        window = self.window

        def is_there() -> bool:
            current, decisions = window.session.current, window.session.decisions
            is_shown = current is not None and current.case.name == path.stem
            return is_shown and decisions is not None and decisions.points is not None

        began = time.perf_counter()
        window.commands.open_paths([path])
        self.wait(is_there)
        return time.perf_counter() - began

    def is_shown(self, path: Path) -> bool:
        """Whether this film is on screen."""
        current = self.window.session.current
        return current is not None and current.case.path == str(path)

    @property
    def surface(self) -> QWidget:
        """What is painted on."""
        from PySide6.QtWidgets import QGraphicsView

        stage = self.window.view.findChild(QGraphicsView)
        assert stage is not None
        return stage.viewport()

    @property
    def corners(self) -> FloatArray:
        """(n, 2) the corners on screen."""
        shown = self.window.editing.shown
        assert shown is not None
        assert shown.points is not None
        return shown.points.coordinates

    def drag(self, index: int, *, to: FloatArray, seconds: float) -> float:
        """Carry a corner with the mouse to a row and column, in so many seconds; until the others
        have followed.
        """
        from PySide6.QtCore import QPointF, Qt
        from PySide6.QtTest import QTest

        view, surface, left = self.window.view, self.surface, Qt.MouseButton.LeftButton
        start, end = (view.map_from_image(*map(float, at)) for at in (self.corners[index], to))
        began = time.perf_counter()
        QTest.mousePress(surface, left, pos=start.toPoint())
        for step in range(1, STEPS + 1):
            at: QPointF = start + (end - start) * (step / STEPS)
            QTest.mouseMove(surface, at.toPoint())
            self.pause(seconds / STEPS)
        QTest.mouseRelease(surface, left, pos=end.toPoint())
        self.wait(lambda: not self.window.asking.is_busy)
        return time.perf_counter() - began

    def press(self, keys: str, *, until: Callable[[], bool]) -> float:
        """Press keys on the canvas and wait for what they are to do."""
        from PySide6.QtTest import QTest

        began = time.perf_counter()
        self.window.activateWindow()
        self.window.view.setFocus()
        self.wait(self.window.view.hasFocus)
        QTest.keySequence(self.window.view, keys)
        self.wait(until)
        return time.perf_counter() - began

    def is_accepted(self) -> bool:
        """Whether the case is accepted and everything is committed."""
        decisions, library = self.window.session.decisions, self.window.session.library
        return decisions is not None and decisions.accepted and library.pending == 0

    def pause(self, seconds: float) -> None:
        """Let the window live while the hand does nothing."""
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            self.application.processEvents()
            time.sleep(0.002)

    def wait(self, done: Callable[[], bool]) -> None:
        """Let the window live until then.

        It sleeps between events as it does for a person: looking again and again would take the
        engine's time.
        """
        from PySide6.QtCore import QEventLoop, QTimer

        until = time.perf_counter() + PATIENCE_S
        glance = QTimer(interval=GLANCE_MS)  # for what no event tells of
        glance.start()
        while not done():
            if time.perf_counter() > until:
                raise TimeoutError("the window did not come so far")
            self.application.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)

    def close(self) -> None:
        """End engine and library."""
        self.window.shut_down()
