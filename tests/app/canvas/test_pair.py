"""Two linked canvases: the same part of both films, each with its own window and orientation."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject, QPointF, Qt
from pytestqt.qtbot import QtBot

from app.canvas.pair import Pair
from app.canvas.view import ImageView
from tests.app.canvas.conftest import Mouse, film


@pytest.fixture
def views(qtbot: QtBot) -> tuple[ImageView, ImageView]:
    """Two canvases of one size, films of different sizes."""
    made = []
    for rows, columns in ((360, 160), (720, 240)):
        view = ImageView()
        qtbot.addWidget(view)
        view.resize(400, 500)
        view.show_image(film(rows=rows, columns=columns))
        view.show()
        qtbot.waitExposed(view)
        made.append(view)
    return made[0], made[1]


@pytest.fixture
def pair(views: tuple[ImageView, ImageView], qapp: QObject) -> Pair:
    return Pair(*views, parent=views[0])


def share(view: ImageView, at: QPointF) -> tuple[float, float]:
    """Where on its film a place of the canvas lies, from 0 to 1 along rows; columns in heights."""
    rows, columns = view.image.shape
    row, column = view.map_to_image(at)
    return row / (rows - 1), (column - (columns - 1) / 2) / (rows - 1)


@pytest.mark.usefixtures("pair")
def test_drags_on_either_move_both(views: tuple[ImageView, ImageView]) -> None:
    one, other = views
    at = QPointF(230, 180)
    Mouse(one).drag(at, at - QPointF(0, 60), Qt.MouseButton.RightButton)
    assert one.view_state().zoom is not None
    assert other.placement.zoom > 1.3 * 464 / 720
    for place in (QPointF(0, 0), at, QPointF(400, 500)):
        assert share(other, place) == pytest.approx(share(one, place), abs=0.004)
    Mouse(other).drag(at, at + QPointF(30, -50), Qt.MouseButton.MiddleButton)
    for place in (QPointF(0, 0), at):
        assert share(one, place) == pytest.approx(share(other, place), abs=0.004)
    one.fit()
    assert other.view_state().zoom is None
    assert other.view_state().centre is None


@pytest.mark.usefixtures("pair")
def test_windows_flips_and_turns_stay_their_own(views: tuple[ImageView, ImageView]) -> None:
    one, other = views
    one.invert()
    one.set_window_level(50, 100)
    assert not other.view_state().inverted
    before = other.window_level()
    one.zoom_by(2)
    assert other.window_level() == before
    other.flip_horizontal()
    other.rotate(1)
    assert one.view_state().quarter_turns == 0
    one.pan_by(5, 5)  # the turned film fits otherwise: it is brought along first
    middle = other.placement.to_screen([(0.0, 0.0)])[0]
    one.pan_by(25, 10)
    moved = other.placement.to_screen([(0.0, 0.0)])[0] - middle
    assert moved == pytest.approx([25, 10])  # also on a film that is mirrored and lies on its side


def test_parted_views_move_alone_and_join_at_the_first(
    pair: Pair, views: tuple[ImageView, ImageView]
) -> None:
    one, other = views
    pair.set_linked(False)
    one.zoom_by(2)
    assert other.view_state().zoom is None
    before = one.view_state()
    other.pan_by(5, 5)
    assert one.view_state() == before
    pair.set_linked(True)
    assert share(other, QPointF(10, 10)) == pytest.approx(share(one, QPointF(10, 10)), abs=0.004)


@pytest.mark.usefixtures("pair")
def test_another_size_of_the_canvas_moves_nothing(
    views: tuple[ImageView, ImageView], qtbot: QtBot
) -> None:
    one, other = views
    one.zoom_by(3)
    looks = one.view_state(), other.view_state()
    one.resize(300, 450)
    qtbot.waitUntil(lambda: one.placement.viewport == (300.0, 450.0))
    assert (one.view_state(), other.view_state()) == looks


@pytest.mark.usefixtures("pair")
def test_an_empty_canvas_neither_leads_nor_follows(views: tuple[ImageView, ImageView]) -> None:
    one, other = views
    other.show_image(None)
    one.zoom_by(2)
    before = one.view_state()
    other.pan_by(10, 10)
    other.fit()
    assert one.view_state() == before
