"""Handles of curve ends: drawn at the end of their end-plate's line, carried by the real mouse."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from app.canvas.layers.curve_ends import CurveEndsData, CurveEndsLayer
from app.canvas.layers.hit import REACH
from app.canvas.view import ImageView
from domain.annotation import CurveEnds
from domain.image import Image
from domain.vertebrae import LEVELS
from tests.app.canvas.conftest import Mouse, film
from tests.domain.test_curves import drawn

TILTS = (*np.linspace(-15, 20, 8), *np.linspace(20, -12, 10)[1:])
ENDS = (CurveEnds(0, 7), CurveEnds(7, 16))
CORNERS = drawn(TILTS) * 0.3
LINE_END = 1.9  # widths of the vertebra from its middle
# The first curve is convex to the right, so its lines come together on the left; then the other.
ROUNDING = 2
"""Grey values by which a film from its kept picture may differ from one scaled anew."""
PLATES = ((0, 1, -1.0), (30, 31, -1.0), (28, 29, 1.0), (66, 67, 1.0))


@pytest.fixture
def image() -> Image:
    return film(rows=720, columns=300)


@pytest.fixture
def handles(view: ImageView) -> CurveEndsLayer:
    made = CurveEndsLayer()
    view.add_layer(made)
    made.set_data(CurveEndsData(CORNERS, ENDS, LEVELS))
    return made


def expected(view: ImageView) -> list[QPointF]:
    """Where the handles belong, from the corners in image pixels."""
    places = []
    for left, right, side in PLATES:
        middle = (CORNERS[left] + CORNERS[right]) / 2
        places.append(
            view.map_from_image(*(middle + side * LINE_END * (CORNERS[right] - middle) * 2))
        )
    return places


views = pytest.mark.parametrize(
    ("flip_h", "flip_v", "quarters"), list(product((False, True), (False, True), (0, 1, 2, 3)))
)


def turn(view: ImageView, flip_h: bool, flip_v: bool, quarters: int) -> None:
    if flip_h:
        view.flip_horizontal()
    if flip_v:
        view.flip_vertical()
    view.rotate(quarters)


def pixels(view: ImageView) -> np.ndarray:
    """(rows, columns, 4) the canvas as drawn."""
    picture = view.grab().toImage()
    shape = (picture.height(), picture.bytesPerLine() // 4, 4)
    return np.frombuffer(bytes(picture.constBits()), dtype=np.uint8).reshape(shape)


@views
def test_handles_are_drawn_where_the_lines_end(
    view: ImageView, handles: CurveEndsLayer, flip_h: bool, flip_v: bool, quarters: int
) -> None:
    turn(view, flip_h, flip_v, quarters)
    handles.setVisible(False)
    bare = pixels(view)
    handles.setVisible(True)
    apart = np.abs(pixels(view).astype(int) - bare) > ROUNDING
    changed = np.argwhere(apart.any(axis=2))[:, ::-1] + 0.5
    changed /= view.devicePixelRatioF()
    places = np.array([place.toTuple() for place in expected(view)])
    nearest = np.linalg.norm(changed[:, None] - places[None], axis=2)
    assert nearest.min(axis=1).max() < 10, "nothing else is drawn"
    for number, place in enumerate(places):
        own = changed[nearest.argmin(axis=1) == number]
        np.testing.assert_allclose(own.mean(axis=0), place, atol=0.5)
        assert len(own) > 100


def test_handles_lie_out_of_reach_of_the_corners(view: ImageView, handles: CurveEndsLayer) -> None:
    corners = view.placement.to_screen(CORNERS)
    gaps = np.linalg.norm(handles.handles[:, None] - corners[None], axis=2)
    assert gaps.min() > 2 * REACH


@views
def test_a_drag_snaps_from_vertebra_to_vertebra(
    view: ImageView,
    handles: CurveEndsLayer,
    mouse: Mouse,
    flip_h: bool,
    flip_v: bool,
    quarters: int,
) -> None:
    turn(view, flip_h, flip_v, quarters)
    told: list[object] = []
    handles.drag_started.connect(lambda end: told.append(("start", end)))
    handles.dragged.connect(lambda end, vertebra: told.append(vertebra))
    handles.drag_finished.connect(lambda end: told.append(("end", end)))
    start = expected(view)[1]
    lower = CORNERS.reshape(17, 4, 2)[:, 2:].mean(axis=1)
    way = view.map_from_image(*lower[10]) - view.map_from_image(*lower[7])
    mouse.press(start)
    for share in np.linspace(0, 1, 13)[1:]:
        mouse.move(start + way * float(share))
    mouse.release(start + way)
    assert told == [("start", 1), 8, 9, 10, ("end", 1)]


def test_a_press_selects_and_a_drag_begins_after_three_pixels(
    view: ImageView, handles: CurveEndsLayer, mouse: Mouse
) -> None:
    told: list[object] = []
    handles.selected.connect(told.append)
    handles.drag_started.connect(lambda end: told.append(("start", end)))
    at = QPointF(expected(view)[2].toPoint())
    mouse.press(at)
    mouse.move(at + QPointF(0, 2))
    mouse.release(at + QPointF(0, 2))
    assert told == [2]
    mouse.press(at)
    mouse.move(at + QPointF(0, 3))
    assert told == [2, 2, ("start", 2)]
    assert view.cancel_gesture()
    mouse.press(QPointF(5, 5))
    mouse.release(QPointF(5, 5))
    assert told[-1] == -1, "a click on nothing selects none"


def test_a_cancelled_drag_says_so_once(
    view: ImageView, handles: CurveEndsLayer, mouse: Mouse
) -> None:
    told: list[object] = []
    handles.drag_cancelled.connect(told.append)
    handles.drag_finished.connect(lambda end: told.append("finished"))
    at = expected(view)[1]
    mouse.press(at)
    mouse.move(at + QPointF(0, 60))
    view.cancel_gesture()
    mouse.release(at + QPointF(0, 60))
    assert told == [1]


def test_handles_that_vanish_let_go(view: ImageView, handles: CurveEndsLayer, mouse: Mouse) -> None:
    told: list[int] = []
    handles.drag_cancelled.connect(told.append)
    at = expected(view)[3]
    mouse.press(at)
    mouse.move(at + QPointF(0, -60))
    handles.set_data(CurveEndsData(CORNERS, ENDS[:1], LEVELS))
    assert told == [3]
    mouse.move(at)
    mouse.release(at)
    handles.set_data(CurveEndsData(CORNERS, (), LEVELS))
    assert not handles.hover(expected(view)[0])


def test_what_is_under_the_mouse_or_selected_stands_out(
    view: ImageView, handles: CurveEndsLayer
) -> None:
    def look() -> bytes:
        return bytes(view.grab().toImage().constBits())

    plain = look()
    assert handles.hover(expected(view)[0])
    hovered = look()
    handles.hover(None)
    handles.set_data(CurveEndsData(CORNERS, ENDS, LEVELS, selected=0))
    assert len({plain, hovered, look()}) == 3
