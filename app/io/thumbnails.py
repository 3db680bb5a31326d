"""Small pictures of films for the library."""

from __future__ import annotations

import io

import numpy as np

from app.io.windowing import windowed
from domain.image import Pixels

SIDE = 192


def thumbnail(pixels: Pixels, *, side: int = SIDE, inverted: bool = False) -> bytes:
    """A PNG whose longer side has `side` pixels at most; the film's own values, windowed.

    Args:
        inverted: low values are bright.
    """
    from PIL import Image as Pillow  # the window opens without it

    step = max(1, max(pixels.shape[:2]) // (4 * side))
    small = np.ascontiguousarray(windowed(pixels[::step, ::step], inverted=inverted))
    picture = Pillow.fromarray(small)
    picture.thumbnail((side, side), Pillow.Resampling.BOX)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
