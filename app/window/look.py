"""The film as it is on the canvas, for pictures that leave."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QImage

from app.canvas.view import ImageView
from app.io.exporters.look import Look, Shown


def look_of(view: ImageView) -> Look:
    """The film as it is on the canvas: its window, flips and turns."""
    state = view.view_state()
    return Look(_pixels(view.film_picture()), state.flipped_h, state.flipped_v, state.quarter_turns)


def _pixels(picture: QImage) -> Shown | None:
    """(rows, columns) or (rows, columns, 3); None where nothing is shown."""
    if picture.isNull():
        return None
    grey, colour = QImage.Format.Format_Grayscale8, QImage.Format.Format_RGB888
    kind, channels = (grey, 1) if picture.format() == grey else (colour, 3)
    plain = picture.convertToFormat(kind)
    rows, columns = plain.height(), plain.width()
    lines = np.frombuffer(plain.constBits(), np.uint8).reshape(rows, plain.bytesPerLine())
    pixels = lines[:, : columns * channels].copy()
    return pixels if channels == 1 else pixels.reshape(rows, columns, channels)
