"""What the mouse's gestures do to a view: the side of the canvas that answers the hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from app.canvas.film import FilmItem
from app.canvas.hud import Hud
from app.canvas.layers.inset import Inset
from app.canvas.layers.layer import Layer
from domain.image import Image

if TYPE_CHECKING:
    from app.canvas.view import ImageView


class Hand:
    """Turns gestures into calls of the view, its loupe and its line about the cursor."""

    def __init__(self, view: ImageView, *, film: FilmItem, hud: Hud, inset: Inset) -> None:
        self._view, self._film, self._hud, self._inset = view, film, hud, inset

    @property
    def layers(self) -> Sequence[Layer]:
        """Layers the mouse can reach, uppermost first."""
        return self._view.layers

    def pan_by(self, dx: float, dy: float) -> None:
        """Move the film by screen pixels."""
        self._view.pan_by(dx, dy)

    def zoom_at(self, factor: float, at: QPointF) -> None:
        """Zoom around a screen position."""
        self._film.hurry()
        self._view.zoom_at(factor, at)

    def drag_window(self, dx: float, dy: float) -> None:
        """Change window and level by a drag in screen pixels."""
        self._view.drag_window(dx, dy)

    def fit(self) -> None:
        """Show the whole film."""
        self._view.fit()

    def tell_cursor(self, at: QPointF | None) -> None:
        """The mouse is here, or gone."""
        image = self._view.image
        if at is None or image is None:
            self._hud.say_cursor("")
            self._view.cursor_left.emit()
            return
        row, column = self._view.map_to_image(at)
        value = value_at(image, row=row, column=column)
        text = "" if value is None else f"row {row:.1f}   column {column:.1f}   value {value}"
        self._hud.say_cursor(text)
        self._view.cursor_moved.emit(row, column, value)

    def tell_held(self, layer: Layer | None, hand: QPointF) -> None:
        """Show the loupe while a layer's point is in the hand."""
        held = layer.held_point if layer is not None else None
        if held is None:
            self._inset.hide()
        else:
            self._inset.show_at(held, placement=self._view.placement, hand=hand)

    def ask_menu(self, at: QPointF) -> None:
        """A right click."""
        for layer in self.layers:
            layer.right_click(at)
        self._view.context_menu_requested.emit(at.toPoint())

    def show_cursor(self, shape: Qt.CursorShape) -> None:
        """Another mouse cursor over the canvas."""
        self._view.show_cursor(shape)


def value_at(image: Image, *, row: float, column: float) -> object:
    """The grey value (a colour: three) of the pixel whose area holds this place, None outside."""
    at = round(row), round(column)
    if not (0 <= at[0] < image.shape[0] and 0 <= at[1] < image.shape[1]):
        return None
    value = image.pixels[at]
    return int(value) if image.pixels.ndim == 2 else tuple(int(part) for part in value)
