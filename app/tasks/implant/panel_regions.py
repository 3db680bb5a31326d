"""The implants of a study as a list: where, on which frames, how hot, and what a person says."""

from __future__ import annotations

import math
from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.canvas.layers.drawing import Drawing
from app.session.judging import Judging
from app.tasks.implant.labels import SITES, VERDICTS, frames_words
from app.tasks.implant.panel_drawing import DrawingTool
from app.widgets.fit import Scrolled
from app.widgets.pieces import quiet_label
from domain.implant import Implant, Region, Verdict
from domain.implant_plan import StudyPlan

QUADRANTS = {"1": "Upper right", "2": "Upper left", "3": "Lower left", "4": "Lower right"}
TOOLS = (
    (Drawing.POLYGON, "Polygon", "Outline by clicks (Q)"),
    (Drawing.BRUSH, "Brush", "Add to the region by hand (B)"),
    (Drawing.ERASER, "Eraser", "Take away from the region by hand (Shift+B)"),
)

MOST_ROWS = 3
"""That are seen at once; more are scrolled through."""


class RegionRow(QFrame):
    """One implant; used again for another, for there may be many."""

    pressed = Signal(int)
    judged = Signal(object, int)
    named = Signal(int, str)

    def __init__(self) -> None:
        super().__init__()
        self.number = 0
        self.setObjectName("region")
        self._title, self._detail = QLabel(), QLabel()
        self._detail.setObjectName("secondary")
        self._detail.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.site, self.accept, self.reject = QToolButton(), QToolButton(), QToolButton()
        self.site.clicked.connect(self._offer_sites)
        for button, text, verdict, tip in (
            (self.accept, "Accept", Verdict.ACCEPTED, "It is an implant (A)"),
            (self.reject, "Reject", Verdict.REJECTED, "It is none (X)"),
        ):
            button.setText(text)
            button.setToolTip(tip)
            button.setCheckable(True)
            button.clicked.connect(partial(self._judge, verdict))
        for button in (self.site, self.accept, self.reject):
            button.setProperty("compact", True)
        grid = QGridLayout(self)
        grid.setContentsMargins(8, 6, 8, 6)
        grid.setHorizontalSpacing(4)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        for column, widget in enumerate((self._title, self.site, self.accept, self.reject)):
            grid.addWidget(widget, 0, column)
        grid.addWidget(self._detail, 1, 0, 1, 4)

    def show_implant(self, implant: Implant, detail: str, *, chosen: bool) -> None:
        """Say this of it."""
        self.number = implant.number
        verdict = VERDICTS[implant.verdict]
        self._title.setText(f"Implant {implant.number}")
        self._detail.setText(detail)
        self._detail.setToolTip(detail)
        self.setAccessibleName(f"Implant {implant.number}, {verdict}, {detail}")
        self.site.setText(f"site {implant.site or '?'}")
        said = "given by a person" if implant.site_is_given else "guessed from its place"
        self.site.setToolTip(f"Tooth site (FDI), {said if implant.site else 'not known'}")
        self.accept.setChecked(implant.verdict is Verdict.ACCEPTED)
        self.reject.setChecked(implant.verdict is Verdict.REJECTED)
        if self.property("chosen") != chosen:
            self.setProperty("chosen", chosen)
            self.style().unpolish(self)
            self.style().polish(self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit(self.number)

    def _judge(self, verdict: Verdict) -> None:
        self.judged.emit(verdict, self.number)

    @Slot()
    def _offer_sites(self) -> None:
        menu = QMenu(self)
        menu.addAction("Not known", partial(self.named.emit, self.number, ""))
        for quadrant, title in QUADRANTS.items():
            teeth = menu.addMenu(title)
            for site in SITES:
                if site.startswith(quadrant):
                    teeth.addAction(site, partial(self.named.emit, self.number, site))
        menu.popup(self.site.mapToGlobal(self.site.rect().bottomLeft()))


class RegionsView(QWidget):
    """All implants, and the tools that redraw them."""

    shown_wanted = Signal(int)  # a picture of the study to look at

    def __init__(self, judging: Judging, *, drawing: DrawingTool) -> None:
        super().__init__()
        self._judging, self._drawing = judging, drawing
        self._rows: list[RegionRow] = []
        self._caption = QLabel()
        self._caption.setObjectName("caption")
        self._none = quiet_label("Nothing stands out. A region can be drawn by hand.")
        inside = QWidget()
        self._list = QVBoxLayout(inside)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(4)
        self._room = Scrolled(inside, keeps=Qt.Orientation.Horizontal)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._caption)
        layout.addWidget(self._none)
        layout.addWidget(self._room)
        layout.addLayout(self._tools())
        judging.changed.connect(self.refresh)
        self.refresh()

    @property
    def rows(self) -> tuple[RegionRow, ...]:
        """One for each implant."""
        return tuple(row for row in self._rows if not row.isHidden())

    def _tools(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(4)
        for kind, text, tip in TOOLS:
            button = QToolButton()
            button.setText(text)
            button.setToolTip(tip)
            button.setProperty("compact", True)
            button.clicked.connect(lambda _=False, one=kind: self._drawing.start(one))
            line.addWidget(button)
        line.addStretch(1)
        return line

    @Slot()
    def refresh(self) -> None:
        """Read the decisions on screen again."""
        shown = self._judging.shown
        implants = shown.implants if shown else ()
        regions = shown.regions if shown else ()
        accepted = sum(one.verdict is Verdict.ACCEPTED for one in implants)
        kept = sum(one.verdict is not Verdict.REJECTED for one in implants)
        self._caption.setText(f"Implants: {kept}, {accepted} accepted" if implants else "Implants")
        self._none.setVisible(shown is not None and shown.options is not None and not implants)
        while len(self._rows) < len(implants):
            self._rows.append(self._made())
        plan = self._drawing.plan if implants else None
        for row, implant in zip(self._rows, implants, strict=False):
            own = tuple(region for region in regions if region.implant == implant.number)
            chosen = implant.number == self._judging.selected
            row.show_implant(implant, _detail(own, plan), chosen=chosen)
        for place, row in enumerate(self._rows):
            row.setVisible(place < len(implants))
        self._fit()

    def _fit(self) -> None:
        """As tall as the rows, up to some: what is below the list must stay within reach."""
        rows = self.rows
        self._room.setVisible(bool(rows))
        spacing = self._list.spacing()
        tall = sum(row.sizeHint().height() + spacing for row in rows[:MOST_ROWS]) - spacing
        cut = rows[0].sizeHint().height() // 2 if len(rows) > MOST_ROWS else 0  # there is more
        self._room.setFixedHeight(max(tall + cut, 0))
        chosen = next((row for row in rows if row.number == self._judging.selected), None)
        if chosen is not None:
            self._list.activate()  # a row that has just come has no place before
            self._room.ensureWidgetVisible(chosen, 0, spacing)

    def _made(self) -> RegionRow:
        row = RegionRow()
        row.pressed.connect(self._press)
        row.judged.connect(self._judging.judge)
        row.named.connect(self._judging.name)
        self._list.addWidget(row)
        return row

    @Slot(int)
    def _press(self, number: int) -> None:
        self._judging.select(number)
        shown = self._judging.shown
        own = [r for r in (shown.regions if shown else ()) if r.implant == number]
        if own:
            hottest = max(own, key=lambda r: -1.0 if math.isnan(r.score) else r.score)
            self.shown_wanted.emit(hottest.frame)


def _detail(regions: tuple[Region, ...], plan: StudyPlan | None) -> str:
    scores = [region.score for region in regions if not math.isnan(region.score)]
    parts = [frames_words(regions, plan=plan)]
    if scores:
        parts.append(f"heat {max(scores):.2g}")
    if any(region.drawn for region in regions):
        parts.append("drawn")
    return " · ".join(part for part in parts if part)
