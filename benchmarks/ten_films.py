"""A reading session on the real window and engine: films from open to exported, stage by stage.

The window stands off screen over a library of its own, and gets real mouse and key events. The hand
is modelled: a pause before each key and click, a time for each drag, a look at the angles. What is
left of a stage is the program's. The films are validation films beside the checkout, their true
corners the labels; where they are missing, phantoms are drawn, and the report says "synthetic".
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import cv2
import numpy as np

from benchmarks.off_screen import OffScreen
from benchmarks.timing import Measured

if TYPE_CHECKING:
    from domain.geometry import FloatArray

FILMS = 10
PRESS_S, DRAG_S, LOOK_S = 0.25, 0.6, 2.0
AIM_S = 45.0
FORMATS = ("report", "csv")
STAGES = ("open to corners", "drag to followed", "accept to saved", "export to written")
DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "spine"


@dataclass(frozen=True, eq=False)
class Film:
    """A film's file and its true corners, (68, 2) in its pixels."""

    path: Path
    truth: FloatArray


def measure(count: int = FILMS) -> list[Measured]:
    """Read films one after the other; the median film against what is asked."""
    with tempfile.TemporaryDirectory() as folder:
        films, kind = films_of(Path(folder), count=count)
        session = _Session(OffScreen(Path(folder) / "library"), out=Path(folder))
        try:
            read = [session.read(film) for film in films]
        finally:
            session.close()
    for film, stages in zip(films, read, strict=True):
        words = ", ".join(f"{name} {stages[name]:.2f} s" for name in STAGES)
        print(f"{film.path.stem}: {words}; in all {stages['in all']:.1f} s", file=sys.stderr)
    whole = [stages["in all"] for stages in read]
    slowest = max(STAGES, key=lambda name: median(stages[name] for stages in read))
    print(
        f"{len(films)} {kind} films, the hand is modelled ({PRESS_S:g} s a key or click, "
        f"{DRAG_S:g} s a drag, {LOOK_S:g} s to look): median {median(whole):.1f} s, worst "
        f"{max(whole):.1f} s (the first film waits for the engine); the slowest stage is {slowest}",
        file=sys.stderr,
    )
    name = f"ten films: open to exported, {kind} (against {AIM_S:g} s asked)"
    return [Measured(name, AIM_S, median(whole), budget=1.0)]


def films_of(folder: Path, *, count: int) -> tuple[list[Film], str]:
    """Films spread over the validation part, else phantoms; and which of the two they are."""
    if DATA.is_dir():
        from training.data.aasce import read_aasce, read_film

        labelled = read_aasce(DATA, part="validation")
        chosen = labelled[:: max(1, len(labelled) // count)][:count]
        real = [Film(one.path, one.corners_px(read_film(one.path).shape)) for one in chosen]
        return real, "validation"
    from training.phantoms.vertebrae import draw_phantom

    drawn = []
    for seed in range(count):
        phantom, path = draw_phantom(seed=seed), folder / f"film-{seed}.png"
        cv2.imwrite(str(path), phantom.film)
        drawn.append(Film(path, phantom.corners))
    return drawn, "synthetic"


class _Session:
    """One film after the other: open, look, drag the worst corner, accept, export."""

    def __init__(self, screen: OffScreen, *, out: Path) -> None:
        self._screen, self._out = screen, out

    def read(self, film: Film) -> dict[str, float]:
        """Seconds of each stage, and in all."""
        screen, began = self._screen, time.perf_counter()
        seconds = {"open to corners": screen.open(film.path)}
        screen.pause(LOOK_S)
        wrong = np.linalg.norm(screen.corners - film.truth, axis=1)
        worst = int(wrong.argmax())
        screen.pause(PRESS_S)
        seconds["drag to followed"] = screen.drag(worst, to=film.truth[worst], seconds=DRAG_S)
        screen.pause(PRESS_S)
        seconds["accept to saved"] = screen.press("Return", until=screen.is_accepted)
        seconds["export to written"] = self._export(film)
        seconds["in all"] = time.perf_counter() - began
        return seconds

    def close(self) -> None:
        """End the window and its engine."""
        self._screen.close()

    def _export(self, film: Film) -> float:
        """By the dialog for the first film, by one key for each further one."""
        from app.io.exporters.table import exporter

        screen, began = self._screen, time.perf_counter()
        paths = [exporter(name).path_for(self._out / film.path.stem) for name in FORMATS]
        if any(self._out.glob("*.csv")):
            screen.pause(PRESS_S)
            screen.press("Ctrl+Shift+E", until=lambda: all(path.exists() for path in paths))
        else:
            for name, path in zip(FORMATS, paths, strict=True):
                _by_dialog(screen, name=name, path=path)
        return time.perf_counter() - began


def _by_dialog(screen: OffScreen, *, name: str, path: Path) -> None:
    """Ctrl+E, arrows to the format, the place, Enter; a pause before each."""
    from PySide6.QtCore import Qt, QTimer
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication, QLineEdit, QListWidget

    from app.io.exporters.table import EXPORTERS

    def choose() -> None:
        dialog = QApplication.activeModalWidget()
        if dialog is None:  # it is not open yet
            QTimer.singleShot(20, choose)
            return
        formats, place = dialog.findChild(QListWidget), dialog.findChild(QLineEdit)
        assert formats is not None
        assert place is not None
        QTest.keyClick(formats, Qt.Key.Key_Home)
        for _ in range([spec.name for spec in EXPORTERS].index(name)):
            screen.pause(PRESS_S)
            QTest.keyClick(formats, Qt.Key.Key_Down)
        place.setText(str(path))
        screen.pause(PRESS_S)
        QTest.keyClick(dialog, Qt.Key.Key_Return)

    screen.pause(PRESS_S)
    QTimer.singleShot(0, choose)
    screen.press("Ctrl+E", until=path.exists)


if __name__ == "__main__":
    print(*measure(int(sys.argv[1]) if sys.argv[1:] else FILMS), sep="\n")
