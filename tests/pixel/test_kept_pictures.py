"""What is drawn from kept pictures stands where a freshly drawn one would."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from app.canvas.film import LARGE, REST_MS, STRIP, FilmItem, halved
from app.canvas.layers.rings import draw_rings
from app.canvas.lettering import draw_figures, draw_text, font
from app.io.windowing import window_table
from domain.image import GreyWindow

SIDE = 60
EIGHTH = 1 / 8


def canvas(density: float, wide: int = SIDE) -> QImage:
    image = QImage(round(wide * density), round(SIDE * density), QImage.Format.Format_Grayscale8)
    image.setDevicePixelRatio(density)
    image.fill(0)
    return image


def grey(image: QImage) -> np.ndarray:
    rows, columns, step = image.height(), image.width(), image.bytesPerLine()
    return np.frombuffer(image.constBits(), np.uint8).reshape(rows, step)[:, :columns].astype(float)


@pytest.mark.parametrize("density", [1.0, 1.25, 2.0])
@pytest.mark.parametrize("place", [(30.0, 30.0), (29.6, 30.3), (30.49, 20.13), (22.87, 31.99)])
def test_a_ring_is_around_its_place(
    place: tuple[float, float], density: float, qtbot: QtBot
) -> None:
    image = canvas(density)
    painter = QPainter(image)
    draw_rings(painter, np.array([place]), radius=3.5)
    painter.end()
    light = grey(image)
    middles = (np.arange(light.shape[1]) + 0.5, np.arange(light.shape[0]) + 0.5)
    x, y = (light.sum(axis) @ along / light.sum() for axis, along in enumerate(middles))
    assert (x / density, y / density) == pytest.approx(place, abs=EIGHTH + 0.02)


@pytest.mark.parametrize("align", [0.0, 1.0])
def test_figures_stand_where_the_text_would(align: float, qtbot: QtBot) -> None:
    rooms = []
    for draw in (draw_text, draw_figures):
        image = canvas(1.0, wide=300)
        painter = QPainter(image)
        at = QPointF(150.0, 40.0)
        text = "row 120.5   column 77"
        draw(painter, text, at=at, face=font(11), color=QColor("white"), align=align)
        painter.end()
        rows, columns = np.nonzero(grey(image) > 40)
        rooms.append((rows.min(), rows.max(), columns.min(), columns.max()))
    assert np.abs(np.subtract(*rooms)).max() <= 1


def painted(film: FilmItem) -> np.ndarray:
    rows, columns = film._levels[0].shape
    image = QImage(columns, rows, QImage.Format.Format_Grayscale8)
    painter = QPainter(image)
    painter.translate(0.5, 0.5)
    option = _everything(film)
    film.paint(painter, option)
    painter.end()
    return grey(image)


def _everything(film: FilmItem) -> object:
    from PySide6.QtWidgets import QStyleOptionGraphicsItem

    option = QStyleOptionGraphicsItem()
    option.exposedRect = film.boundingRect()
    return option


def test_a_large_film_is_the_same_in_parts_and_once_its_strips_are_done(qtbot: QtBot) -> None:
    pixels = np.random.default_rng(3).integers(0, 4000, (1700, 1000), dtype=np.uint16)
    assert pixels.size > max(LARGE, 2 * STRIP)
    table = window_table(16, GreyWindow(1800.0, 2500.0))
    film = FilmItem()
    film.show_pixels(pixels)
    film.set_table(table)
    film.set_zoom(1.0)
    in_parts = painted(film)
    np.testing.assert_array_equal(in_parts, table[pixels])
    assert film._is_stale
    qtbot.waitUntil(lambda: not film._is_stale, timeout=100 * REST_MS)
    np.testing.assert_array_equal(painted(film), in_parts)


def test_another_window_begins_the_strips_anew(qtbot: QtBot) -> None:
    pixels = np.random.default_rng(4).integers(0, 4000, (1700, 1000), dtype=np.uint16)
    film = FilmItem()
    film.show_pixels(pixels)
    film.set_zoom(1.0)
    film.set_table(window_table(16, GreyWindow(1800.0, 2500.0)))
    painted(film)
    film._render_at_rest()  # the first strip of several
    assert film._is_stale
    second = window_table(16, GreyWindow(900.0, 700.0), inverted=True)
    film.set_table(second)
    np.testing.assert_array_equal(painted(film), second[pixels])
    qtbot.waitUntil(lambda: not film._is_stale, timeout=100 * REST_MS)
    np.testing.assert_array_equal(painted(film), second[pixels])


def test_while_the_zoom_changes_a_coarser_level_that_is_ready_stands_in(qtbot: QtBot) -> None:
    pixels = np.random.default_rng(5).integers(0, 4000, (1700, 1000), dtype=np.uint16)
    table = window_table(16, GreyWindow(1800.0, 2500.0))
    film = FilmItem()
    film.show_pixels(pixels)
    film.set_table(table)
    film.set_zoom(0.5)
    painted(film)
    film.hurry()
    film.set_zoom(1.0)
    coarse = painted(film)
    np.testing.assert_array_equal(coarse, np.repeat(np.repeat(table[halved(pixels)], 2, 0), 2, 1))
    qtbot.waitUntil(lambda: not film._is_stale, timeout=100 * REST_MS)
    qtbot.waitUntil(lambda: not film._is_hurried, timeout=100 * REST_MS)
    np.testing.assert_array_equal(painted(film), table[pixels])
