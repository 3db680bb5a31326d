"""The canvas: one film, the layers over it, and what the mouse does to both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QHideEvent, QImage, QKeyEvent
from PySide6.QtWidgets import QGraphicsItemGroup, QVBoxLayout, QWidget

from app.canvas.film import FilmItem
from app.canvas.gestures import Gestures
from app.canvas.grey import Greys, with_window
from app.canvas.hand import Hand
from app.canvas.hud import Hud
from app.canvas.layers.inset import Inset
from app.canvas.layers.layer import Layer
from app.canvas.orientation import Letters, letters_of
from app.canvas.placement import Placement, flipped, place, turned
from app.canvas.presets import AUTO, PRESETS
from app.canvas.reading import reading_of
from app.canvas.stage import Stage
from app.canvas.state import ViewState
from domain.grid import Grid
from domain.image import Image

SMALLEST_SHARE_OF_FIT = 0.25


class ImageView(QWidget):
    """Shows one image; everything a key could do is a method, keys belong to the window.

    `cursor_moved` gives row, column and the grey value there (None outside the image).
    """

    cursor_moved = Signal(float, float, object)
    cursor_left = Signal()
    view_changed = Signal()
    window_level_changed = Signal(float, float)
    context_menu_requested = Signal(QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.vertical_down_brighter = True
        self._image: Image | None = None
        self._greys: Greys | None = None
        self._grid: Grid | None = None
        self._state = ViewState()
        self._letters = Letters()
        self._layers: list[Layer] = []
        self._overlays_visible = True
        self._film = FilmItem()
        self._hud = Hud()
        self._inset = Inset(self._film)
        self._gestures = Gestures(Hand(self, film=self._film, hud=self._hud, inset=self._inset))
        self._stage = Stage(self, gestures=self._gestures, resized=self._place)
        self._world = QGraphicsItemGroup()
        self._build()

    # -- what is shown

    @property
    def image(self) -> Image | None:
        """The image on screen."""
        return self._image

    def show_image(self, image: Image | None) -> None:
        """Show another image as its file asks for it; layers of other pixels let go."""
        self.cancel_gesture()
        self._image, self._grid = image, None
        self._letters = Letters() if image is None else letters_of(image.presentation)
        self._greys = None if image is None else Greys.of(image)
        self._film.show_pixels(None if image is None else image.pixels)
        for layer in self._layers:
            layer.show_on(None if image is None else image.sha256)
        self._look_as(ViewState())

    def set_case_name(self, name: str, *, page: str = "") -> None:
        """What stands in the upper left corner; never a patient's name."""
        self._hud.name_as(name, page=page)

    @property
    def grid(self) -> Grid:
        """The grid that the scale bar is drawn by."""
        return self._grid or (Grid() if self._image is None else self._image.grid)

    def use_grid(self, grid: Grid) -> None:
        """Draw the scale bar by another grid than the image's own, until another image comes."""
        self._grid = grid
        self._say()

    def add_layer(self, layer: Layer) -> None:
        """Draw something over the film, above the layers of its height added before."""
        self._layers.insert(0, layer)
        self._layers.sort(key=lambda each: -each.zValue())  # the mouse reaches what the eye sees
        self._stage.put_on(layer)
        layer.show_on(None if self._image is None else self._image.sha256)
        layer.setVisible(self._overlays_visible)
        layer.place(self.placement)

    def remove_layer(self, layer: Layer) -> None:
        """Draw it no more."""
        layer.cancel_drag()
        self._layers.remove(layer)
        self._stage.scene().removeItem(layer)

    @property
    def layers(self) -> Sequence[Layer]:
        """Layers the mouse can reach, uppermost first."""
        return tuple(self._layers) if self._overlays_visible and self._image else ()

    def set_overlays_visible(self, visible: bool) -> None:
        """Hide every layer, for a look at the bare film."""
        if not visible:
            self.cancel_gesture()
        self._overlays_visible = visible
        for layer in self._layers:
            layer.setVisible(visible)

    def film_picture(self) -> QImage:
        """The whole film at full size as windowed now, without overlays."""
        return self._film.picture()

    # -- how it is looked at

    def view_state(self) -> ViewState:
        """How the image is looked at."""
        return self._state

    def apply_view_state(self, state: ViewState) -> None:
        """Look at the image as before."""
        self._look_as(state)

    def window_level(self) -> tuple[float, float]:
        """The window and level in use, in grey values."""
        if self._greys is None:
            return (255.0, 127.5)
        shown = self._greys.window(self._state)
        return shown.window, shown.level

    def set_window_level(self, window: float, level: float) -> None:
        """Show grey values from level - window / 2 (black) to level + window / 2 (white)."""
        self._window(replace(self._state, window=max(window, 1.0), level=level))

    def preset(self, number: int) -> None:
        """Use a preset, from 1; then come the film's own windows; other numbers change nothing."""
        if self._greys is None or number < 1:
            return
        own = self._greys.asked.windows
        if number <= len(PRESETS):
            self._window(self._greys.with_preset(self._state, PRESETS[number - 1]))
        elif number <= len(PRESETS) + len(own):
            self._window(with_window(self._state, own[number - len(PRESETS) - 1]))

    def auto_window(self) -> None:
        """Choose the window from the grey values of this image."""
        if self._greys is not None:
            self._window(self._greys.with_preset(self._state, AUTO))

    def invert(self) -> None:
        """Exchange bright and dark."""
        self._window(replace(self._state, inverted=not self._state.inverted))

    def flip_horizontal(self) -> None:
        """Mirror left and right as seen on the screen; the letters follow."""
        self._turn(flipped(self._state, horizontally=True))

    def flip_vertical(self) -> None:
        """Mirror top and bottom as seen on the screen; the letters follow."""
        self._turn(flipped(self._state, horizontally=False))

    def rotate(self, quarters: int) -> None:
        """Turn clockwise by quarters (negative: the other way); the letters follow."""
        self._turn(turned(self._state, quarters=quarters))

    def reset(self) -> None:
        """As the film was on opening."""
        self._look_as(ViewState())

    def fit(self) -> None:
        """Show the whole film, also when the canvas changes its size."""
        self.look_at(zoom=None, centre=None)

    def look_at(self, *, zoom: float | None, centre: tuple[float, float] | None) -> None:
        """Go to a place and zoom, as in `ViewState`; the window stays."""
        self._turn(replace(self._state, zoom=zoom, centre=centre))

    def zoom_by(self, factor: float) -> None:
        """Zoom around the middle of the canvas."""
        self.zoom_at(factor, self._stage.middle())

    def zoom_at(self, factor: float, at: QPointF) -> None:
        """Zoom so that what lies under a position of the canvas stays there."""
        if self._image is None:
            return
        fit = self._placed(replace(self._state, zoom=None)).zoom
        lowest = min(fit * SMALLEST_SHARE_OF_FIT, 1.0)
        self._look(self.placement.zoomed(factor, at=(at.x(), at.y()), lowest=lowest))

    def pan_by(self, dx: float, dy: float) -> None:
        """Move the film by screen pixels."""
        if self._image is not None:
            self._look(self.placement.panned(dx, dy))

    def drag_window(self, dx: float, dy: float) -> None:
        """Right widens the window, down brightens (or darkens, by `vertical_down_brighter`)."""
        if self._greys is not None:
            side, up = min(self._viewport()), dy if self.vertical_down_brighter else -dy
            moved = self._greys.dragged(self._state, wider_px=dx, brighter_px=up, side_px=side)
            self._window(moved)

    # -- where things are

    @property
    def placement(self) -> Placement:
        """Where the film lies on the canvas."""
        return self._placed(self._state)

    def map_to_image(self, point: QPoint | QPointF) -> tuple[float, float]:
        """Row and column under a position of this widget."""
        return self.placement.to_image(float(point.x()), float(point.y()))

    def map_from_image(self, row: float, column: float) -> QPointF:
        """The position in this widget where a row and column lie."""
        return QPointF(*self.placement.to_screen([(row, column)])[0].tolist())

    def screen_step_to_image(self, rows: float, columns: float) -> tuple[float, float]:
        """A step in image pixels, down and right as seen on the screen, as rows and columns."""
        columns, rows = self.placement.orientation.T @ (columns, rows)
        return float(rows), float(columns)

    def ensure_visible(self, row: float, column: float, *, margin: float = 48.0) -> None:
        """Pan, if need be, until a place in the image is on the canvas."""
        dx, dy = self.placement.way_into_view(row, column, margin=margin)
        if dx or dy:
            self.pan_by(dx, dy)

    # -- events

    def cancel_gesture(self) -> bool:
        """Give up what the mouse is doing, as Esc does; True if there was something."""
        return self._gestures.cancel()

    def show_cursor(self, shape: Qt.CursorShape) -> None:
        """Another mouse cursor over the canvas."""
        if self._stage.viewport().cursor().shape() != shape:
            self._stage.viewport().setCursor(shape)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.cancel_gesture():
            return
        event.ignore()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            self.context_menu_requested.emit(self._stage.middle().toPoint())

    def hideEvent(self, event: QHideEvent) -> None:
        self.cancel_gesture()
        super().hideEvent(event)

    # -- inside

    def _build(self) -> None:
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self._stage)
        self._world.addToGroup(self._film)
        scene = self._stage.scene()
        for item in (self._world, self._inset, self._hud):
            scene.addItem(item)
        self._place()

    def _viewport(self) -> tuple[float, float]:
        return float(max(self._stage.width(), 1)), float(max(self._stage.height(), 1))

    def _placed(self, state: ViewState) -> Placement:
        shape, aspect = (1, 1), 1.0
        if self._image is not None:
            shape, aspect = self._image.shape, self._image.grid.aspect
        return place(state, shape=shape, viewport=self._viewport(), aspect=aspect)

    def _turn(self, state: ViewState) -> None:
        self._state = state
        self._place()

    def _look(self, placement: Placement) -> None:
        self._turn(replace(self._state, zoom=placement.zoom, centre=placement.centre))

    def _look_as(self, state: ViewState) -> None:
        self._window(state)
        self._place()

    def _window(self, state: ViewState) -> None:
        self._state = state
        if self._greys is not None:
            self._film.set_table(self._greys.table(state))
            self.window_level_changed.emit(*self.window_level())
        self._say()

    def _place(self) -> None:
        placement = self.placement
        self._world.setTransform(placement.transform())
        self._film.set_zoom(max(placement.pixel_size) * self.devicePixelRatioF())
        for layer in self._layers:
            layer.place(placement)
        self._hud.set_size(*self._viewport())
        self._say()
        self.view_changed.emit()

    def _say(self) -> None:
        before, image, greys = self._hud.reading, self._image, self._greys
        if image is None or greys is None:
            self._hud.say(replace(before, shown=False))
            return
        reading = reading_of(
            image,
            before,
            grid=self.grid,
            placement=self.placement,
            window=greys.window(self._state),
            inverted=self._state.inverted,
            letters=self._letters,
        )
        self._hud.say(reading)
