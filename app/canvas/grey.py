"""Which window a film is shown through, as pure functions of its grey values and a view state."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.canvas.presets import AUTO, FULL, Preset, window_of
from app.canvas.state import ViewState
from app.canvas.windowing import Distribution, Table, distribution, window_table
from domain.image import Image


@dataclass(frozen=True, eq=False)
class Greys:
    """The grey values of one image.

    Args:
        bits: 8 or 16.
    """

    bits: int
    spread: Distribution

    @classmethod
    def of(cls, image: Image) -> Greys:
        """Measured once, when the image is shown."""
        return cls(8 * image.pixels.dtype.itemsize, distribution(image.pixels))

    def window_level(self, state: ViewState) -> tuple[float, float]:
        """The state's window and level; by default everything (8 bit) or automatic (16 bit)."""
        window, level = window_of(FULL if self.bits == 8 else AUTO, of=self.spread)
        return (
            window if state.window is None else state.window,
            level if state.level is None else state.level,
        )

    def table(self, state: ViewState) -> Table:
        """Brightness of every grey value."""
        window, level = self.window_level(state)
        return window_table(self.bits, window=window, level=level, inverted=state.inverted)

    def with_preset(self, state: ViewState, preset: Preset) -> ViewState:
        """The state with the preset's window."""
        window, level = window_of(preset, of=self.spread)
        return replace(state, window=window, level=level)

    def dragged(
        self, state: ViewState, *, wider_px: float, brighter_px: float, side_px: float
    ) -> ViewState:
        """The state after a drag; a drag over `side_px` runs through all grey values there are."""
        gain = max(self.spread.highest - self.spread.lowest, 1.0) / max(side_px, 1.0)
        window, level = self.window_level(state)
        sign = -1.0 if state.inverted else 1.0
        window = max(window + wider_px * gain, 1.0)
        return replace(state, window=window, level=level - sign * brighter_px * gain)
