"""Draws a film with its corners, end-plates, names, angles and measures into a PNG, without Qt."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw

from app.io.exporters.angles import rule_words, shown_angles
from app.io.exporters.facts import require_anything
from app.io.exporters.lettering import font
from app.io.exporters.overlay import (
    ENDS_SIZE,
    FIGURE_SIZE,
    NAME_SIZE,
    Ground,
    Mark,
    Overlay,
    Words,
    overlay,
)
from app.io.exporters.spec import RESEARCH_USE, VertebraeExport
from app.io.writing import write_atomically
from domain.annotation import Annotations
from domain.calibration import grid_of
from domain.cobb_shape import bracket
from domain.geometry import FloatArray

Color = tuple[int, int, int]  # red, green, blue

_PLATE: Color = (111, 214, 234)
_CORNER: Color = (166, 236, 248)
_HINT: Color = (255, 180, 84)
_PIN: Color = (211, 180, 255)
_COBB: Color = (159, 230, 160)
_COBB_QUIET: Color = (110, 160, 111)
_MEASURE: Color = (243, 233, 107)
_TEXT: Color = (225, 231, 239)
_QUIET: Color = (154, 164, 178)
_SYNTHETIC: Color = (255, 207, 112)
_HALO: Color = (5, 7, 10)
_STRIP: Color = (12, 17, 22)

_LEAST_HEIGHT = 1400  # smaller films are enlarged, so that words beside a vertebra fit
_LEAST_WIDTH = 520
_SUBPIXEL_BITS = 4


@dataclass(frozen=True, eq=False)
class _Sheet:
    """What is drawn on: (rows, columns, 3) pixels, and what is drawn."""

    canvas: NDArray[np.uint8]
    over: Overlay
    unit: float  # a hundredth of the film's longer side: everything is sized by it


def write_vertebrae_picture(export: VertebraeExport, path: Path) -> None:
    """Write the picture.

    Raises:
        ExportFailed: nothing was found on the film yet, or the file cannot be written.
    """
    require_anything(export)
    buffer = io.BytesIO()
    vertebrae_picture(export).save(buffer, "PNG")
    write_atomically(path, buffer.getvalue())


def vertebrae_picture(export: VertebraeExport) -> Pillow.Image:
    """The film as it is looked at, with everything decided on it, and a strip of words below."""
    picture, sheet = _drawn(export)
    return _with_strip(picture, _lines(export), unit=sheet.unit)


def overlaid_film(export: VertebraeExport) -> Pillow.Image:
    """The same without the strip, for a page that has words of its own."""
    return _drawn(export)[0]


def _drawn(export: VertebraeExport) -> tuple[Pillow.Image, _Sheet]:
    sheet = _sheet(export)
    over, unit = sheet.over, sheet.unit
    for mark in reversed(over.marks):
        _draw_angle(sheet, mark)
    if over.corners is not None:
        _draw_plates(sheet, over.corners)
        _draw_corners(sheet, over.corners, export.annotations)
    for line in (line for measure in over.measures for line in measure.lines):
        _stroke(sheet, line, ink=_MEASURE, width=0.16)
    picture = Pillow.fromarray(sheet.canvas)
    pen = ImageDraw.Draw(picture)
    for words in (*over.names, *over.readings):
        _write_words(pen, words, unit=unit)
    for mark in over.marks:
        _write_angle(pen, mark, unit=unit)
    if export.image.synthetic:
        _write(pen, "SYNTHETIC", at=(unit, unit), size=2.6 * unit, ink=_SYNTHETIC, anchor="la")
    return picture, sheet


def _sheet(export: VertebraeExport) -> _Sheet:
    look, aspect = export.look, export.image.grid.aspect
    film = look.turned(look.brightness(export.image))
    rows, columns = film.shape[:2]
    tall, wide = (1.0, aspect) if look.is_sideways else (aspect, 1.0)
    scale = max(1.0, min(_LEAST_HEIGHT / rows, _LEAST_HEIGHT / columns, 4.0))
    size = (round(columns * scale * wide), round(rows * scale * tall))
    large = cv2.resize(film, size, interpolation=cv2.INTER_CUBIC)
    large = large if large.ndim == 3 else np.stack([large] * 3, axis=-1)
    unit = max(*size, _LEAST_HEIGHT / 2) / 100
    ground = Ground(size[::-1], (size[1] / rows, size[0] / columns), unit)
    canvas = np.ascontiguousarray(large, dtype=np.uint8)
    return _Sheet(canvas, overlay(export, ground), unit)


def _stroke(sheet: _Sheet, line: FloatArray, *, ink: Color, width: float) -> None:
    """A line of (row, column) places over its own dark rim."""
    places = np.array([_fixed(place) for place in line], np.int32)
    thickness = max(1, round(width * sheet.unit))
    for paint, thick in ((_HALO, thickness + 2), (ink, thickness)):
        cv2.polylines(sheet.canvas, [places], False, paint, thick, cv2.LINE_AA, _SUBPIXEL_BITS)


def _fixed(place: FloatArray) -> tuple[int, int]:
    """(column, row) in fixed point; far outside stays within what the drawing can hold."""
    row, column = np.clip(place, -30_000, 30_000) * (1 << _SUBPIXEL_BITS)
    return round(float(column)), round(float(row))


def _draw_plates(sheet: _Sheet, corners: FloatArray) -> None:
    for plate in corners.reshape(-1, 2, 2):
        _stroke(sheet, plate, ink=_PLATE, width=0.12)


def _draw_corners(sheet: _Sheet, corners: FloatArray, annotations: Annotations) -> None:
    radius = round(0.32 * sheet.unit * (1 << _SUBPIXEL_BITS))
    hints = annotations.hints
    for index, place in enumerate(corners):
        ink = _HINT if index in hints else _CORNER
        ink = _PIN if index in annotations.pins else ink
        wide = radius * 3 // 2 if index in annotations.held else radius
        for size, paint in ((wide + radius // 2, _HALO), (wide, ink)):
            cv2.circle(
                sheet.canvas, _fixed(place), size, paint, cv2.FILLED, cv2.LINE_AA, _SUBPIXEL_BITS
            )


def _draw_angle(sheet: _Sheet, mark: Mark) -> None:
    """Both prolonged lines and the bracket that pairs them."""
    ink, width = (_COBB, 0.18) if mark.angle.main else (_COBB_QUIET, 0.14)
    for line in (*mark.shape.lines, bracket(mark.shape)):
        _stroke(sheet, line, ink=ink, width=width)


def _write_angle(pen: ImageDraw.ImageDraw, mark: Mark, *, unit: float) -> None:
    """The figure over the names of the end vertebrae, on a dark ground."""
    box, angle = mark.box, mark.angle
    top, left = box.row - box.height / 2, box.column - box.width / 2
    sides = (left, top, left + box.width, top + box.height)
    ink = _COBB if angle.main else _COBB_QUIET
    pen.rounded_rectangle(sides, unit, fill=_STRIP, outline=ink, width=max(1, round(0.1 * unit)))
    half = 0.58 * unit
    at = (box.column, box.row - half * ENDS_SIZE)
    _write(pen, angle.figure, at=at, size=FIGURE_SIZE * unit, ink=_COBB, strong=True)
    at = (box.column, box.row + half * FIGURE_SIZE)
    _write(pen, angle.ends, at=at, size=ENDS_SIZE * unit, ink=_TEXT)


def _write_words(pen: ImageDraw.ImageDraw, words: Words, *, unit: float) -> None:
    at = (words.box.column, words.box.row)
    _write(pen, words.words, at=at, size=NAME_SIZE * unit, ink=_TEXT)


def _lines(export: VertebraeExport) -> list[tuple[str, Color]]:
    """The words below the film, with their colours."""
    said = [(export.study, _TEXT)]
    if export.annotations.points is not None:
        said += [(angle.line, _COBB) for angle in shown_angles(export)]
        said.append((rule_words(export), _QUIET))
    state = "accepted" if export.annotations.accepted else "not accepted by a person"
    grid = grid_of(export.image, export.annotations)
    calibrated = f"calibrated ({grid.source})" if grid.calibrated else "uncalibrated"
    said.append((f"{state}, {calibrated}", _QUIET))
    if export.look.words:
        said.append((export.look.words, _TEXT))
    if export.image.synthetic:
        said.append(("Synthetic: drawn by a program, no patient", _SYNTHETIC))
    said.append((RESEARCH_USE, _QUIET))
    return said


def _with_strip(film: Pillow.Image, lines: list[tuple[str, Color]], *, unit: float) -> Pillow.Image:
    """The film in the middle of a sheet that is wide enough for the words below it."""
    size = 1.6 * unit
    face, step = font(size), 1.5 * size
    words_width = max(face.getlength(words) for words, _ in lines)
    width = max(film.width, round(words_width + 2 * size), _LEAST_WIDTH)
    height = film.height + round(step * len(lines) + 2 * size)
    sheet = Pillow.new("RGB", (width, height), _STRIP)
    sheet.paste(film, ((width - film.width) // 2, 0))
    pen = ImageDraw.Draw(sheet)
    for number, (words, ink) in enumerate(lines):
        pen.text((size, film.height + size + step * number), words, fill=ink, font=face)
    return sheet


def _write(
    pen: ImageDraw.ImageDraw,
    words: str,
    *,
    at: tuple[float, float],
    size: float,
    ink: Color,
    anchor: str = "mm",
    strong: bool = False,
) -> None:
    """Words with a dark rim, readable on any film."""
    rim = max(1, round(size / 12))
    face = font(size, strong=strong)
    pen.text(at, words, fill=ink, font=face, anchor=anchor, stroke_width=rim, stroke_fill=_HALO)
