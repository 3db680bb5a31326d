"""Writes small AASCE folders of phantoms for the tests."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from training.phantoms.vertebrae import draw_phantom

ROWS, COLUMNS = 400, 200


def write_aasce(
    tables: Path,
    *,
    count: int = 2,
    images: Path | None = None,
    names: Sequence[str] | None = None,
    seeds: Sequence[int] | None = None,
) -> dict[str, np.ndarray]:
    """Films and tables; returns the true corners of each film in pixels."""
    images = images or tables
    for folder in (tables, images):
        folder.mkdir(parents=True, exist_ok=True)
    names = names or [f"phantom-{n} A AP.png" for n in range(count)]
    seeds = seeds or range(len(names))
    truth: dict[str, np.ndarray] = {}
    rows = []
    for name, seed in zip(names, seeds, strict=True):
        phantom = draw_phantom(seed, rows=ROWS, columns=COLUMNS)
        _, content = cv2.imencode(Path(name).suffix, phantom.film)
        (images / name).write_bytes(content.tobytes())
        unit = phantom.corners / [ROWS, COLUMNS]
        rows.append([*unit[:, 1], *unit[:, 0]])
        truth[name] = phantom.corners
    with (tables / "filenames.csv").open("w", newline="") as out:
        csv.writer(out).writerows([name] for name in names)
    with (tables / "landmarks.csv").open("w", newline="") as out:
        csv.writer(out).writerows(rows)
    return truth
