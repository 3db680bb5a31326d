"""Regions are drawn on their own film alone, and a click finds the smallest."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from app.canvas.colour_maps import NAMES, grey_image, heat_image, signed_image, words_of
from app.canvas.layers.drawing import Drawing, DrawingLayer
from app.canvas.layers.pictures import PictureData, PictureLayer
from app.canvas.layers.regions import Look, RegionsData, RegionShape, RegionsLayer
from domain.errors import ImageMismatch
from domain.panorama import Window
from tests.app.canvas.conftest import snapped

OUTER = ((60.0, 30.0), (60.0, 120.0), (160.0, 120.0), (160.0, 30.0))
INNER = ((90.0, 60.0), (90.0, 90.0), (130.0, 90.0), (130.0, 60.0))


@pytest.fixture
def regions(view, image) -> RegionsLayer:
    layer = RegionsLayer()
    view.add_layer(layer)
    shapes = (
        RegionShape(1, (OUTER,), "1 · 36"),
        RegionShape(2, (INNER,), "2", Look.REJECTED, is_here=False),
    )
    layer.set_data(RegionsData(image.sha256, shapes, selected=1))
    return layer


def test_a_click_chooses_the_smallest_region_and_elsewhere_none(view, regions, mouse):
    chosen: list[int] = []
    regions.selected.connect(chosen.append)
    for row, column in ((110, 75), (70, 40), (250, 75)):
        at = snapped(view, row, column)
        mouse.press(at)
        mouse.release(at)
    assert chosen == [2, 1, 0]


def test_a_drag_that_begins_on_a_region_is_still_the_film_s(view, regions, mouse):
    chosen: list[int] = []
    regions.selected.connect(chosen.append)
    before = view.window_level()
    start = snapped(view, 110, 75)
    mouse.drag(start, start + QPointF(60, 20))
    assert view.window_level() != before
    assert chosen == []


def test_hidden_regions_are_not_under_the_mouse(view, regions):
    at = snapped(view, 110, 75)
    assert regions.number_at(at) == 2
    view.set_overlays_visible(False)
    assert regions.number_at(at) == 0


@pytest.mark.parametrize("layer", [RegionsLayer, PictureLayer])
def test_another_film_s_overlay_is_refused_and_let_go(view, image, layer):
    made = layer()
    view.add_layer(made)
    picture = grey_image(np.zeros((2, 2), np.uint8))
    data = {
        RegionsLayer: RegionsData("other"),
        PictureLayer: PictureData("other", picture, Window(0, 0, 1, 1)),
    }[layer]
    with pytest.raises(ImageMismatch):
        made.set_data(data)
    view.show_image(None)
    assert made.shown_data is None


def test_a_picture_covers_its_room_to_the_edge_of_its_pixels(view, image):
    layer = PictureLayer()
    view.add_layer(layer)
    white = grey_image(np.full((4, 4), 255, np.uint8))
    layer.set_data(PictureData(image.sha256, white, Window(100, 40, 60, 80)))
    seen = view.grab().toImage()

    def at(row: float, column: float) -> int:
        point = view.map_from_image(row, column) * seen.devicePixelRatio()
        return seen.pixelColor(point.toPoint()).red()

    assert at(130, 80) == at(103, 43) == at(156, 116) == 255
    assert max(at(96, 80), at(164, 80), at(130, 36), at(130, 124)) < 250


@pytest.mark.parametrize("name", NAMES)
def test_maps_grow_brighter_evenly(name):
    words = words_of(name)
    parts = np.stack([(words >> shift) & 255 for shift in (16, 8, 0)]).astype(float)
    light = parts.T @ (0.2126, 0.7152, 0.0722)
    assert np.all(np.diff(light) > -2.0)
    assert light[-1] - light[0] > 150
    assert np.all(words >> 24 == 255)


def test_heat_at_or_below_the_threshold_is_not_drawn():
    heat = np.array([[0.0, 1.0, 1.5, 3.0, np.nan]])
    picture = heat_image(heat, most=3.0, threshold=1.0, words=words_of("Viridis"))
    assert [picture.pixelColor(x, 0).alpha() for x in range(5)] == [0, 0, 255, 255, 0]


def test_what_is_missing_is_darker_than_grey():
    picture = signed_image(np.array([[-0.5, 0.0, 0.25, 9.0]]), most=0.5)
    assert [picture.pixelColor(x, 0).red() for x in range(4)] == [0, 128, 191, 255]


# -- drawing by hand


@pytest.fixture
def drawing(view) -> DrawingLayer:
    layer = DrawingLayer()
    view.add_layer(layer)
    return layer


def click(mouse, at: QPointF) -> None:
    mouse.press(at)
    mouse.release(at)


def test_clicks_make_a_polygon_that_enter_closes(view, drawing, mouse):
    drawn: list[tuple] = []
    drawing.drawn.connect(drawn.append)
    drawing.arm(Drawing.POLYGON)
    for row, column in ((50, 50), (50, 100), (200, 20), (100, 100)):
        click(mouse, snapped(view, row, column))
    assert drawing.take_back()
    assert drawing.close_polygon()
    ((*places,),) = drawn
    assert len(places) == 3
    assert places[1] == pytest.approx((50, 100), abs=1)
    assert drawing.kind is None


def test_a_click_on_the_first_corner_closes_too(view, drawing, mouse):
    drawn: list[tuple] = []
    drawing.drawn.connect(drawn.append)
    drawing.arm(Drawing.POLYGON)
    for row, column in ((50, 50), (50, 100), (100, 100), (50, 50)):
        click(mouse, snapped(view, row, column))
    assert [len(places) for places in drawn] == [3]


def test_two_corners_are_no_polygon(view, drawing, mouse):
    drawn: list[tuple] = []
    drawing.drawn.connect(drawn.append)
    drawing.arm(Drawing.POLYGON)
    for row, column in ((50, 50), (50, 100)):
        click(mouse, snapped(view, row, column))
    assert drawing.close_polygon()
    assert (drawn, drawing.kind) == ([], Drawing.POLYGON)
    assert drawing.disarm()
    assert not drawing.disarm()


def test_a_stroke_is_told_when_the_button_is_up(view, drawing, mouse):
    strokes: list[tuple] = []
    drawing.stroked.connect(strokes.append)
    drawing.arm(Drawing.BRUSH)
    start, end = snapped(view, 100, 30), snapped(view, 100, 120)
    mouse.press(start)
    mouse.move(end)
    assert strokes == []
    mouse.release(end)
    ((*places,),) = strokes
    assert places[0] == pytest.approx((100, 30), abs=1)
    assert places[-1] == pytest.approx((100, 120), abs=1)
    assert drawing.kind is Drawing.BRUSH


def test_a_cancelled_stroke_is_nothing(view, drawing, mouse):
    strokes: list[tuple] = []
    drawing.stroked.connect(strokes.append)
    drawing.arm(Drawing.ERASER)
    mouse.press(snapped(view, 100, 30))
    mouse.move(snapped(view, 100, 120))
    assert view.cancel_gesture()
    mouse.release(snapped(view, 100, 120))
    assert strokes == []


def test_while_nothing_is_drawn_the_mouse_is_the_film_s(view, drawing, mouse):
    before = view.window_level()
    start = snapped(view, 100, 60)
    mouse.drag(start, start + QPointF(50, 0))
    assert view.window_level() != before
    assert not drawing.close_polygon()
    assert not drawing.take_back()
    drawing.arm(Drawing.BRUSH)
    drawing.resize_brush(1e9)
    drawing.resize_brush(1e-9)
    assert drawing.radius == 1.0
    assert drawing.cursor_shape is Qt.CursorShape.CrossCursor
