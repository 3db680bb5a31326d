"""Plots as SVG, written by hand: lines with bands, and clouds of points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

_WIDTH, _HEIGHT, _LEFT, _TOP = 640, 400, 56, 30
_PLOT_WIDTH, _PLOT_HEIGHT = _WIDTH - _LEFT - 150, _HEIGHT - _TOP - 50
INKS = ("#0b6e8a", "#c8641b", "#4b7f34")


@dataclass(frozen=True)
class Series:
    """What is drawn in one colour.

    Args:
        low, high: the edges of a band around `y`; no band where they are empty.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()


@dataclass(frozen=True)
class Axes:
    """Title and what stands at the axes; both begin at 0."""

    title: str
    x: str
    y: str


def lines_svg(series: Sequence[Series], axes: Axes) -> str:
    """Lines with marks, and their bands."""
    sheet = _Sheet.around(series, is_square=False)
    parts = []
    for one, ink in zip(series, INKS, strict=False):
        if one.low:
            edge = sheet.path(one.x, one.high) + sheet.path(one.x, one.low)[::-1]
            parts.append(f'<polygon points="{" ".join(edge)}" fill="{ink}" fill-opacity=".15"/>')
        points = " ".join(sheet.path(one.x, one.y))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{ink}" stroke-width="2"/>')
        parts.append(sheet.dots(one, ink=ink))
    return sheet.whole(parts, series, axes)


def scatter_svg(series: Sequence[Series], axes: Axes) -> str:
    """Points, and the line on which x and y are the same."""
    sheet = _Sheet.around(series, is_square=True)
    ends = " ".join(sheet.path((0.0, sheet.x_most), (0.0, sheet.x_most)))
    parts = [f'<polyline points="{ends}" stroke="#888" stroke-dasharray="4 4"/>']
    parts += [sheet.dots(one, ink=ink) for one, ink in zip(series, INKS, strict=False)]
    return sheet.whole(parts, series, axes)


@dataclass(frozen=True)
class _Sheet:
    x_most: float
    y_most: float

    @classmethod
    def around(cls, series: Sequence[Series], *, is_square: bool) -> _Sheet:
        x = max((value for one in series for value in one.x), default=1.0)
        y = max((value for one in series for value in (*one.y, *one.high)), default=1.0)
        if is_square:
            x = y = max(x, y)
        return cls(_round_up(x), _round_up(y))

    def path(self, x: Sequence[float], y: Sequence[float]) -> list[str]:
        across = _LEFT + np.asarray(x) / self.x_most * _PLOT_WIDTH
        down = _TOP + _PLOT_HEIGHT - np.asarray(y) / self.y_most * _PLOT_HEIGHT
        return [f"{a:.1f},{d:.1f}" for a, d in zip(across, down, strict=True)]

    def dots(self, one: Series, *, ink: str) -> str:
        return "".join(
            '<circle cx="{}" cy="{}" r="3" fill="{}" fill-opacity=".6"/>'.format(
                *place.split(","), ink
            )
            for place in self.path(one.x, one.y)
        )

    def whole(self, parts: Sequence[str], series: Sequence[Series], axes: Axes) -> str:
        bottom, right = _TOP + _PLOT_HEIGHT, _LEFT + _PLOT_WIDTH
        frame = [f'<path d="M{_LEFT},{_TOP}V{bottom}H{right}" fill="none" stroke="#444"/>']
        for share in np.linspace(0, 1, 6):
            x, y = _LEFT + share * _PLOT_WIDTH, bottom - share * _PLOT_HEIGHT
            frame.append(_text(x, bottom + 18, f"{share * self.x_most:.3g}", anchor="middle"))
            frame.append(_text(_LEFT - 8, y + 4, f"{share * self.y_most:.3g}", anchor="end"))
            frame.append(f'<path d="M{_LEFT},{y:.1f}H{right}" stroke="#ddd"/>')
        frame.append(_text(_LEFT, _TOP - 12, f"{axes.title}; up: {axes.y}"))
        frame.append(_text(right, bottom + 38, axes.x, anchor="end"))
        for n, (one, ink) in enumerate(zip(series, INKS, strict=False)):
            frame.append(_text(right + 12, _TOP + 16 + 20 * n, one.name, ink=ink))
        inside = "\n".join((*frame, *parts))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
            f'width="{_WIDTH}" height="{_HEIGHT}" font-family="sans-serif" font-size="12">\n'
            f'<rect width="100%" height="100%" fill="white"/>\n{inside}\n</svg>\n'
        )


def _text(x: float, y: float, words: str, *, anchor: str = "start", ink: str = "#222") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{ink}">{escape(words)}</text>'
    )


def _round_up(value: float) -> float:
    """The next 1, 2, 2.5 or 5 times a power of ten, so that five steps are plain numbers."""
    if not value > 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(step * power for step in (1, 1.5, 2, 2.5, 5, 10) if step * power >= value))
