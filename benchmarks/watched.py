"""The real program, which tells when its window is painted and when a film's corners are there.

`python -c "from benchmarks.watched import begin; begin()" FILM` prints `painted` and `answered`
with the time of day, and ends.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.library.library import Library
    from app.window.main_window import MainWindow
    from inference.manifest import Manifest

START = ("-c", "from benchmarks.watched import begin; begin()")
LOOK_MS = 3


def begin() -> None:
    """Start the program on the film that the command line names."""
    from PySide6.QtCore import QEvent, QObject, QTimer

    from app.window import main

    compose = main.compose

    class Watch(QObject):
        """Waits for the first paint of the window."""

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
            if event.type() == QEvent.Type.Paint:
                tell("painted")
                watched.removeEventFilter(self)
            return False

    def composed(library: Library, *, weights: Manifest, **rest: Any) -> MainWindow:
        window = compose(library, weights=weights, **rest)
        watch, look = Watch(window), QTimer(window, interval=LOOK_MS)
        window.installEventFilter(watch)

        def look_for_corners() -> None:
            decisions = window.session.decisions
            if decisions is not None and decisions.points is not None:
                look.stop()
                tell("answered")
                window.close()

        look.timeout.connect(look_for_corners)
        look.start()
        return window

    main.compose = composed
    sys.exit(main.run(sys.argv[1:]))


def tell(word: str) -> None:
    """Say that something happened now."""
    print(word, time.time(), flush=True)
