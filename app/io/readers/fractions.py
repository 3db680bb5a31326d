"""Grey values from numbers that no film uses: fractions, and whole numbers of 32 bits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DEEPEST = 2**16 - 1
SCALED = "grey values scaled"


def packed(numbers: NDArray[np.number]) -> tuple[NDArray[np.uint16], bool] | None:
    """16-bit grey values, and whether they were scaled to become so; None of no number.

    Whole numbers from 0 to 65535 stay what they are; others are spread from the least to the
    greatest. What is no finite number becomes as dark as the darkest, like padding.
    """
    values = numbers.astype(np.float64)
    real = np.isfinite(values)
    if not real.any():
        return None
    least, most = float(values[real].min()), float(values[real].max())
    values[~real] = least
    if least >= 0 and most <= DEEPEST and np.array_equal(values, np.rint(values)):
        return values.astype(np.uint16), False
    step = most / DEEPEST - least / DEEPEST  # their difference alone may be no finite number
    if not step:
        return np.zeros(values.shape, np.uint16), True
    return np.rint(values / step - least / step).astype(np.uint16), True
