"""What napari takes to show films and to move one of 68 points; run by a Python that has napari.

It imports nothing of ours: `python benchmarks/napari_looks.py FILM ...` prints one line of JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

PATIENCE_S = 20.0
MOVES = 20


def main(films: list[str]) -> None:
    """Open each film, then move a point."""
    import napari
    import numpy as np
    from qtpy.QtWidgets import QApplication

    viewer = napari.Viewer()
    application = QApplication.instance()
    application.processEvents()
    canvas = viewer.window._qt_viewer.canvas._scene_canvas
    drawn = [0]
    canvas.events.draw.connect(lambda event: drawn.__setitem__(0, drawn[0] + 1))

    def seconds(act: Callable[[], Any]) -> float:
        before, began = drawn[0], time.perf_counter()
        act()
        while drawn[0] == before and time.perf_counter() - began < PATIENCE_S:
            application.processEvents()
        return time.perf_counter() - began

    def show(film: str) -> None:
        viewer.layers.clear()
        viewer.open(film)

    opened = [seconds(lambda film=film: show(film)) for film in films]  # type: ignore[misc]
    places = np.random.default_rng(0).uniform(100, 900, (68, 2))
    points = viewer.add_points(places, size=20)
    application.processEvents()

    def move() -> None:
        places[20] += 3
        points.data = places.copy()

    moved = [seconds(move) for _ in range(MOVES)]
    said = {"version": napari.__version__, "opened": opened, "moved": moved}
    print(json.dumps(said), flush=True)
    viewer.close()


if __name__ == "__main__":
    main(sys.argv[1:])
