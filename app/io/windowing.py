"""Grey values to brightness: windows as files and people ask for them, and one for nobody's."""

from __future__ import annotations

import numpy as np

from domain.image import GreyWindow, LutFunction, Pixels
from domain.windowing import Table, window_table

__all__ = ["Table", "shown_through", "window_table", "windowed"]

_SAMPLES = 250_000


def windowed(
    pixels: Pixels, *, percent: tuple[float, float] = (0.5, 99.5), inverted: bool = False
) -> Table:
    """(rows, columns) uint8: the values between two percentiles spread over black to white.

    Args:
        inverted: low values are bright.
    """
    step = max(1, int((pixels.size / _SAMPLES) ** 0.5))
    low, high = np.percentile(pixels[::step, ::step], percent)
    if high <= low:
        low, high = float(pixels.min()), max(float(pixels.max()), float(pixels.min()) + 1.0)
    between = GreyWindow((low + high) / 2, high - low, function=LutFunction.LINEAR_EXACT)
    return shown_through(pixels, between, inverted=inverted)


def shown_through(pixels: Pixels, window: GreyWindow, *, inverted: bool = False) -> Table:
    """The pixels on eight bits as they look through a window."""
    shown: Table = window_table(8 * pixels.dtype.itemsize, window, inverted=inverted)[pixels]
    return shown
