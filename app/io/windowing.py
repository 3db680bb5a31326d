"""Makes any film visible on eight bits where no person has chosen a window."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from domain.image import Pixels

_SAMPLES = 250_000


def windowed(pixels: Pixels, *, percent: tuple[float, float] = (0.5, 99.5)) -> NDArray[np.uint8]:
    """(rows, columns) uint8: the values between two percentiles spread over black to white."""
    step = max(1, int((pixels.size / _SAMPLES) ** 0.5))
    low, high = np.percentile(pixels[::step, ::step], percent)
    if high <= low:
        low, high = float(pixels.min()), max(float(pixels.max()), float(pixels.min()) + 1.0)
    return spread_between(pixels, low=float(low), high=float(high))


def spread_between(pixels: Pixels, *, low: float, high: float) -> NDArray[np.uint8]:
    """(rows, columns) uint8: the values from `low` to `high` spread over black to white."""
    values = np.arange(int(np.iinfo(pixels.dtype).max) + 1, dtype=np.float32)
    scale = 255.0 / max(high - low, 1e-6)
    table = np.clip((values - low) * scale, 0, 255).round().astype(np.uint8)
    shown: NDArray[np.uint8] = table[pixels]
    return shown
