"""Curves of a training run while it lasts: its losses, and its errors on films kept back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QTimer
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.session.run_news import ERRORS, LOSSES

INKS = ("#4fa8bd", "#d98a3d", "#6fae58", "#b07cc6", "#c75d6a", "#8a93a0", "#b8a13a")
"""Seen on light and dark alike."""
REST_MS = 250
FEW = 40  # points that are marked one by one
NAMES = {
    "heat": "heat-maps",
    "l1": "distance",
    "bce": "heat-maps, pixel by pixel",
    "halfway_bce": "heat-maps halfway",
    "morphology": "shape of the column",
    "alone": "distance without hints",
    "hinted": "distance with hints",
    "overruled": "distance, hints a level off",
    "likeness": "corners of any level",
    "guess": "first guess",
    "px": "close-ups, px",
    "quiet": "little noise",
    "noisy": "much noise",
    "mre_px": "mean before any click",
    "mre_px_median": "median before any click",
    "first_mre": "mean before any click, shrunk film",
    "second_mre": "mean after one click, shrunk film",
}
"""What people read; other names are shown as they are."""
TITLES = {LOSSES: "Losses while learning", ERRORS: "Errors on films kept back, px"}


class RunCurves(QWidget):
    """Two plots over the steps of a run; a curve for each name."""

    def __init__(self) -> None:
        super().__init__()
        self._points: dict[str, dict[str, list[tuple[int, float]]]] = {}
        self._lines: dict[tuple[str, str], pg.PlotDataItem] = {}
        self._plots: dict[str, pg.PlotWidget] = {}
        self._stale: set[tuple[str, str]] = set()
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._draw)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        for kind, title in TITLES.items():
            plot = pg.PlotWidget()
            plot.setAccessibleName(title)
            plot.setMouseEnabled(x=False, y=False)
            plot.setMenuEnabled(False)
            plot.hideButtons()
            plot.showGrid(x=False, y=True, alpha=0.25)
            plot.addLegend(offset=(-8, 4))
            self._plots[kind] = plot
            box.addWidget(plot, 3 if kind == LOSSES else 2)
        self.clear()
        self._dress()

    def clear(self) -> None:
        """Forget everything."""
        self._stale.clear()
        self._points = {kind: defaultdict(list) for kind in self._plots}
        for (kind, _), line in self._lines.items():
            self._plots[kind].removeItem(line)
        self._lines.clear()
        for plot in self._plots.values():
            plot.hide()  # until there is something to see

    def add(self, kind: str, step: int, numbers: Mapping[str, float]) -> None:
        """What was told at a step; a step that comes again was learnt again since."""
        for name, value in numbers.items():
            points = self._points[kind][name]
            while points and points[-1][0] >= step:
                points.pop()
            points.append((step, value))
            self._stale.add((kind, name))
        if self._stale and not self._rest.isActive():
            self._rest.start()

    def points(self, kind: str, name: str) -> tuple[tuple[int, float], ...]:
        """A curve as it is drawn."""
        return tuple(self._points[kind][name])

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()

    def _draw(self) -> None:
        """Draw what has changed; not more often than an eye follows."""
        for kind, name in sorted(self._stale):
            points = self._points[kind][name]
            line = self._lines.get((kind, name)) or self._new_line(kind, name)
            line.setSymbol("o" if len(points) <= FEW else None)
            line.setData(*zip(*points, strict=True))
        self._stale.clear()

    def _new_line(self, kind: str, name: str) -> pg.PlotDataItem:
        ink = INKS[sum(one == kind for one, _ in self._lines) % len(INKS)]
        line = self._plots[kind].plot(
            name=NAMES.get(name, name.replace("_", " ")), pen=pg.mkPen(ink, width=2)
        )
        line.setSymbolSize(4)
        line.setSymbolBrush(ink)
        line.setSymbolPen(None)
        self._lines[kind, name] = line
        self._plots[kind].show()
        return line

    def _dress(self) -> None:
        palette = self.palette()
        quiet = palette.color(QPalette.ColorRole.PlaceholderText)
        ink = palette.color(QPalette.ColorRole.Text)
        for kind, plot in self._plots.items():
            plot.setBackground(palette.color(QPalette.ColorRole.Base))
            plot.setTitle(TITLES[kind], color=quiet.name(), size="9pt")
            legend = plot.getPlotItem().legend
            legend.setLabelTextColor(ink)
            for _, label in legend.items:  # which it would leave as they are
                label.setText(label.text, color=ink)
            for side in ("left", "bottom"):
                axis = plot.getAxis(side)
                axis.setPen(palette.color(QPalette.ColorRole.Mid))
                axis.setTextPen(quiet)
