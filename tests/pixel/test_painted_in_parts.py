"""What is painted anew in parts, while a hand drags, is what painting everything would show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPointF, QRect
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QApplication, QGraphicsView
from pytestqt.qtbot import QtBot

from app.canvas.layers import corners as corners_layer
from app.canvas.layers.corners import CobbLine, CornersData, CornersLayer
from app.canvas.layers.curve_ends import CurveEndsData, CurveEndsLayer
from app.canvas.view import ImageView
from domain.annotation import CurveEnds
from domain.image import Image

VERTEBRAE = 9
ROUNDING = 6
"""Grey values by which a mark that was kept as a picture may differ from itself drawn anew."""


class Screen(QObject):
    """Keeps what a person sees: after each frame, that frame's parts over the last ones."""

    def __init__(self, view: ImageView) -> None:
        super().__init__()
        stage = view.findChild(QGraphicsView)
        assert stage is not None
        self._surface = stage.viewport()
        self.seen = self.fresh()
        self.painted = QRegion()
        self._is_looking = True
        self._surface.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if self._is_looking and isinstance(event, QPaintEvent):
            self.painted += event.region()
        return False

    def look(self) -> None:
        """See what the frames so far have painted."""
        QApplication.processEvents()
        part, self.painted = self.painted, QRegion()
        painter = QPainter(self.seen)
        painter.setClipRegion(part)
        self._is_looking = False
        self._surface.render(painter, part.boundingRect().topLeft(), part)
        self._is_looking = True
        painter.end()
        self.last = part

    def fresh(self) -> QImage:
        """Everything painted at once."""
        self._is_looking = False
        image = self._surface.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        self._is_looking = True
        return image


def pixels(image: QImage) -> np.ndarray:
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows.astype(int)


def column(rng: np.random.Generator) -> np.ndarray:
    """A column that bends to and fro."""
    down = np.arange(VERTEBRAE) * 50.0 + 40
    middle = 250 + 30 * np.sin(np.arange(VERTEBRAE) / 1.7) + rng.normal(0, 1, VERTEBRAE)
    corners = [
        [(y, x - 25), (y, x + 25), (y + 34, x - 25), (y + 34, x + 25)]
        for y, x in zip(down, middle, strict=True)
    ]
    return np.array(corners).reshape(-1, 2) + rng.normal(0, 2, (4 * VERTEBRAE, 2))


@pytest.fixture
def view(qtbot: QtBot) -> ImageView:
    view = ImageView()
    qtbot.addWidget(view)
    view.resize(620, 560)
    rng = np.random.default_rng(5)
    view.show_image(Image(rng.integers(0, 200, (520, 500)).astype(np.uint8)))
    view.show()
    qtbot.waitExposed(view)
    return view


def data_for(view: ImageView, corners: np.ndarray, **changes: object) -> CornersData:
    assert view.image is not None
    angles = (
        CobbLine(0, 4, 23.4, name="PT", main=False, plates=True),
        CobbLine(4, 8, 31.0, name="MT", plates=True),
    )
    data = CornersData(
        coordinates=corners,
        image_sha256=view.image.sha256,
        labels=tuple(f"T{n + 1}" for n in range(VERTEBRAE)),
        cobb=angles,
    )
    return replace(data, **changes)  # type: ignore[arg-type]


def test_every_change_of_a_column_is_painted_where_it_shows(view: ImageView, qtbot: QtBot) -> None:
    rng = np.random.default_rng(1)
    layer, ends = CornersLayer(), CurveEndsLayer()
    view.add_layer(layer)
    view.add_layer(ends)
    corners = column(rng)
    screen = Screen(view)
    moved = corners.copy()
    moved[17] += (9.0, 14.0)
    far = moved + rng.normal(0, 6, moved.shape)
    angle = CobbLine(1, 5, 17.2, name="TL", plates=True)
    for step in (
        data_for(view, corners),
        data_for(view, corners, selected=17, ghosts=corners),
        data_for(view, moved, selected=17, ghosts=corners, hints=frozenset({17})),
        data_for(view, moved, selected=3, ghosts=corners, pins=frozenset({30})),
        data_for(view, far, selected=3, ghosts=corners),
        data_for(view, far, cobb=(angle,), hints=frozenset({0, 35})),
        data_for(view, far, cobb=(), labels=()),
        data_for(view, corners),
    ):
        pairs = tuple(CurveEnds(line.upper, line.lower) for line in step.cobb)
        names = tuple("ABCDEFGHI")
        layer.set_data(step)
        chosen = 1 if step.selected == 3 else None
        ends.set_data(CurveEndsData(step.coordinates, pairs, names, selected=chosen))
        screen.look()
        assert np.abs(pixels(screen.seen) - pixels(screen.fresh())).max() <= ROUNDING


