"""Two canvases that are looked at together: zoom and place of one follow the other."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject

from app.canvas.placement import Placement, fitting_zoom
from app.canvas.view import ImageView

Look = tuple[float | None, tuple[float, float] | None]


class Pair(QObject):
    """Links two views: both show the same part of their films, measured by what fits.

    Windows, flips and turns stay each film's own; a step on the screen is the same step in both.
    """

    def __init__(self, one: ImageView, other: ImageView, *, parent: QObject) -> None:
        super().__init__(parent)
        self._views = (one, other)
        self._linked, self._following = True, False
        self._seen: dict[ImageView, Look] = {}
        for view in self._views:
            view.view_changed.connect(lambda moved=view: self._follow(moved))

    def set_linked(self, linked: bool) -> None:
        """Link or part them; on linking the second takes the place of the first."""
        self._linked = linked
        self.align()

    def align(self) -> None:
        """Bring the second to where the first is."""
        self._carry(self._views[0])

    def _follow(self, moved: ImageView) -> None:
        """A film was moved; what only follows the size of the canvas moves nothing."""
        look = _look(moved)
        if not self._following and self._seen.get(moved) != look:
            self._seen[moved] = look
            self._carry(moved)

    def _carry(self, source: ImageView) -> None:
        target = self._views[1] if source is self._views[0] else self._views[0]
        if not self._linked or source.image is None or target.image is None:
            return
        self._following = True
        try:
            zoom, centre = _same_look(source, target)
            target.look_at(zoom=zoom, centre=centre)
            self._seen = {view: _look(view) for view in self._views}
        finally:
            self._following = False


def _look(view: ImageView) -> Look:
    state = view.view_state()
    return state.zoom, state.centre


def _same_look(source: ImageView, target: ImageView) -> Look:
    """Zoom and centre with which the target shows what the source shows."""
    state = source.view_state()
    if state.zoom is None and state.centre is None:
        return None, None
    here, there = source.placement, target.placement
    fit, other_fit = _fit(source), _fit(target)
    off_middle = np.array(here.centre) - _middle(source)
    on_screen = here.matrix / here.zoom @ off_middle[::-1] * fit
    column, row = (
        on_screen @ (there.matrix / there.zoom) / other_fit
    )  # orthogonal: undone by itself
    middle = _middle(target)
    return here.zoom / fit * other_fit, (float(middle[0] + row), float(middle[1] + column))


def _fit(view: ImageView) -> float:
    assert view.image is not None
    placement: Placement = view.placement
    return fitting_zoom(
        view.image.shape, viewport=placement.viewport, quarter_turns=placement.quarter_turns
    )


def _middle(view: ImageView) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    assert view.image is not None
    rows, columns = view.image.shape
    return np.array([(rows - 1) / 2, (columns - 1) / 2])
