"""Draws a film with its corners, end-plates, names and Cobb angles into a PNG, without Qt."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from app.io.exporters.facts import angles_of, require_points
from app.io.exporters.picture_measures import Scale, draw_measures
from app.io.exporters.spec import RESEARCH_USE, VertebraeExport
from app.io.writing import write_atomically
from domain.annotation import Annotations
from domain.calibration import grid_of
from domain.geometry import FloatArray, resample
from domain.vertebrae import CobbAngle, CobbAngles, names_of

Color = tuple[int, int, int]  # red, green, blue

_PLATE: Color = (111, 214, 234)
_CORNER: Color = (166, 236, 248)
_HINT: Color = (255, 180, 84)
_PIN: Color = (211, 180, 255)
_COBB: Color = (159, 230, 160)
_TEXT: Color = (225, 231, 239)
_QUIET: Color = (154, 164, 178)
_SYNTHETIC: Color = (255, 207, 112)
_HALO: Color = (5, 7, 10)
_STRIP: Color = (12, 17, 22)

_LEAST_HEIGHT = 1400  # smaller films are enlarged, so that words beside a vertebra fit
_LEAST_WIDTH = 520
_SUBPIXEL_BITS = 4


@dataclass(frozen=True)
class _Sheet:
    """What is drawn on: (rows, columns, 3) pixels, and the film's corners on them."""

    canvas: NDArray[np.uint8]
    corners: FloatArray | None
    unit: float  # a hundredth of the film's height: everything is sized by it
    is_sideways: bool  # the column lies: names stand above it, not left of it


def write_vertebrae_picture(export: VertebraeExport, path: Path) -> None:
    """Write the picture.

    Raises:
        ExportFailed: nothing was found on the film yet, or the file cannot be written.
    """
    if not export.annotations.measures:
        require_points(export)
    buffer = io.BytesIO()
    vertebrae_picture(export).save(buffer, "PNG")
    write_atomically(path, buffer.getvalue())


def vertebrae_picture(export: VertebraeExport) -> Pillow.Image:
    """The film as it is looked at, with everything decided on it, and a strip of words below."""
    picture, sheet = _drawn(export)
    return _with_strip(picture, _lines(export, _angles(export)), unit=sheet.unit)


def overlaid_film(export: VertebraeExport) -> Pillow.Image:
    """The same without the strip, for a page that has words of its own."""
    return _drawn(export)[0]


def _drawn(export: VertebraeExport) -> tuple[Pillow.Image, _Sheet]:
    annotations, angles = export.annotations, _angles(export)
    sheet = _sheet(export)
    if sheet.corners is not None:
        _draw_plates(sheet, sheet.corners)
        if angles is not None:
            _draw_cobb_lines(sheet, sheet.corners, angles.main)
        _draw_corners(sheet, sheet.corners, annotations)
    picture = Pillow.fromarray(sheet.canvas)
    pen = ImageDraw.Draw(picture)
    if sheet.corners is not None:
        _write_names(pen, sheet, sheet.corners, names_of(annotations))
        if angles is not None:
            _write_angle(pen, sheet, sheet.corners, angles.main)
    _add_measures(pen, export, sheet)
    if export.image.synthetic:
        _write(pen, "SYNTHETIC", at=(sheet.unit, sheet.unit), size=2.6 * sheet.unit, ink=_SYNTHETIC)
    return picture, sheet


def _add_measures(pen: ImageDraw.ImageDraw, export: VertebraeExport, sheet: _Sheet) -> None:
    def write(words: str, at: tuple[float, float]) -> None:
        size = 1.7 * sheet.unit
        room = sheet.canvas.shape[1] - pen.textlength(words, font=_font(size)) - sheet.unit
        _write(pen, words, at=(min(at[0], room), at[1]), size=size, ink=_TEXT, anchor="lm")

    rows, columns = export.look.turned_shape(export.image.shape)
    factors = (sheet.canvas.shape[0] / rows, sheet.canvas.shape[1] / columns)
    draw_measures(pen, export, scale=Scale(factors, sheet.unit), write=write)


def _angles(export: VertebraeExport) -> CobbAngles | None:
    return None if export.annotations.points is None else angles_of(export)


def _sheet(export: VertebraeExport) -> _Sheet:
    look = export.look
    film = look.turned(look.brightness(export.image))
    rows, columns = film.shape[:2]
    scale = max(1.0, min(_LEAST_HEIGHT / rows, _LEAST_HEIGHT / columns, 4.0))
    size = (round(columns * scale), round(rows * scale))
    large = cv2.resize(film, size, interpolation=cv2.INTER_CUBIC)
    large = large if large.ndim == 3 else np.stack([large] * 3, axis=-1)
    canvas = np.ascontiguousarray(large, dtype=np.uint8)
    corners, points = None, export.annotations.points
    if points is not None:
        factors = (size[1] / rows, size[0] / columns)
        placed = look.placed(points.coordinates, shape=export.image.shape)
        corners = resample(placed, scale=factors)
    unit = max(size[1], _LEAST_HEIGHT / 2) / 100
    return _Sheet(canvas, corners, unit, look.is_sideways)


def _line(sheet: _Sheet, start: FloatArray, end: FloatArray, *, ink: Color, width: float) -> None:
    thickness = max(1, round(width * sheet.unit))
    cv2.line(sheet.canvas, _fixed(start), _fixed(end), ink, thickness, cv2.LINE_AA, _SUBPIXEL_BITS)


