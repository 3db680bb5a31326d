"""How long a person waits for the window, and for the first corners, after starting the program.

The real program, on a screen of X11 where Xvfb is installed. In turns with it: an empty window of
Qt with an empty plot of pyqtgraph, and a bare process that loads the same network and asks it once.
As a person meets it: a start before has left the compiled modules, whatever forbids that here.

`python -m benchmarks.startup window|network FILM` is one of those two.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.deeds import plain_environment
from benchmarks.films import draw_film
from benchmarks.rows import Budget, Row, Times
from benchmarks.watched import START, tell
from tests.e2e.program import Program, screen

ROUNDS = 5
BARE = ("-m", "benchmarks.startup")
KEEPS_COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}


def measure() -> Iterator[Row]:
    """From the start of a process."""
    with tempfile.TemporaryDirectory() as folder, screen() as shown:
        film = draw_film(Path(folder) / "film.png", seed=0)
        shown |= KEEPS_COMPILED
        _start(Path(folder) / "first", film, shown=shown)
        starts = [_start(Path(folder) / str(n), film, shown=shown) for n in range(ROUNDS)]
        where = "under Xvfb" if "DISPLAY" in shown else "off screen"
    window, corners, bare_window, bare_network = zip(*starts, strict=True)
    yield Row(
        f"window visible after the start of the process, {where}",
        Times.of(window),
        "an empty Qt window with a pyqtgraph plot",
        Times.of(bare_window),
        Budget(median_s=1.5),
    )
    yield Row(
        "engine cold: from the start with a film to its corners",
        Times.of(corners),
        "a bare process that loads the network and asks it once",
        Times.of(bare_network),
    )


def _start(home: Path, film: Path, *, shown: dict[str, str]) -> tuple[float, ...]:
    """Seconds until painted and answered, and the same of what is compared."""
    home.mkdir()
    return (
        *_seconds((*START, film), "painted", "answered", home=home, shown=shown),
        *_seconds((*BARE, "window"), "painted", home=home, shown=shown),
        *_seconds(
            (*BARE, "network", film), "answered", home=home, shown=shown | plain_environment()
        ),
    )


def _seconds(
    command: tuple[object, ...], *words: str, home: Path, shown: dict[str, str]
) -> list[float]:
    began = time.time()
    program = Program(command, home=home, screen=shown)
    try:
        for word in words:
            if not program.await_word(word):
                msg = f"the program ended before it was {word}"
                raise RuntimeError(msg)
        program.wait()
    finally:
        program.clear_away()
    return [float(program.said(word)[0]) - began for word in words]


def _bare_window() -> None:
    import pyqtgraph
    from PySide6.QtCore import QEvent, QObject, QTimer
    from PySide6.QtWidgets import QApplication, QMainWindow

    application = QApplication([])
    window = QMainWindow()
    plot = pyqtgraph.PlotWidget()  # it covers the window
    window.setCentralWidget(plot)

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
            if event.type() == QEvent.Type.Paint:
                tell("painted")
                watched.removeEventFilter(self)
                QTimer.singleShot(0, application.quit)
            return False

    watch = Watch(window)
    plot.viewport().installEventFilter(watch)
    window.show()
    application.exec()


def _bare_network(film: Path) -> None:
    import cv2
    import numpy as np

    from benchmarks.plain_column import shipped
    from inference.vertebrae import column_net

    net, pixels = shipped(), cv2.imread(str(film), cv2.IMREAD_GRAYSCALE)
    column_net.answer(net, column_net.see(net, np.asarray(pixels, dtype=np.uint8)), ())
    tell("answered")


if __name__ == "__main__":
    if sys.argv[1] == "window":
        _bare_window()
    else:
        _bare_network(Path(sys.argv[2]))