def test_a_drag_paints_its_vertebra_and_no_more(view: ImageView, qtbot: QtBot) -> None:
    layer = CornersLayer()
    view.add_layer(layer)
    corners = column(np.random.default_rng(2))
    layer.set_data(data_for(view, corners, labels=(), cobb=()))
    screen = Screen(view)
    screen.look()
    at = view.map_from_image(*corners[16].tolist())
    layer.press(at)
    layer.move(at + QPointF(4, 3))
    screen.look()
    for step in range(5, 12):
        layer.move(at + QPointF(step, 3))
        screen.look()
        assert np.abs(pixels(screen.seen) - pixels(screen.fresh())).max() <= ROUNDING
        room = screen.last.boundingRect()
        assert QRect(0, 0, view.width(), view.height()).contains(room)
        assert room.height() < view.height() / 4
    layer.release(at + QPointF(11, 3))
    screen.look()
    assert np.abs(pixels(screen.seen) - pixels(screen.fresh())).max() <= ROUNDING


def test_a_column_that_follows_a_drag_is_painted_as_one_drawn_anew(
    view: ImageView, qtbot: QtBot
) -> None:
    rng = np.random.default_rng(5)
    layer = CornersLayer()
    view.add_layer(layer)
    corners = column(rng)
    layer.set_data(data_for(view, corners, ghosts=corners))
    screen = Screen(view)
    screen.look()
    at = view.map_from_image(*corners[16].tolist())
    layer.press(at)
    for step in range(4, 12):
        layer.move(at + QPointF(step, 3))
        if step % 3 == 0:
            layer.carry_to(corners + rng.normal(0, 4, corners.shape))
        if step % 4 == 0:
            assert layer.shown_data is not None
            layer.set_data(replace(layer.shown_data, cobb=(CobbLine(1, 5, 10.0 + step),)))
        screen.look()
        assert np.abs(pixels(screen.seen) - pixels(screen.fresh())).max() <= ROUNDING
    layer.carry_to(corners[:4])
    assert len(layer.drawn) == len(corners), "corners of a column that is gone are not drawn"


def test_what_the_mouse_comes_upon_is_painted_and_no_more(view: ImageView, qtbot: QtBot) -> None:
    layer, ends = CornersLayer(), CurveEndsLayer()
    for each in (layer, ends):
        view.add_layer(each)
    corners = column(np.random.default_rng(3))
    layer.set_data(data_for(view, corners))
    names = tuple("ABCDEFGHI")
    ends.set_data(CurveEndsData(corners, (CurveEnds(0, 4),), names, selected=None))
    screen = Screen(view)
    screen.look()
    for place in (view.map_from_image(*corners[20].tolist()), QPointF(*ends.handles[1]), None):
        for each in (layer, ends):
            each.hover(place)
        screen.look()
        assert np.abs(pixels(screen.seen) - pixels(screen.fresh())).max() <= ROUNDING
        assert screen.last.boundingRect().height() < view.height() / 2


def test_a_canvas_painted_as_a_whole_shows_a_kept_column(
    view: ImageView, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer, drawn = CornersLayer(), list[object]()
    view.add_layer(layer)
    layer.set_data(data_for(view, column(np.random.default_rng(3))))
    paint = corners_layer.paint_column
    monkeypatch.setattr(
        corners_layer, "paint_column", lambda *how, **more: drawn.append(how) or paint(*how, **more)
    )
    for _ in range(4):
        view.grab()
    assert len(drawn) == 2  # itself, then its picture; from then on that is shown
    for _ in range(4):
        view.pan_by(8, 3)
        view.grab()
    assert len(drawn) == 2
