"""Cases that leave the program and come back, for the tests of exporters and of readers."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from app.io.exporters.spec import VertebraeExport
from domain.annotation import Annotations
from domain.geometry import Points
from domain.image import Image
from domain.provenance import Mode, ModelOrigin

ROWS, COLUMNS = 700, 240
FILM = Image(np.random.default_rng(7).integers(0, 255, (ROWS, COLUMNS)).astype(np.uint8))
ORIGIN = ModelOrigin("spine-small", "ab" * 32, Mode.CORRECTED, "cpu", "float32", 0.2, "0.1.0")


def column(lean: float = 0.4) -> np.ndarray[Any, Any]:
    """(68, 2) a column that leans, vertebra below vertebra."""
    return np.array(
        [
            (30.0 + 37.1 * level + down + lean * across / 9, 80.0 + lean * level + across)
            for level in range(17)
            for down, across in ((0, 0), (0, 41.7), (22.3, 0), (22.3, 41.7))
        ]
    )


def bent_column(
    tilt_deg: float = 18.0, *, waves: float = 1.0, middle: float = 120.0
) -> np.ndarray[Any, Any]:
    """(68, 2) a column that bends to both sides, by twice its largest tilt."""
    levels = np.arange(17)
    phase = levels / 16 * 2 * np.pi * waves
    tilts = np.radians(tilt_deg) * np.sin(phase)
    middles = np.stack([30 + 38.0 * levels, middle + 30 * np.cos(phase)], axis=1)
    across = np.stack([np.sin(tilts), np.cos(tilts)], axis=1) * 20
    down = np.stack([np.cos(tilts), -np.sin(tilts)], axis=1) * 11
    fours = [middles + x * across + y * down for y in (-1, 1) for x in (-1, 1)]
    return np.stack(fours, axis=1).reshape(-1, 2)


def decided(image: Image = FILM, **changes: Any) -> Annotations:
    """Corners as a network leaves them."""
    fields: dict[str, Any] = {"points": Points(column()), "origin": ORIGIN}
    return Annotations(image.sha256, **(fields | changes))


def export(image: Image = FILM, *, file: str = "film é.png", **changes: Any) -> VertebraeExport:
    """A case that leaves."""
    return VertebraeExport("A film", image, decided(image, **changes), file=file)


@st.composite
def columns_of_corners(draw: st.DrawFn) -> np.ndarray[Any, Any]:
    """Any corners in and around the film whose vertebrae lie below one another."""
    count = 17
    steps = draw(st.lists(st.floats(0.5, 35.0), min_size=count, max_size=count))
    tops = np.cumsum(steps) + draw(st.floats(-60.0, 60.0))
    sides = st.tuples(st.floats(-0.2, 0.2), st.floats(-200.0, 400.0))
    places = draw(st.lists(sides, min_size=4 * count, max_size=4 * count))
    return np.repeat(tops, 4)[:, None] * [1, 0] + np.array(places)
