"""A kept picture shows what drawing it anew would."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QApplication, QGraphicsView
from pytestqt.qtbot import QtBot

from app.canvas.layers.corners import CornersData, CornersLayer
from app.canvas.sheet import MARGIN, Sheet, Sketch
from app.canvas.view import ImageView
from domain.image import Image

ROOM = QRectF(0, 0, 120, 90)
ROUNDING = 6
"""Grey values that are lost where a half covered pixel is kept before it is laid on the film: five
at most in 40,000 shifts."""


class Scribble:
    """Draws a slanted line where the film is, and counts how often."""

    def __init__(self) -> None:
        self.at, self.count = QPointF(40, 30), 0

    def __call__(self, painter: QPainter) -> None:
        self.count += 1
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor("white"), 2.5))
        painter.drawLine(self.at, self.at + QPointF(51, 23))


def canvas(density: float = 1.0) -> QImage:
    image = QImage(round(120 * density), round(90 * density), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(density)
    image.fill(0)
    return image


def pixels(image: QImage) -> np.ndarray:
    return np.frombuffer(image.constBits(), np.uint8).astype(int).reshape(image.height(), -1)


def shown(sheet: Sheet, draw: Scribble, *, key: object = "", density: float = 1.0) -> np.ndarray:
    image = canvas(density)
    painter = QPainter(image)
    sheet.paint(painter, Sketch(draw, key, anchor=draw.at, room=ROOM))
    painter.end()
    return pixels(image)


def fresh(draw: Scribble, *, density: float = 1.0) -> np.ndarray:
    image = canvas(density)
    painter = QPainter(image)
    draw(painter)
    painter.end()
    return pixels(image)


@settings(max_examples=25)
@given(
    density=st.sampled_from([1.0, 1.25, 2.0]),
    ways=st.lists(st.tuples(st.integers(-400, 400), st.integers(-400, 400)), max_size=5),
)
def test_it_is_the_same_wherever_the_film_went(density: float, ways: list[tuple[int, int]]) -> None:
    QApplication.instance() or QApplication([])
    sheet, draw = Sheet(), Scribble()
    shown(sheet, draw, density=density)
    for right, down in ways:
        draw.at = QPointF(40 + right / density, 30 + down / density)
        close = np.abs(shown(sheet, draw, density=density) - fresh(draw, density=density))
        assert close.max() <= ROUNDING


@pytest.mark.parametrize("way", [(0.5, 0.0), (0.0, -0.25)])
def test_half_a_pixel_is_drawn_anew(way: tuple[float, float], qtbot: QtBot) -> None:
    sheet, draw = Sheet(), Scribble()
    for _ in range(2):
        shown(sheet, draw)
    draw.at += QPointF(*way)
    assert np.abs(shown(sheet, draw) - fresh(draw)).max() <= ROUNDING


def test_what_stands_or_shifts_is_drawn_no_more(qtbot: QtBot) -> None:
    sheet, draw = Sheet(), Scribble()
    for _ in range(2):
        shown(sheet, draw)
    drawn = draw.count
    for step in range(10):
        draw.at = QPointF(40 + 7 * step, 30)
        shown(sheet, draw)
    assert draw.count == drawn
    draw.at = QPointF(40 + MARGIN + 1, 30)
    shown(sheet, draw)
    assert draw.count == drawn + 1


def test_what_will_stand_is_drawn_once(qtbot: QtBot) -> None:
    sheet, draw = Sheet(is_eager=True), Scribble()
    for _ in range(3):
        assert np.abs(shown(sheet, draw) - fresh(draw)).max() <= ROUNDING
    assert draw.count == 1 + 3, "once for the sheet, each time for the comparison"


def test_another_thing_is_drawn_at_once_and_never_from_the_old_picture(qtbot: QtBot) -> None:
    sheet, draw = Sheet(), Scribble()
    for _ in range(3):
        shown(sheet, draw, key="old")
    other = Scribble()
    other.at = QPointF(10, 60)
    assert np.array_equal(shown(sheet, other, key="new"), fresh(other))


@pytest.fixture
def view(qtbot: QtBot) -> ImageView:
    made = ImageView()
    qtbot.addWidget(made)
    made.resize(500, 400)
    grey = np.random.default_rng(7).integers(0, 256, (700, 300)).astype(np.uint8)
    made.show_image(Image(grey))
    made.show()
    return made


def column(image: Image) -> CornersData:
    rows = np.repeat(np.arange(60.0, 600.0, 60.0), 4) + np.tile([0.0, 3.0, 30.0, 34.0], 9)
    columns = np.tile([120.0, 170.0, 121.0, 172.0], 9)
    names = tuple(f"T{n}" for n in range(1, 10))
    return CornersData(np.stack([rows, columns], axis=1), image.sha256, labels=names)


def grabbed(view: ImageView) -> np.ndarray:
    stage = view.findChild(QGraphicsView)
    assert isinstance(stage, QGraphicsView)
    return pixels(stage.viewport().grab().toImage())


@pytest.mark.parametrize("zoom", [None, 1.7, 6.0])
def test_a_panned_column_and_film_look_as_if_drawn_there(
    view: ImageView, zoom: float | None
) -> None:
    assert view.image is not None
    layer = CornersLayer()
    view.add_layer(layer)
    data = column(view.image)
    layer.set_data(data)
    view.look_at(zoom=zoom, centre=(350.0, 150.0))
    grabbed(view), grabbed(view)
    for way in ((13, -9), (-200, 40), (90, 310)):
        view.pan_by(*way)
        kept = grabbed(view)
        layer.set_data(column(view.image))  # the same under another key
        view.set_window_level(*view.window_level())
        assert np.abs(kept - grabbed(view)).max() <= ROUNDING
        grabbed(view)


def test_a_level_seen_before_is_shown_through_the_table_of_today(view: ImageView) -> None:
    near, far = (1.0, (350.0, 150.0)), (0.3, (350.0, 150.0))
    for zoom, centre in (near, far, near):
        view.look_at(zoom=zoom, centre=centre)
        grabbed(view)
    before = grabbed(view)
    view.look_at(zoom=far[0], centre=far[1])
    view.invert()
    grabbed(view)
    view.look_at(zoom=near[0], centre=near[1])
    inverted = grabbed(view)
    view.invert()
    grabbed(view)
    assert np.abs(inverted - before).mean() > 20
    assert np.abs(grabbed(view) - before).max() <= ROUNDING


def test_what_was_prepared_is_not_drawn_again(qapp: QApplication) -> None:
    sheet, draw = Sheet(is_eager=True), Scribble()
    sketch = Sketch(draw, "other", anchor=draw.at, room=ROOM, reach=lambda: ROOM)
    sheet.prepare(sketch)
    assert draw.count == 0, "nobody knows yet how it is painted"
    shown(sheet, draw)
    sheet.prepare(sketch)
    assert draw.count == 2
    seen = shown(sheet, draw, key="other")
    sheet.prepare(sketch)
    assert draw.count == 2
    assert np.abs(seen - fresh(draw)).max() <= ROUNDING
