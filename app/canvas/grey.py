"""Which window a film is shown through, as pure functions of its grey values and a view state."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from app.canvas.presets import AUTO, FULL, Preset, window_of
from app.canvas.state import ViewState
from app.canvas.windowing import Distribution, distribution
from app.io.windowing import Table, window_table
from domain.image import GreyWindow, Image, Presentation


@dataclass(frozen=True, eq=False)
class Greys:
    """The grey values of one image.

    Args:
        bits: 8 or 16.
        asked: how the image's file asks to be shown.
    """

    bits: int
    spread: Distribution
    asked: Presentation

    @classmethod
    def of(cls, image: Image) -> Greys:
        """Measured once, when the image is shown."""
        bits = 8 * image.pixels.dtype.itemsize
        return cls(bits, distribution(image.pixels), image.presentation)

    def window(self, state: ViewState) -> GreyWindow:
        """The state's window, where it has one; else the preferred one of the file.

        Without either: everything (8 bit) or automatic (16 bit).
        """
        preferred = self.asked.windows[0] if self.asked.windows else self._own
        return replace(
            preferred,
            window=preferred.window if state.window is None else state.window,
            level=preferred.level if state.level is None else state.level,
            function=state.function or preferred.function,
        )

    def table(self, state: ViewState) -> Table:
        """Brightness of every grey value."""
        return window_table(self.bits, self.window(state), inverted=self._is_inverted(state))

    def with_preset(self, state: ViewState, preset: Preset) -> ViewState:
        """The state with the preset's window."""
        wanted = window_of(preset, of=self.spread, inverted=self.asked.inverted)
        return with_window(state, wanted)

    def dragged(
        self, state: ViewState, *, wider_px: float, brighter_px: float, side_px: float
    ) -> ViewState:
        """The state after a drag; a drag over `side_px` runs through all grey values there are."""
        gain = max(self.spread.highest - self.spread.lowest, 1.0) / max(side_px, 1.0)
        shown = self.window(state)
        sign = -1.0 if self._is_inverted(state) else 1.0
        wider = max(shown.window + wider_px * gain, 1.0)
        return replace(state, window=wider, level=shown.level - sign * brighter_px * gain)

    @cached_property
    def _own(self) -> GreyWindow:
        preset = FULL if self.bits == 8 else AUTO
        return window_of(preset, of=self.spread, inverted=self.asked.inverted)

    def _is_inverted(self, state: ViewState) -> bool:
        return state.inverted != self.asked.inverted


def with_window(state: ViewState, wanted: GreyWindow) -> ViewState:
    """The state with another window."""
    return replace(state, window=wanted.window, level=wanted.level, function=wanted.function)
