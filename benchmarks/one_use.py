"""The one use on the real window and engine: open, see corners, drag one, see the rest follow.

The window stands off screen over a library of its own, the films are drawn phantoms. Each time is
compared with the same network asked in this process, without window, engine and library.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image as Pillow

from benchmarks.off_screen import OffScreen
from benchmarks.timing import Measured
from domain.annotation import Hint

FILMS = 6
DRAGGED = 20
DRAG_S = 3.0
AIMS = "aims: first corners 8 s after the start, corners of a further film within 2 s"


def measure() -> list[Measured]:
    """How far window, engine and library stay behind the bare network."""
    with tempfile.TemporaryDirectory() as folder:
        paths = _films(Path(folder))
        bare_s = _alone(paths)
        use = _Use(Path(folder) / "library")
        try:
            cold_s = use.open(paths[0])
            warm_s = median(use.open(path) for path in paths[1:])
            answers, final_s = use.carry()
        finally:
            use.close()
    print(
        f"window {use.window_s:.2f} s and first corners {use.window_s + cold_s:.2f} s after the "
        f"start, further films {warm_s:.2f} s; {answers} answers in a drag of {DRAG_S:g} s, the "
        f"last {final_s:.3f} s after the release ({AIMS})",
        file=sys.stderr,
    )
    return [
        Measured("one use: film to corners (against the bare network)", bare_s, warm_s, budget=0.4),
        Measured("one use: released drag (against a whole new look)", bare_s, final_s, budget=2.0),
    ]


class _Use(OffScreen):
    """Carries a corner by the session's own verbs, as fast as answers come."""

    def carry(self) -> tuple[int, float]:
        """Distinct answers while a corner is carried, and seconds from its release to the last."""
        editing, asking = self.window.editing, self.window.asking
        seen: set[bytes] = set()
        assert editing.grasp(DRAGGED)
        shown = editing.shown
        assert shown is not None
        assert shown.points is not None
        row, column = shown.points.coordinates[DRAGGED]
        began = time.perf_counter()
        while (share := (time.perf_counter() - began) / DRAG_S) < 1:
            editing.move((float(row) + 40 * share, float(column)))
            self.application.processEvents()
            now = editing.shown
            if now is not None and now.points is not None:
                seen.add(np.delete(now.points.coordinates, DRAGGED, axis=0).tobytes())
            time.sleep(0.008)
        released = time.perf_counter()
        editing.release()
        self.wait(lambda: not asking.is_busy)
        return len(seen) - 1, time.perf_counter() - released


def _films(folder: Path) -> list[Path]:
    from training.phantoms.vertebrae import draw_phantom

    paths = []
    for seed in range(FILMS):
        paths.append(folder / f"film-{seed}.png")
        Pillow.fromarray(draw_phantom(seed=seed).film).save(paths[-1])
    return paths


def _alone(paths: list[Path]) -> float:
    """Median seconds of a film and a hint, in float32 and eager, without anything around it."""
    from training.vertebrae_predictor import load_predictor

    predictor = load_predictor(None, device="cpu").predictor
    seconds = []
    for path in paths:
        film = np.asarray(Pillow.open(path))
        began = time.perf_counter()
        predictor.predict(film, (Hint(DRAGGED, 900.0, 400.0),))
        seconds.append(time.perf_counter() - began)
    return median(seconds)
