"""The window as a process of its own, in which a hand drags corners until somebody kills it.

Prints `saved ID` for a revision once the status line may say so, and `ended` after a given number
of drags. Arguments: the library's folder, a film, how many drags.
"""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.library.library import Library
from app.window.main import compose
from app.window.main_window import MainWindow
from inference.manifest import Manifest
from tests.e2e.hands import drag, has_points, settled
from tests.e2e.rule_engine import rule_engine_command
from tests.rule_weights import install_rule

ANSWER_S = 0.03


def main(folder: Path, film: Path, drags: int) -> None:
    """Drag one corner after another, this way and that."""
    application = QApplication(sys.argv[:1])
    application.setApplicationName("Caliper")
    library = Library.open(folder)
    weights = Manifest((install_rule(film.parent),))
    window = compose(library, weights=weights, command=rule_engine_command(seconds=ANSWER_S))
    window.resize(1200, 800)
    window.show()
    told: set[str] = set()
    window.saved.connect(lambda _: tell(window, told))
    window.commands.open_paths([film])
    while not has_points(window, film.stem):
        QTest.qWait(10)
    for number in range(drags):
        drag(window, number * 7 % 68, by=(2 + number % 5, 9 - number % 19), steps=4)
    while not settled(window):
        QTest.qWait(10)
    window.close()
    window.shut_down()
    say("ended")


def tell(window: MainWindow, told: set[str]) -> None:
    """Nothing waits to be written: every revision there is now is safe."""
    current = window.session.current
    if current is None or window.session.library.pending:
        return
    for revision in current.history.revisions.keys() - told:
        told.add(revision)
        say(f"saved {revision}")


def say(line: str) -> None:
    """Tell whoever started this."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