def _fixed(place: FloatArray) -> tuple[int, int]:
    """(column, row) in fixed point; far outside stays within what the drawing can hold."""
    row, column = np.clip(place, -30_000, 30_000) * (1 << _SUBPIXEL_BITS)
    return round(float(column)), round(float(row))


def _draw_plates(sheet: _Sheet, corners: FloatArray) -> None:
    for top_left, top_right, bottom_left, bottom_right in corners.reshape(-1, 4, 2):
        _line(sheet, top_left, top_right, ink=_PLATE, width=0.12)
        _line(sheet, bottom_left, bottom_right, ink=_PLATE, width=0.12)


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


def _middle_line(corners: FloatArray, vertebra: int) -> tuple[FloatArray, FloatArray]:
    """The ends of the line that tells a vertebra's tilt: left and right on an unturned film."""
    top_left, top_right, bottom_left, bottom_right = corners.reshape(-1, 4, 2)[vertebra]
    return (top_left + bottom_left) / 2, (top_right + bottom_right) / 2


def _draw_cobb_lines(sheet: _Sheet, corners: FloatArray, angle: CobbAngle) -> None:
    """The tilts of both end vertebrae, drawn well beyond them."""
    for vertebra in (angle.upper, angle.lower):
        left, right = _middle_line(corners, vertebra)
        _line(sheet, left - (right - left), right + (right - left), ink=_COBB, width=0.16)


def _write_names(
    pen: ImageDraw.ImageDraw, sheet: _Sheet, corners: FloatArray, names: tuple[str, ...]
) -> None:
    """Left of each vertebra, right of it where the film ends there; above a column that lies."""
    size, gap = 1.7 * sheet.unit, 0.9 * sheet.unit
    room = pen.textlength("T12", font=_font(size)) + 2 * sheet.unit
    axis = 0 if sheet.is_sideways else 1
    before, after = ("mb", "mt") if sheet.is_sideways else ("rm", "lm")
    for vertebra, name in enumerate(names):
        near, far = sorted(_middle_line(corners, vertebra), key=lambda end: float(end[axis]))
        is_near = float(near[axis]) > room
        place = (near if is_near else far).copy()
        place[axis] += -gap if is_near else gap
        at = (float(place[1]), float(place[0]))
        _write(pen, name, at=at, size=size, ink=_TEXT, anchor=before if is_near else after)


def _write_angle(
    pen: ImageDraw.ImageDraw, sheet: _Sheet, corners: FloatArray, angle: CobbAngle
) -> None:
    """The main angle, beside the column between its end vertebrae, inside the film."""
    between = corners[4 * angle.upper : 4 * angle.lower + 4]
    size = 2.8 * sheet.unit
    words = f"{angle.angle_deg:.1f}°"
    height, width = sheet.canvas.shape[:2]
    row, column = (float(value) for value in between.mean(axis=0))
    if sheet.is_sideways:
        row = min(float(between[:, 0].max()) + 2 * sheet.unit, height - 2 * size)
        _write(pen, words, at=(column, row), size=size, ink=_COBB, anchor="ma")
        return
    column = float(between[:, 1].max()) + 2 * sheet.unit
    column = min(column, width - pen.textlength(words, font=_font(size)) - sheet.unit)
    _write(pen, words, at=(column, row), size=size, ink=_COBB, anchor="lm")


def _lines(export: VertebraeExport, angles: CobbAngles | None) -> list[tuple[str, Color]]:
    """The words below the film, with their colours."""
    said = [(export.study, _TEXT)]
    if angles is not None:
        names = names_of(export.annotations)
        for role, angle in (
            ("Main", angles.main),
            ("Second", angles.second),
            ("Third", angles.third),
        ):
            ends = f"{names[angle.upper]} to {names[angle.lower]}"
            ends = ends if angle.upper != angle.lower else "(no such curve by the rule)"
            said.append((f"{role} {angle.angle_deg:.1f}°  {ends}", _COBB))
        said.append((f"{angles.shape.value}-shaped column, AASCE rule", _QUIET))
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
    font, step = _font(size), 1.5 * size
    words_width = max(font.getlength(words) for words, _ in lines)
    width = max(film.width, round(words_width + 2 * size), _LEAST_WIDTH)
    height = film.height + round(step * len(lines) + 2 * size)
    sheet = Pillow.new("RGB", (width, height), _STRIP)
    sheet.paste(film, ((width - film.width) // 2, 0))
    pen = ImageDraw.Draw(sheet)
    for number, (words, ink) in enumerate(lines):
        pen.text((size, film.height + size + step * number), words, fill=ink, font=font)
    return sheet


def _write(
    pen: ImageDraw.ImageDraw,
    words: str,
    *,
    at: tuple[float, float],
    size: float,
    ink: Color,
    anchor: str = "la",
) -> None:
    """Words with a dark rim, readable on any film."""
    rim = max(1, round(size / 12))
    pen.text(
        at, words, fill=ink, font=_font(size), anchor=anchor, stroke_width=rim, stroke_fill=_HALO
    )


def _font(size: float) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(max(8.0, size))
    if not isinstance(font, ImageFont.FreeTypeFont):
        msg = "this Pillow was built without FreeType"
        raise TypeError(msg)
    return font
