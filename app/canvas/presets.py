"""Windows that suit a film, as shares of its own grey values: keys 1..9, and 0 for automatic."""

from __future__ import annotations

from dataclasses import dataclass

from app.canvas.windowing import Distribution


@dataclass(frozen=True)
class Preset:
    """A window from one share of the grey values to another; (0, 1) is everything there is."""

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


def window_of(preset: Preset, *, of: Distribution) -> tuple[float, float]:
    """(window, level) in grey values; the window is at least one grey value wide."""
    low = of.lowest if preset.darkest <= 0 else of.value_at(preset.darkest)
    high = of.highest if preset.brightest >= 1 else of.value_at(preset.brightest)
    return max(high - low, 1.0), (high + low) / 2
