"""Draws a study with its implants outlined into a PNG: the still picture, or its frames in rows."""

from __future__ import annotations

import io
import math
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw

from app.io.exporters.implant_spec import ImplantExport, require_decisions, standing
from app.io.exporters.lettering import font
from app.io.exporters.look import Look
from app.io.exporters.spec import RESEARCH_USE
from app.io.writing import write_atomically
from domain.implant import ImplantDecisions, Region, Verdict
from domain.implant_study import true_aspect
from domain.implant_words import sentences

Color = tuple[int, int, int]

_FOUND: Color = (255, 180, 84)
_ACCEPTED: Color = (159, 230, 160)
_TEXT: Color = (225, 231, 239)
_HALO: Color = (5, 7, 10)
_STRIP: Color = (12, 17, 22)
_STILL_WIDTH = 1600
_FRAME_WIDTH = 480
_IN_A_ROW = 4
_SUBPIXEL_BITS = 4


def write_implant_picture(export: ImplantExport, path: Path) -> None:
    """Write the picture.

    Raises:
        ExportFailed: nobody has looked yet, or the file cannot be written.
    """
    buffer = io.BytesIO()
    implant_picture(export).save(buffer, "PNG")
    write_atomically(path, buffer.getvalue())


def implant_picture(export: ImplantExport) -> Pillow.Image:
    """The picture, with words below.

    Raises:
        ExportFailed: nobody has looked yet.
    """
    decided, plan = require_decisions(export), export.plan
    if plan.is_still:
        tiles = [_tile(export, decided, standing(decided), number=None, width=_STILL_WIDTH)]
        return _with_words(_sheet(tiles, in_a_row=1), _words(export, decided))
    tiles = [
        _tile(
            export,
            decided,
            tuple(region for region in standing(decided) if region.frame == picture),
            number=plan.numbers[picture],
            width=_FRAME_WIDTH,
        )
        for picture in range(plan.own)
    ]
    return _with_words(_sheet(tiles, in_a_row=_IN_A_ROW), _words(export, decided))


def _tile(
    export: ImplantExport,
    decided: ImplantDecisions,
    regions: tuple[Region, ...],
    *,
    number: int | None,
    width: int,
) -> Pillow.Image:
    """A frame, or the still picture, with its outlines and what they are."""
    image = export.image if number is None else export.image.frame(number)
    shown = Look().brightness(image)
    shown = shown if shown.ndim == 3 else np.stack([shown] * 3, axis=-1)
    rows, columns = image.shape
    height = max(1, round(width * rows / columns * true_aspect(image)))
    canvas = np.asarray(cv2.resize(shown, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    canvas = np.ascontiguousarray(canvas)
    scale = np.array([height / rows, width / columns])
    accepted = {i.number for i in decided.implants if i.verdict is Verdict.ACCEPTED}
    for region in regions:
        ink = _ACCEPTED if region.implant in accepted else _FOUND
        _draw(canvas, (np.array(region.outline) + 0.5) * scale - 0.5, ink=ink)
    picture = Pillow.fromarray(canvas)
    pen = ImageDraw.Draw(picture)
    sites = {implant.number: implant.site for implant in decided.implants}
    for region in regions:
        places = (np.array(region.outline) + 0.5) * scale - 0.5
        words = sites.get(region.implant) or f"#{region.implant}"
        at = (float(places[:, 1].mean()), float(places[:, 0].min()) - 4)
        _write(pen, words, at=at, anchor="ms")
    if number is not None:
        _write(pen, f"frame {number + 1}", at=(6, 6), anchor="la")
    return picture


def _draw(canvas: NDArray[np.uint8], places: NDArray[np.float64], *, ink: Color) -> None:
    fixed = [np.rint(places[:, ::-1] * (1 << _SUBPIXEL_BITS)).astype(np.int32)]
    for paint, thick in ((_HALO, 4), (ink, 2)):
        cv2.polylines(canvas, fixed, True, paint, thick, cv2.LINE_AA, _SUBPIXEL_BITS)


def _write(
    pen: ImageDraw.ImageDraw, words: str, *, at: tuple[float, float], anchor: str, size: float = 18
) -> None:
    pen.text(
        at, words, fill=_TEXT, font=font(size), anchor=anchor, stroke_width=2, stroke_fill=_HALO
    )


def _sheet(tiles: list[Pillow.Image], *, in_a_row: int) -> Pillow.Image:
    width, height = tiles[0].size
    across = min(in_a_row, len(tiles))
    sheet = Pillow.new("RGB", (across * width, math.ceil(len(tiles) / across) * height), _STRIP)
    for number, tile in enumerate(tiles):
        sheet.paste(tile, (number % across * width, number // across * height))
    return sheet


def _words(export: ImplantExport, decided: ImplantDecisions) -> list[str]:
    count = len({region.implant for region in standing(decided)})
    score = "no score" if math.isnan(decided.score) else f"score {decided.score:.3g}"
    healthy = "" if math.isnan(decided.p_value) else f", p = {decided.p_value:.3g}"
    told = [
        export.study,
        f"{count} {'implant' if count == 1 else 'implants'}, {score}{healthy} "
        f"({decided.scoring.value.replace('_', ' ')}, threshold {decided.threshold:.3g})",
    ]
    if decided.options is not None:
        options = decided.options
        seed = "seed" if options.seeds == 1 else f"mean of {options.seeds} seeds from"
        sampler = options.sampler.value.replace("_", " ")
        told.append(f"λ {options.level}, {options.steps} steps, {sampler}, {seed} {export.seed}")
    told.append("accepted" if export.annotations.accepted else "not accepted by a person")
    if export.image.synthetic:
        told.append("Synthetic: drawn by a program, no patient")
    return [*told, *sentences(decided.doubts), RESEARCH_USE]


def _with_words(picture: Pillow.Image, words: list[str]) -> Pillow.Image:
    size, step = 20, 30
    face = font(size)
    width = max(picture.width, round(max(face.getlength(line) for line in words)) + 2 * size)
    sheet = Pillow.new("RGB", (width, picture.height + step * len(words) + size), _STRIP)
    sheet.paste(picture, ((width - picture.width) // 2, 0))
    pen = ImageDraw.Draw(sheet)
    for number, line in enumerate(words):
        pen.text((size, picture.height + size / 2 + step * number), line, fill=_TEXT, font=face)
    return sheet
