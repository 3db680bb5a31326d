"""Pixel centres lie at integers: what is painted against what the maps say, at 32× zoom."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage

from app.canvas.layers.corners import CornersLayer
from app.canvas.layers.corners_data import CornersData
from app.canvas.view import ImageView
from domain.grid import Grid
from domain.image import Image

ZOOM = 32.0
ROW, COLUMN = 37, 21
HINT = 30


@pytest.fixture
def image() -> Image:
    """Black, with one white pixel."""
    pixels = np.zeros((90, 50), np.uint8)
    pixels[ROW, COLUMN] = 255
    return Image(pixels)


@pytest.fixture
def view(qtbot, image: Image) -> ImageView:
    """A canvas at 32× around the white pixel, off the screen's grid on purpose."""
    made = ImageView()
    qtbot.addWidget(made)
    made.resize(401, 383)
    made.show()
    qtbot.waitExposed(made)
    made.show_image(image)
    made.zoom_by(ZOOM / made.placement.zoom)
    at = made.map_from_image(ROW, COLUMN)
    made.pan_by(200.3 - at.x(), 190.7 - at.y())
    return made


def picture(view: ImageView) -> np.ndarray:
    """(height, width, 3) what is on screen."""
    shot = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = [bytes(shot.constScanLine(y))[: 3 * shot.width()] for y in range(shot.height())]
    return np.array([list(row) for row in rows], dtype=float).reshape(shot.height(), -1, 3)


def centre_of(mask: np.ndarray, *, view: ImageView) -> np.ndarray:
    """(x, y) centroid in screen coordinates, where a screen pixel's middle lies at + 1/2."""
    ys, xs = np.nonzero(mask)
    assert len(xs), "nothing of it is on screen"
    return np.array([xs.mean() + 0.5, ys.mean() + 0.5]) / view.devicePixelRatioF()


def size_of(mask: np.ndarray, *, view: ImageView) -> np.ndarray:
    """(width, height) in screen coordinates."""
    ys, xs = np.nonzero(mask)
    return np.array([np.ptp(xs) + 1, np.ptp(ys) + 1]) / view.devicePixelRatioF()


ORIENTATIONS = pytest.mark.parametrize(
    ("turns", "flip"), [(0, False), (0, True), (1, False), (2, True), (3, False)]
)


@ORIENTATIONS
def test_a_pixel_is_painted_around_where_its_integers_lie(
    view: ImageView, turns: int, flip: bool
) -> None:
    view.rotate(turns)
    if flip:
        view.flip_horizontal()
    white = picture(view).min(axis=2) > 250
    at = view.map_from_image(ROW, COLUMN)
    assert centre_of(white, view=view) == pytest.approx([at.x(), at.y()], abs=0.5)
    assert size_of(white, view=view) == pytest.approx([ZOOM, ZOOM], abs=1)


@ORIENTATIONS
@pytest.mark.parametrize("offset", [(0.0, 0.0), (0.25, -0.4)])
def test_a_mark_is_painted_on_its_place(
    view: ImageView, image: Image, turns: int, flip: bool, offset: tuple[float, float]
) -> None:
    view.rotate(turns)
    if flip:
        view.flip_horizontal()
    row, column = 40 + offset[0], 24 + offset[1]
    coordinates = np.full((68, 2), 5.0)  # all others far off the screen, at one place
    coordinates[HINT] = (row, column)
    layer = CornersLayer()
    view.add_layer(layer)
    layer.set_part_visible("lines", False)
    layer.set_data(CornersData(coordinates, image.sha256, hints=frozenset({HINT})))
    shown = picture(view)
    amber = QColor("#ffb454")
    wanted = np.array([amber.red(), amber.green(), amber.blue()], float)
    mark = np.abs(shown - wanted).max(axis=2) < 12
    at = view.map_from_image(row, column)
    assert centre_of(mark, view=view) == pytest.approx([at.x(), at.y()], abs=0.5)


def test_the_edge_of_a_shrunk_film_lies_where_the_map_says(qtbot) -> None:
    """Odd sides and three halvings: the last, padded pixels must not shift or widen the film."""
    image = Image(np.full((2051, 1039), 255, np.uint8))
    view = ImageView()
    qtbot.addWidget(view)
    view.resize(500, 400)
    view.show()
    qtbot.waitExposed(view)
    view.show_image(image)
    view.set_window_level(2, 100)
    view._hud.hide()  # its letters are bright too
    bright = picture(view).min(axis=2) > 200
    ys, xs = np.nonzero(bright)
    first, last = view.map_from_image(-0.5, -0.5), view.map_from_image(2050.5, 1038.5)
    edges = (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)
    expected = (first.x(), first.y(), last.x(), last.y())
    assert np.array(edges) / view.devicePixelRatioF() == pytest.approx(expected, abs=1.0)


