"""What the mouse does on the canvas, as one small state machine.

Wheel zooms at the cursor; left drag on a layer's point is the layer's, elsewhere it sets the
window; middle or Shift+left pans; right drag zooms, a right click asks for a menu; a double click
on nothing fits the film.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from typing import Protocol

from PySide6.QtCore import QPointF, Qt

from app.canvas.layers.layer import Layer

CLICK_PX = 3.0
WHEEL_STEP = 1.0015
DRAG_ZOOM_STEP = 1.008


class Kind(Enum):
    """What a drag under way does."""

    NONE = auto()
    LAYER = auto()
    WINDOW = auto()
    PAN = auto()
    ZOOM = auto()


class Target(Protocol):
    """What gestures act on."""

    @property
    def layers(self) -> Sequence[Layer]:
        """Uppermost first; none where overlays are hidden."""

    def pan_by(self, dx: float, dy: float) -> None:
        """Move the film by screen pixels."""

    def zoom_at(self, factor: float, at: QPointF) -> None:
        """Zoom around a screen position."""

    def drag_window(self, dx: float, dy: float) -> None:
        """Change window and level by a drag in screen pixels."""

    def fit(self) -> None:
        """Show the whole film."""

    def tell_cursor(self, at: QPointF | None) -> None:
        """The mouse is here, or gone."""

    def tell_held(self, layer: Layer | None, hand: QPointF) -> None:
        """A layer's gesture went on or ended: show what the hand covers, or no more."""

    def ask_menu(self, at: QPointF) -> None:
        """A context menu is wanted."""

    def show_cursor(self, shape: Qt.CursorShape) -> None:
        """Another mouse cursor."""


class Gestures:
    """One gesture at a time; which button began it decides what it is."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._kind = Kind.NONE
        self._button = Qt.MouseButton.NoButton
        self._start = QPointF()
        self._last = QPointF()
        self._moved = False
        self._layer: Layer | None = None

    @property
    def is_carrying(self) -> bool:
        """Whether the hand holds something of a layer."""
        return self._kind is Kind.LAYER

    def press(self, at: QPointF, button: Qt.MouseButton, modifiers: Qt.KeyboardModifier) -> None:
        """A button went down; a second one during a gesture is ignored."""
        if self._kind is not Kind.NONE:
            return
        self._start = self._last = at
        self._moved = False
        self._button = button
        self._kind = self._kind_of(at, button, modifiers)
        if self._kind is Kind.PAN:
            self._target.show_cursor(Qt.CursorShape.ClosedHandCursor)

    def move(self, at: QPointF) -> None:
        """The mouse moved, with a button down or without."""
        self._target.tell_cursor(at)
        if self._kind is Kind.NONE:
            self._hover(at)
            return
        if self._kind is Kind.LAYER:
            self._move_layer(at)
            return
        if not self._moved and _distance(at, self._start) < CLICK_PX:
            return
        self._moved = True
        way, self._last = at - self._last, at
        if self._kind is Kind.PAN:
            self._target.pan_by(way.x(), way.y())
        elif self._kind is Kind.ZOOM:
            self._target.zoom_at(DRAG_ZOOM_STEP ** -way.y(), self._start)
        elif self._kind is Kind.WINDOW:
            self._target.drag_window(way.x(), way.y())

    def release(self, at: QPointF, button: Qt.MouseButton) -> None:
        """A button went up; only the one that began the gesture ends it."""
        if self._kind is Kind.NONE or button != self._button:
            return
        kind, layer = self._kind, self._layer
        self._end()
        if kind is Kind.LAYER and layer is not None:
            layer.release(at)
            self._target.tell_held(None, at)
        elif not self._moved and kind is Kind.ZOOM:
            self._target.ask_menu(at)
        elif not self._moved and kind is Kind.WINDOW:
            for other in self._target.layers:
                other.click_empty()
        self._hover(at)

    def double_click(
        self, at: QPointF, button: Qt.MouseButton, modifiers: Qt.KeyboardModifier
    ) -> None:
        """The second press of a double click."""
        self.press(at, button, modifiers)
        if self._kind is Kind.WINDOW:
            self._end()
            self._target.fit()
        elif self._layer is not None:
            self._layer.double_click(at)

    def wheel(self, at: QPointF, delta: int) -> None:
        """The wheel turned, with Ctrl or without; 120 is one notch."""
        if self._kind is not Kind.LAYER and delta:
            self._target.zoom_at(WHEEL_STEP**delta, at)
            self._target.tell_cursor(at)

    def leave(self) -> None:
        """The mouse left the canvas."""
        self._target.tell_cursor(None)
        if self._kind is Kind.NONE:
            for layer in self._target.layers:
                layer.hover(None)

    def cancel(self) -> bool:
        """Give up the gesture under way; True if there was one."""
        if self._kind is Kind.NONE:
            return False
        layer = self._layer
        self._end()
        if layer is not None:
            layer.cancel_drag()
        self._target.tell_held(None, self._last)
        return True

    def _kind_of(self, at: QPointF, button: Qt.MouseButton, modifiers: Qt.KeyboardModifier) -> Kind:
        if button == Qt.MouseButton.MiddleButton:
            return Kind.PAN
        if button == Qt.MouseButton.RightButton:
            return Kind.ZOOM
        if button != Qt.MouseButton.LeftButton:
            return Kind.NONE
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            return Kind.PAN
        for layer in self._target.layers:
            if layer.press(at):
                self._layer = layer
                return Kind.LAYER
        return Kind.WINDOW

    def _move_layer(self, at: QPointF) -> None:
        layer = self._layer
        if layer is None:
            return
        layer.move(at)
        held = layer.held_point is not None
        if held and not self._moved:
            self._moved = True
            self._target.show_cursor(Qt.CursorShape.BlankCursor)
        self._target.tell_held(layer if held else None, at)

    def _hover(self, at: QPointF) -> None:
        over = [layer.cursor_shape for layer in self._target.layers if layer.hover(at)]
        self._target.show_cursor(over[0] if over else Qt.CursorShape.ArrowCursor)

    def _end(self) -> None:
        self._kind = Kind.NONE
        self._layer = None
        self._button = Qt.MouseButton.NoButton
        self._target.show_cursor(Qt.CursorShape.ArrowCursor)


def _distance(one: QPointF, other: QPointF) -> float:
    way = one - other
    return float((way.x() ** 2 + way.y() ** 2) ** 0.5)
