"""The published five panels, side by side: noised, real, healed, what is left over, regions."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from app.io.exporters.implant_spec import (
    ImplantExport,
    require_decisions,
    require_findings,
    standing,
)
from app.io.video import mp4_bytes
from app.io.writing import write_atomically
from domain.implant import SIDE, ImplantDecisions, ImplantFindings
from domain.implant_heat import heat_of
from domain.implant_study import network_pictures, study_frames
from domain.provenance import Mode

Picture = NDArray[np.uint8]
LARGE = 3  # times as high and wide as the network's frames
_PUBLISHED_RATE = Fraction(30)
_SLOW = Fraction(4)  # frames a second, where nobody recorded a rate
_FASTEST = Fraction(60)
_OUTLINE = (255, 180, 84)
_SUBPIXEL_BITS = 4


def write_panels_film(export: ImplantExport, path: Path) -> None:
    """Write the panels as MP4, a picture of the study a frame.

    Raises:
        ExportFailed: the healed study is not at hand, or the file cannot be written.
    """
    write_atomically(path, mp4_bytes(panels(export), rate=_rate(export)))


def write_panels_picture(export: ImplantExport, path: Path) -> None:
    """Write the panels as one PNG, a row for each picture of the study.

    Raises:
        ExportFailed: the healed study is not at hand, or the file cannot be written.
    """
    buffer = io.BytesIO()
    Pillow.fromarray(np.concatenate(panels(export))).save(buffer, "PNG", compress_level=1)
    write_atomically(path, buffer.getvalue())


def panels(export: ImplantExport) -> list[Picture]:
    """(rows, 5 x rows, 3) of each picture that repeats no other.

    As published 128 rows, all grey, the fifth panel black and white; otherwise three times as
    large, heat in colours, and regions outlined on the real picture.

    Raises:
        ExportFailed: the healed study is not at hand.
    """
    findings, decided = require_findings(export), require_decisions(export)
    mode = _mode(export)
    stack = study_frames(export.image).pixels
    stack = 255 - stack if findings.options.inverted else stack
    real = _greys(network_pictures(stack, mode=mode))
    heat = heat_of(findings, decided.scoring)
    make = _as_published if mode is Mode.AS_PUBLISHED else _large
    count = findings.plan.own
    return [make(findings, decided, real=real[n], heat=heat[n], number=n) for n in range(count)]


def _mode(export: ImplantExport) -> Mode:
    origin = export.annotations.origin
    return Mode.CORRECTED if origin is None else origin.mode


def _as_published(
    findings: ImplantFindings,
    decided: ImplantDecisions,
    *,
    real: Picture,
    heat: NDArray[np.float64],
    number: int,
) -> Picture:
    rest = np.clip(np.rint(heat / max(float(heat.max()), 1e-9) * 255), 0, 255).astype(np.uint8)
    found = np.where(heat > decided.threshold, 255, 0).astype(np.uint8)
    row = np.concatenate([findings.noised[number], real, findings.healed[number], rest, found], 1)
    return _coloured(row)


def _large(
    findings: ImplantFindings,
    decided: ImplantDecisions,
    *,
    real: Picture,
    heat: NDArray[np.float64],
    number: int,
) -> Picture:
    greys = (findings.noised[number], real, findings.healed[number])
    top = 2 * decided.threshold if decided.threshold > 0 else float(heat.max())
    levels = np.clip(np.rint(heat / max(top, 1e-9) * 255), 0, 255).astype(np.uint8)
    coloured = cv2.applyColorMap(_enlarged(levels), cv2.COLORMAP_INFERNO)[..., ::-1]
    outlined = _coloured(_enlarged(real))
    for region in standing(decided):
        if findings.plan.is_still or region.frame == number:
            places = findings.plan.into(np.array(region.outline), picture=number, side=SIDE * LARGE)
            _draw(outlined, places)
    parts = [*(_coloured(_enlarged(grey)) for grey in greys), coloured, outlined]
    return np.ascontiguousarray(np.concatenate(parts, axis=1), dtype=np.uint8)


def _enlarged(grey: Picture) -> Picture:
    size = (SIDE * LARGE, SIDE * LARGE)
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def _coloured(grey: Picture) -> Picture:
    return np.ascontiguousarray(np.stack([grey] * 3, axis=-1))


def _draw(picture: Picture, places: NDArray[np.float64]) -> None:
    """A closed line of (row, column) places."""
    fixed = np.clip(np.rint(places[:, ::-1] * (1 << _SUBPIXEL_BITS)), -(2**20), 2**20)
    line = [fixed.astype(np.int32)]
    cv2.polylines(picture, line, True, _OUTLINE, 1, cv2.LINE_AA, _SUBPIXEL_BITS)


def _greys(frames: NDArray[np.float32]) -> Picture:
    greys: Picture = np.clip(np.rint((frames + 1) * 127.5), 0, 255).astype(np.uint8)
    return greys


def _rate(export: ImplantExport) -> Fraction:
    """As published thirty frames a second; else the study's own, spread over the frames shown."""
    if _mode(export) is Mode.AS_PUBLISHED:
        return _PUBLISHED_RATE
    cine, plan = export.image.cine, export.plan
    if cine is None or not cine.times_s or cine.times_s[-1] <= 0:
        return _SLOW
    seconds = cine.times_s[plan.numbers[plan.own - 1]]
    return min(_FASTEST, Fraction((plan.own - 1) / seconds).limit_denominator(1000))
