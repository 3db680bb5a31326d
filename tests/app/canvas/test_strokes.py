"""Lines with a rim: where they lie, and that what is beside them is darker."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QImage, QPainter, qGray
from pytestqt.qtbot import QtBot

from app.canvas import colors
from app.canvas.strokes import draw_rimmed


@pytest.mark.parametrize("density", [1.0, 2.0])
def test_a_line_is_bright_between_two_dark_rims(qtbot: QtBot, density: float) -> None:
    picture = QImage(int(40 * density), int(40 * density), QImage.Format.Format_RGB32)
    picture.setDevicePixelRatio(density)
    picture.fill(0xFF808080)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    draw_rimmed(painter, np.array([[[4.0, 20.0], [36.0, 20.0]]]), color=colors.CORNER, width=1.4)
    painter.end()

    across = [qGray(picture.pixel(int(20 * density), y)) for y in range(picture.height())]
    middle = int(20 * density)
    assert max(across) == max(across[middle - 1 : middle + 1]) > 0x80
    for side in (across[:middle], across[middle:]):
        assert min(side) < 0x60
    far = int(4 * density)
    assert across[middle - far] == across[middle + far] == 0x80
    assert qGray(picture.pixel(int(1 * density), middle)) == 0x80


def test_a_line_without_length_is_no_fault(qtbot: QtBot) -> None:
    picture = QImage(8, 8, QImage.Format.Format_RGB32)
    picture.fill(0)
    painter = QPainter(picture)
    draw_rimmed(painter, np.full((1, 2, 2), 4.0), color=colors.CORNER, width=1.4)
    draw_rimmed(painter, np.empty((0, 2, 2)), color=colors.CORNER, width=1.4)
    painter.end()
