"""Windows that suit a film, as shares of its own grey values: keys 1..9, and 0 for automatic."""

from __future__ import annotations

from dataclasses import dataclass

from app.canvas.windowing import Distribution
from domain.image import GreyWindow, LutFunction


@dataclass(frozen=True)
class Preset:
    """A window from one share of the grey values to another; (0, 1) is everything there is.

    Shares count from dark to bright as the film is meant to be seen.
    """

    title: str
    darkest: float
    brightest: float


AUTO = Preset("Automatic", 0.01, 0.995)
FULL = Preset("Full range", 0.0, 1.0)
PRESETS: tuple[Preset, ...] = (
    FULL,
    AUTO,
    Preset("Bone", 0.35, 0.9995),
    Preset("Soft tissue", 0.02, 0.75),
    Preset("Dense", 0.60, 0.9999),
    Preset("Faint", 0.0, 0.50),
    Preset("High contrast", 0.15, 0.92),
)


def window_of(preset: Preset, *, of: Distribution, inverted: bool = False) -> GreyWindow:
    """The preset's window in grey values, at least one wide.

    Args:
        inverted: low grey values are meant to be bright.
    """
    first, last = preset.darkest, preset.brightest
    if inverted:
        first, last = 1 - last, 1 - first
    low = of.lowest if first <= 0 else of.value_at(first)
    high = of.highest if last >= 1 else of.value_at(last)
    exact = LutFunction.LINEAR_EXACT
    return GreyWindow((high + low) / 2, max(high - low, 1.0), preset.title, exact)
