"""Makes any film visible on eight bits where no person has chosen a window."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from domain.image import Pixels

_SAMPLES = 250_000


def windowed(
    pixels: Pixels, *, percent: tuple[float, float] = (0.5, 99.5), inverted: bool = False
) -> NDArray[np.uint8]:
    """(rows, columns) uint8: the values between two percentiles spread over black to white.

    Args:
        inverted: low values are bright.
    """
    step = max(1, int((pixels.size / _SAMPLES) ** 0.5))
    low, high = np.percentile(pixels[::step, ::step], percent)
    if high <= low:
        low, high = float(pixels.min()), max(float(pixels.max()), float(pixels.min()) + 1.0)
    values = np.arange(int(np.iinfo(pixels.dtype).max) + 1, dtype=np.float32)
    table = np.clip((values - low) * (255.0 / (high - low)), 0, 255).round().astype(np.uint8)
    shown: NDArray[np.uint8] = (255 - table if inverted else table)[pixels]
    return shown
