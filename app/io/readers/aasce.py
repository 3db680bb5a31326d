"""Reads corners from landmarks.csv of an AASCE folder; filenames.csv beside it names the films."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np

from app.io.exporters.aasce import LANDMARKS, NAMES
from app.io.readers.matching import decided, entry_for, read_bytes, telling
from domain.annotation import Annotations
from domain.image import Image
from domain.vertebrae import CORNER_COUNT


def is_landmarks(data: bytes) -> bool:
    """Whether a file begins with a row of as many numbers as AASCE has."""
    first = data[: 64 * CORNER_COUNT].partition(b"\n")[0].split(b",")
    return len(first) == 2 * CORNER_COUNT


def read_landmarks(path: Path, *, image: Image, file: str) -> Annotations:
    """The corners of the film with that file name, vertebrae from top to bottom.

    Raises:
        UnreadableFile: damaged tables, or none of their films is this one.
    """
    with telling(path):
        names, rows = _rows(path.with_name(NAMES)), _rows(path)
        if len(names) != len(rows):
            msg = f"{NAMES} has {len(names)} rows, {LANDMARKS} {len(rows)}"
            raise ValueError(msg)
        row = rows[entry_for(file, names=[name[0] for name in names])]
        shares = np.array([float(cell) for cell in row])
        if len(shares) != 2 * CORNER_COUNT:
            msg = f"its row has {len(shares)} numbers, {2 * CORNER_COUNT} are needed"
            raise ValueError(msg)
        columns, lines = shares[:CORNER_COUNT], shares[CORNER_COUNT:]
        corners = np.stack([lines, columns], axis=1) * image.shape
        vertebrae = corners.reshape(-1, 4, 2)
        # Some rows of the published tables name the topmost vertebra last.
        ordered = vertebrae[np.argsort(vertebrae[:, :, 0].mean(axis=1), kind="stable")]
        places = [(float(line), float(column)) for line, column in ordered.reshape(-1, 2)]
        return decided(places, image=image)


def _rows(path: Path) -> list[list[str]]:
    text = read_bytes(path).decode("utf-8-sig")
    return [row for row in csv.reader(io.StringIO(text, newline="")) if row]
