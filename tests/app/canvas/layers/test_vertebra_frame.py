"""The frame around one vertebra: where it is, on films turned and mirrored, and what is painted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage

from app.canvas import colors
from app.canvas.layers.vertebra_frame import ROOM_PX, VertebraFrame, frame_shape
from app.canvas.view import ImageView
from domain.image import Image

BOX = np.array([[150.0, 60.0], [152.0, 100.0], [170.0, 58.0], [173.0, 101.0]])
angles, places = st.floats(-3.1, 3.1), st.floats(-500, 500)


@given(angles, st.booleans(), places, places)
def test_the_frame_turns_with_its_vertebra(angle, mirrored, x, y):
    upright = np.array([[-20.0, -10.0], [20.0, -10.0], [-20.0, 10.0], [20.0, 10.0]])
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    if mirrored:
        turn = np.diag([-1.0, 1.0]) @ turn
    shape = frame_shape(upright @ turn + (x, y))
    back = (shape.knobs - (x, y)) @ turn.T
    reach = np.array([20.0 + ROOM_PX, 10.0 + ROOM_PX])
    assert np.allclose(np.abs(back), reach, atol=1e-6)
    turner = (shape.turner - (x, y)) @ turn.T
    assert turner[0] == pytest.approx(0, abs=1e-6)
    assert turner[1] < -reach[1], "above the upper end-plate"


@pytest.mark.parametrize(("turns", "flip"), [(0, False), (1, False), (2, True), (3, True)])
def test_a_drag_on_a_turned_film_moves_it_as_the_eye_sees(qtbot, turns, flip):
    view = ImageView()
    qtbot.addWidget(view)
    view.resize(400, 400)
    view.show_image(Image(np.zeros((300, 160), np.uint8)))
    view.rotate(turns)
    if flip:
        view.flip_horizontal()
    layer = VertebraFrame()
    view.add_layer(layer)
    layer.set_corners(BOX)
    moved: list[tuple[tuple[float, float], ...]] = []
    layer.dragged.connect(moved.append)
    middle = QPointF(*layer.shape_on_screen.middle)
    assert layer.press(middle)
    layer.move(middle + QPointF(12, -7))
    layer.release(middle + QPointF(12, -7))
    before = view.placement.to_screen(BOX)
    assert np.allclose(view.placement.to_screen(moved[-1]), before + np.array([12, -7]), atol=1e-6)


@pytest.mark.parametrize("density", [1.0, 2.0])
def test_its_edge_is_painted_around_the_corners(qtbot, density):
    view = ImageView()
    qtbot.addWidget(view)
    view.resize(401, 383)
    view.show()
    qtbot.waitExposed(view)
    view.show_image(Image(np.zeros((300, 160), np.uint8)))
    layer = VertebraFrame()
    view.add_layer(layer)

    def lit() -> np.ndarray:
        size = round(view.width() * density), round(view.height() * density)
        shot = QImage(*size, QImage.Format.Format_Grayscale8)
        shot.setDevicePixelRatio(density)
        view.render(shot)
        rows = [bytes(shot.constScanLine(y))[: shot.width()] for y in range(shot.height())]
        return np.array([list(row) for row in rows])

    empty = lit()
    layer.set_corners(BOX)
    framed = lit()
    shape = layer.shape_on_screen
    top = shape.knobs[:2].mean(axis=0) * 0.4 + shape.knobs[0] * 0.6
    for at in (top, shape.knobs[[1, 2]].mean(axis=0), shape.knobs[[2, 3]].mean(axis=0)):
        x, y = (at * density).astype(int)
        assert framed[y - 2 : y + 3, x - 2 : x + 3].max() > 0.8 * colors.SELECTED.lightness()
    inside = (shape.middle * density).astype(int)
    assert framed[inside[1], inside[0]] == empty[inside[1], inside[0]], "the bone stays to be seen"
    layer.set_corners(None)
    assert np.array_equal(lit(), empty)
