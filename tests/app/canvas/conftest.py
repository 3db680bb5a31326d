"""A small film and a column of corners on it, made here so that no data folder is needed."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QWidget

from app.canvas.layers.corners import CornersLayer
from app.canvas.layers.corners_data import CornersData
from app.canvas.view import ImageView
from domain.image import Image
from domain.numbering import LEVELS


def film(*, rows: int = 360, columns: int = 160, seed: int = 1, bits: int = 8) -> Image:
    """Noise over a gradient: no two places alike."""
    noise = np.random.default_rng(seed).integers(0, 40, (rows, columns))
    values = noise + np.linspace(0, 200, rows).astype(int)[:, None]
    return Image(values.astype(np.uint8) if bits == 8 else (values * 60).astype(np.uint16))


def column_of(image: Image) -> np.ndarray:
    """(68, 2) a straight column down the middle of a film."""
    rows, columns = image.shape
    tops = np.linspace(0.05, 0.9, 17) * rows
    height, half = rows * 0.035, columns * 0.12
    middle = columns / 2
    corners = [
        (top + down * height, middle + side * half)
        for top in tops
        for down in (0, 1)
        for side in (-1, 1)
    ]
    return np.array(corners)


def data_of(image: Image, **changes: object) -> CornersData:
    """What the layer draws on a film."""
    fields = {"coordinates": column_of(image), "image_sha256": image.sha256}
    fields |= {"labels": LEVELS, **changes}
    return CornersData(**fields)  # type: ignore[arg-type]


def stage_of(view: ImageView) -> QWidget:
    """The widget that the mouse is over."""
    return view.findChild(QAbstractScrollArea).viewport()


class Mouse:
    """Real mouse events, as the window system would deliver them to the canvas."""

    def __init__(self, view: ImageView) -> None:
        self.view, self.surface = view, stage_of(view)

    def press(
        self,
        at: QPointF,
        button: Qt.MouseButton = Qt.MouseButton.LeftButton,
        modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    ) -> None:
        """A button goes down."""
        QTest.mousePress(self.surface, button, modifiers, at.toPoint())

    def move(self, at: QPointF, button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
        """The mouse moves with that button down (QTest's own move may leave the button out)."""
        spot = QPointF(at.toPoint())
        event = QMouseEvent(
            QEvent.Type.MouseMove,
            spot,
            self.surface.mapToGlobal(spot),
            Qt.MouseButton.NoButton,
            button,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(self.surface, event)

    def release(
        self,
        at: QPointF,
        button: Qt.MouseButton = Qt.MouseButton.LeftButton,
    ) -> None:
        """A button goes up."""
        QTest.mouseRelease(self.surface, button, Qt.KeyboardModifier.NoModifier, at.toPoint())

    def drag(
        self,
        start: QPointF,
        end: QPointF,
        button: Qt.MouseButton = Qt.MouseButton.LeftButton,
        modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    ) -> None:
        """Press, move in four steps, release."""
        self.press(start, button, modifiers)
        for share in (0.25, 0.5, 0.75, 1.0):
            self.move(start + (end - start) * share, button)
        self.release(end, button)


@pytest.fixture
def image() -> Image:
    """An 8-bit film."""
    return film()


@pytest.fixture
def view(qtbot, image: Image) -> ImageView:
    """A canvas that shows the film."""
    made = ImageView()
    qtbot.addWidget(made)
    made.resize(640, 520)
    made.show()
    qtbot.waitExposed(made)
    made.show_image(image)
    return made


@pytest.fixture
def layer(view: ImageView, image: Image) -> CornersLayer:
    """A column over the film."""
    made = CornersLayer()
    view.add_layer(made)
    made.set_data(data_of(image))
    return made


@pytest.fixture
def mouse(view: ImageView) -> Mouse:
    """The hand."""
    return Mouse(view)


def snapped(view: ImageView, row: float, column: float) -> QPointF:
    """The whole screen pixel next to a place in the image: the mouse knows no others."""
    return QPointF(QPoint(view.map_from_image(row, column).toPoint()))
