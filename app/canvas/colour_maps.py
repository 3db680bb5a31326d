"""Colours for how much: maps whose brightness rises evenly, and pictures made with them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

NAMES = ("Inferno", "Magma", "Viridis")
Words = NDArray[np.uint32]
STEPS = 256


@lru_cache(maxsize=len(NAMES))
def words_of(name: str) -> Words:
    """(256,) opaque pixels of 32 bits, from none to most."""
    import cv2  # late: nothing of it is needed before there is heat to show

    steps = np.arange(STEPS, dtype=np.uint8)[:, None]
    blue, green, red = (
        cv2.applyColorMap(steps, getattr(cv2, f"COLORMAP_{name.upper()}"))[:, 0].astype(np.uint32).T
    )
    return np.asarray((red << 16) + (green << 8) + blue + np.uint32(0xFF000000), dtype=np.uint32)


def heat_image(
    heat: NDArray[np.floating], *, most: float, threshold: float, words: Words
) -> QImage:
    """Heat in colours, nothing where it does not exceed the threshold.

    Args:
        heat: (rows, columns), 0 or more.
        most: what has the last colour of the map.
    """
    share = np.clip(np.nan_to_num(heat) / max(most, 1e-9), 0, 1)
    shown = words[(share * (STEPS - 1)).astype(np.uint8)]
    return _image(np.where(heat > threshold, shown, np.uint32(0)), QImage.Format.Format_ARGB32)


def signed_image(values: NDArray[np.floating], *, most: float) -> QImage:
    """Brighter than grey where something is left over, darker where something is missing."""
    share = np.clip(np.nan_to_num(values) / max(most, 1e-9), -1, 1)
    return grey_image(np.rint(127.5 + 127.5 * share).astype(np.uint8))


def grey_image(grey: NDArray[np.uint8]) -> QImage:
    """(rows, columns) as they are."""
    words = grey.astype(np.uint32) * 0x010101 + np.uint32(0xFF000000)
    return _image(words, QImage.Format.Format_RGB32)


def _image(words: Words, kind: QImage.Format) -> QImage:
    rows, columns = words.shape
    whole = np.ascontiguousarray(words, dtype=np.uint32)
    return QImage(whole.data, columns, rows, 4 * columns, kind).copy()
