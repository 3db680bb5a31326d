"""A measure's line runs through the pixels it names, at 32× zoom and on dense screens."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QImage

from app.canvas import colors
from app.canvas.layers.measures import MeasuresLayer
from app.canvas.layers.measures_data import MeasureItem, MeasuresData
from app.canvas.layers.measures_paint import Around, label_box
from app.canvas.view import ImageView
from domain.image import Image
from domain.measures import Measure, MeasureKind

ZOOM = 32.0
LINE = Measure("m", MeasureKind.LINE, ((38.0, 18.0), (41.0, 24.0)))
ORIENTATIONS = pytest.mark.parametrize(
    ("turns", "flip"), [(0, False), (0, True), (1, False), (2, True), (3, False)]
)


@pytest.fixture
def view(qtbot) -> ImageView:
    """A black film at 32× around the line, off the screen's grid on purpose."""
    made = ImageView()
    qtbot.addWidget(made)
    made.resize(401, 383)
    made.show()
    qtbot.waitExposed(made)
    made.show_image(Image(np.zeros((90, 50), np.uint8)))
    made.zoom_by(ZOOM / made.placement.zoom)
    at = made.map_from_image(39.5, 21)
    made.pan_by(200.3 - at.x(), 190.7 - at.y())
    return made


def with_layer(view: ImageView, *measures: Measure, text: str = "") -> MeasuresLayer:
    layer = MeasuresLayer()
    view.add_layer(layer)
    items = tuple(MeasureItem(measure, text) for measure in measures)
    layer.set_data(MeasuresData(view.image.sha256, view.image.shape[0], items))
    return layer


def painted(view: ImageView, *, density: float) -> np.ndarray:
    """(height, width) where the measures' colour is, in device pixels."""
    shape = round(view.width() * density), round(view.height() * density)
    shot = QImage(*shape, QImage.Format.Format_RGB888)
    shot.setDevicePixelRatio(density)
    view.render(shot)
    rows = [bytes(shot.constScanLine(y))[: 3 * shot.width()] for y in range(shot.height())]
    rgb = np.array([list(row) for row in rows], dtype=float).reshape(shot.height(), -1, 3)
    wanted = np.array([colors.MEASURE.red(), colors.MEASURE.green(), colors.MEASURE.blue()])
    mask: np.ndarray = np.abs(rgb - wanted).max(axis=2) < 40
    return mask


@ORIENTATIONS
@pytest.mark.parametrize("density", [1.0, 2.0])
def test_a_line_is_painted_where_its_pixels_are(
    view: ImageView, turns: int, flip: bool, density: float
) -> None:
    view.rotate(turns)
    if flip:
        view.flip_horizontal()
    with_layer(view, LINE)
    mask = painted(view, density=density)
    (row0, column0), (row1, column1) = LINE.points
    for share in np.linspace(0.1, 0.9, 9):
        at = view.map_from_image(
            row0 + share * (row1 - row0), column0 + share * (column1 - column0)
        )
        x, y = int(at.x() * density), int(at.y() * density)
        assert mask[y - 1 : y + 2, x - 1 : x + 2].any()
    ys, xs = np.nonzero(mask)
    seen = np.stack([ys + 0.5, xs + 0.5], axis=1) / density
    start, end = (np.array([p.y(), p.x()]) for p in (view.map_from_image(*q) for q in LINE.points))
    along = (end - start) / np.linalg.norm(end - start)
    off = np.abs((seen - start) @ np.array([-along[1], along[0]]))
    near_handle = np.minimum(
        np.linalg.norm(seen - start, axis=1), np.linalg.norm(seen - end, axis=1)
    )
    assert off[near_handle > 8].max() < 1.8, "and nowhere else"


@pytest.mark.parametrize("kind", [MeasureKind.RECTANGLE, MeasureKind.ELLIPSE])
def test_an_outline_encloses_the_pixels_that_are_read(view: ImageView, kind: MeasureKind) -> None:
    with_layer(view, Measure("m", kind, ((37.0, 18.0), (42.0, 24.0))))
    mask = painted(view, density=1.0)
    edges = (view.map_from_image(37, 21), view.map_from_image(42, 21))
    for at in (*edges, view.map_from_image(39.5, 18), view.map_from_image(39.5, 24)):
        x, y = int(at.x()), int(at.y())
        assert mask[y - 1 : y + 2, x - 1 : x + 2].any()
    inner = view.map_from_image(39.5, 21)
    x, y = int(inner.x()), int(inner.y())
    assert not mask[y - 40 : y + 40, x - 40 : x + 40].any()


def test_words_keep_their_size_and_cover_no_handle(view: ImageView) -> None:
    size, room = QSizeF(120, 22), QRectF(0, 0, 400, 380)
    for seed in range(200):
        handles = np.random.default_rng(seed).uniform(0, 380, (4, 2))
        taken = (QRectF(100, 100, 120, 22),)
        box = label_box(handles, size=size, around=Around(room, handles, taken))
        assert box.size() == size
        outside = [QPointF(x, y) for x, y in handles.tolist() if box.contains(QPointF(x, y))]
        assert outside == []
