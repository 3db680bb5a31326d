"""Text that stays readable over bright and dark parts of a film."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
)

from app.canvas import colors


@lru_cache(maxsize=64)
def _font(family: str, pixels: int, strong: bool) -> QFont:
    made = QFont(family)
    made.setPixelSize(pixels)
    made.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
    made.setFeature(QFont.Tag("tnum"), 1)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return made


def font(pixels: float, *, strong: bool = False) -> QFont:
    """The program's font at a size in screen pixels, with figures of one width."""
    return _font(QGuiApplication.font().family(), round(pixels), strong)


RIM = 3.0
_PICTURES_HELD = 256


class Ink(Enum):
    """What of a text is drawn."""

    BOTH = auto()
    RIM = auto()
    LETTERS = auto()


@dataclass(frozen=True, eq=False)
class _Picture:
    """A text with its rim; the measures are in screen pixels."""

    pixmap: QPixmap
    width: float
    ascent: int
    height: float


_Key = tuple[str, str, int, float, Ink]
_PICTURES: dict[_Key, _Picture] = {}
_WIDTHS: dict[tuple[str, str], float] = {}
_KEYS: dict[int, tuple[QFont, str]] = {}


def _key_of(face: QFont) -> str:
    """What tells fonts apart, kept by object: to write it takes longer than to draw a figure."""
    known, key = _KEYS.get(id(face), (None, ""))
    if known is not face:
        if len(_KEYS) >= _PICTURES_HELD:
            _KEYS.clear()
        key = face.key()
        _KEYS[id(face)] = face, key
    return key


def _picture(key: _Key, *, face: QFont, color: QColor) -> _Picture:
    """The picture of a text, kept: the same few words are drawn in every frame."""
    picture = _PICTURES.get(key)
    if picture is None:
        text, _, _, density, ink = key
        if len(_PICTURES) >= _PICTURES_HELD:
            _PICTURES.clear()
        metrics = QFontMetricsF(face)
        picture = _PICTURES[key] = _Picture(
            pixmap=_drawn(text, face=face, color=color, density=density, ink=ink),
            width=metrics.horizontalAdvance(text),
            ascent=math.ceil(metrics.ascent()),
            height=metrics.height(),
        )
    return picture


def _drawn(text: str, *, face: QFont, color: QColor, density: float, ink: Ink) -> QPixmap:
    metrics = QFontMetricsF(face)
    width = math.ceil(metrics.horizontalAdvance(text) + 2 * RIM)
    height = math.ceil(metrics.height() + 2 * RIM)
    picture = QPixmap(math.ceil(width * density), math.ceil(height * density))
    picture.setDevicePixelRatio(density)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    start = QPointF(RIM, RIM + math.ceil(metrics.ascent()))
    if ink is not Ink.LETTERS:
        outline = QPainterPath()
        outline.addText(start, face, text)
        rim = QPen(colors.RIM, RIM, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        rim.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.strokePath(outline, rim)
    if ink is not Ink.RIM:
        painter.setFont(face)
        painter.setPen(color)
        painter.drawText(start, text)
    painter.end()
    return picture


def width_of(text: str, *, face: QFont) -> float:
    """How wide a text is drawn."""
    key = text, _key_of(face)
    if key not in _WIDTHS:
        if len(_WIDTHS) >= _PICTURES_HELD:
            _WIDTHS.clear()
        _WIDTHS[key] = QFontMetricsF(face).horizontalAdvance(text)
    return _WIDTHS[key]


def elided(text: str, *, face: QFont, width: float) -> str:
    """The text, without its middle where it is wider than that."""
    return QFontMetricsF(face).elidedText(text, Qt.TextElideMode.ElideMiddle, width)


def draw_text(
    painter: QPainter, text: str, *, at: QPointF, face: QFont, color: QColor, align: float = 0.0
) -> QRectF:
    """Draw a text with a dark rim; returns the room it took.

    Args:
        at: on the baseline.
        align: share of the width that lies left of `at`: 0 starts there, 1 ends there.
    """
    density = painter.device().devicePixelRatioF()
    key = (text, _key_of(face), color.rgba(), density, Ink.BOTH)
    picture = _picture(key, face=face, color=color)
    start = QPointF(round(at.x() - align * picture.width), round(at.y()))
    if text:
        painter.drawPixmap(start - QPointF(RIM, RIM + picture.ascent), picture.pixmap)
    return QRectF(start.x(), start.y() - picture.ascent, picture.width, picture.height)


_PIECES = re.compile(r"\d|\D+")


def draw_figures(
    painter: QPainter, text: str, *, at: QPointF, face: QFont, color: QColor, align: float = 0.0
) -> None:
    """As `draw_text`, for what is another number in each frame: from pictures of single figures.

    All rims come first, so that none lies on its neighbour.
    """
    density = painter.device().devicePixelRatioF()
    pieces = _PIECES.findall(text)
    ends = _key_of(face), color.rgba(), density
    for ink in (Ink.RIM, Ink.LETTERS):
        keys = ((piece, *ends, ink) for piece in pieces)
        pictures = [_picture(key, face=face, color=color) for key in keys]
        x = at.x() - align * sum(picture.width for picture in pictures)
        for picture in pictures:
            top = round(at.y()) - RIM - picture.ascent
            painter.drawPixmap(QPointF(round(x) - RIM, top), picture.pixmap)
            x += picture.width