def test_the_inset_is_centred_on_what_the_hand_holds(view: ImageView, image: Image) -> None:
    from PySide6.QtCore import QPointF

    view.fit()
    inset = view._inset
    inset.show_at((ROW, COLUMN), placement=view.placement, hand=QPointF(300, 200))
    density = view.devicePixelRatioF()
    left, top, wide, high = (round(side * density) for side in inset.room.toRect().getRect())
    shown = picture(view)[top : top + high, left : left + wide]
    white = shown.min(axis=2) > 120
    edge = round(30 * density)
    inner = white[edge:-edge, edge:-edge]  # the frame of the loupe is bright too
    at = centre_of(inner, view=view) + edge / density
    assert at == pytest.approx([inset.room.width() / 2, inset.room.height() / 2], abs=1.5)


def test_a_shrunk_film_is_not_stretched(qtbot) -> None:
    """A bright square near the far corner keeps its place through the halvings."""
    pixels = np.zeros((2051, 1039), np.uint8)
    pixels[1960:2000, 980:1020] = 255
    view = ImageView()
    qtbot.addWidget(view)
    view.resize(500, 400)
    view.show()
    qtbot.waitExposed(view)
    view.show_image(Image(pixels))
    view._hud.hide()
    shown = picture(view).mean(axis=2)
    shown[shown < 30] = 0
    ys, xs = np.mgrid[: shown.shape[0], : shown.shape[1]] + 0.5
    centroid = [(shown * xs).sum() / shown.sum(), (shown * ys).sum() / shown.sum()]
    at = view.map_from_image(1979.5, 999.5)
    assert np.array(centroid) / view.devicePixelRatioF() == pytest.approx([at.x(), at.y()], abs=0.3)


@pytest.mark.parametrize("zoom", [0.8, 1.0, 5.0])
def test_a_large_film_looks_the_same_while_it_is_windowed_and_after(qtbot, zoom: float) -> None:
    """Only the part in sight is windowed at first; the whole follows when the hand rests."""
    values = np.random.default_rng(5).integers(0, 4096, (1801, 1203)).astype(np.uint16)
    view = ImageView()
    qtbot.addWidget(view)
    view.resize(300, 260)
    view.show()
    qtbot.waitExposed(view)
    view.show_image(Image(values))
    view.zoom_by(zoom / view.placement.zoom)
    view.pan_by(37.4, -21.7)
    view.set_window_level(3000, 2000)
    at_once = picture(view)
    assert view._film._rest.isActive(), "the whole is still to come"
    view._film._rest.timeout.emit()
    assert np.abs(picture(view) - at_once).max() <= 2


@ORIENTATIONS
@pytest.mark.parametrize("aspect", [2.0, 0.5])
def test_a_pixel_that_is_no_square_is_painted_as_high_as_it_is(
    view: ImageView, image: Image, turns: int, flip: bool, aspect: float
) -> None:
    view.show_image(Image(image.pixels, grid=Grid(aspect=aspect)))
    view.rotate(turns)
    if flip:
        view.flip_horizontal()
    view.zoom_by(ZOOM / view.placement.zoom)
    at = view.map_from_image(ROW, COLUMN)
    view.pan_by(200.3 - at.x(), 190.7 - at.y())
    white = picture(view).min(axis=2) > 250
    at = view.map_from_image(ROW, COLUMN)
    assert centre_of(white, view=view) == pytest.approx([at.x(), at.y()], abs=0.5)
    size = tuple(size_of(white, view=view))
    expected = (ZOOM, ZOOM * aspect)
    assert size == pytest.approx(expected if turns % 2 == 0 else expected[::-1], abs=1)


@pytest.mark.parametrize("aspect", [2.0, 0.5])
def test_the_inset_fills_its_room_at_any_shape_of_pixel(qtbot, aspect: float) -> None:
    from PySide6.QtCore import QPointF

    view = ImageView()
    qtbot.addWidget(view)
    view.resize(500, 400)
    view.show()
    qtbot.waitExposed(view)
    view.show_image(Image(np.full((400, 400), 200, np.uint8), grid=Grid(aspect=aspect)))
    view.set_window_level(200, 100)
    inset = view._inset
    inset.show_at((200.0, 200.0), placement=view.placement, hand=QPointF(400, 300))
    density = view.devicePixelRatioF()
    inner = inset.room.toRect().adjusted(4, 4, -4, -4)
    left, top, wide, high = (round(side * density) for side in inner.getRect())
    shown = picture(view)[top : top + high, left : left + wide, 0]
    assert (shown[:, 3] > 150).sum() > 0.8 * high
    assert (shown[3, :] > 150).sum() > 0.8 * wide
