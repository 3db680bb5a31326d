"""The implants of a study as a list: where, on which frames, how hot, and what a person says."""

from __future__ import annotations

import math
from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.canvas.layers.drawing import Drawing
from app.session.healing import Healing
from app.session.judging import Judging
from app.tasks.implant.labels import SITES, VERDICTS, frames_words
from app.tasks.implant.panel_drawing import DrawingTool
from app.widgets.pieces import quiet_label
from domain.implant import Implant, Region, Verdict
from domain.implant_plan import StudyPlan

UNKNOWN = "site ?"
TOOLS = (
    (Drawing.POLYGON, "Polygon", "Outline by clicks (Q)"),
    (Drawing.BRUSH, "Brush", "Add to the region by hand (B)"),
    (Drawing.ERASER, "Eraser", "Take away from the region by hand (Shift+B)"),
)


class RegionRow(QFrame):
    """One implant."""

    pressed = Signal(int)
    judged = Signal(object, int)
    named = Signal(int, str)

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        self.setObjectName("region")
        self._title, self._detail = QLabel(), QLabel()
        self._detail.setObjectName("secondary")
        self.site = QComboBox()
        self.site.setAccessibleName(f"Site of implant {number}")
        self.site.addItems([UNKNOWN, *SITES])
        self.site.setMinimumHeight(self.site.sizeHint().height())
        self.site.activated.connect(self._name)
        self.accept, self.reject = QToolButton(), QToolButton()
        self._group = QButtonGroup(self)
        self._group.setExclusive(False)
        for button, text, verdict, tip in (
            (self.accept, "Accept", Verdict.ACCEPTED, "It is an implant (A)"),
            (self.reject, "Reject", Verdict.REJECTED, "It is none (X)"),
        ):
            button.setText(text)
            button.setToolTip(tip)
            button.setCheckable(True)
            button.setProperty("compact", True)
            button.clicked.connect(partial(self._judge, verdict))
        grid = QGridLayout(self)
        grid.setContentsMargins(8, 6, 8, 6)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        grid.addWidget(self._title, 0, 0)
        grid.addWidget(self.site, 0, 1, 1, 2)
        grid.addWidget(self._detail, 1, 0)
        grid.addWidget(self.accept, 1, 1)
        grid.addWidget(self.reject, 1, 2)

    def show_implant(self, implant: Implant, detail: str, *, chosen: bool) -> None:
        """Say this of it."""
        verdict = VERDICTS[implant.verdict]
        self._title.setText(f"<b>Implant {implant.number}</b>")
        self._detail.setText(detail)
        self._detail.setToolTip(detail)
        self.setAccessibleName(f"Implant {implant.number}, {verdict}, {detail}")
        self.site.setCurrentIndex(max(self.site.findText(implant.site or UNKNOWN), 0))
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

    @Slot(int)
    def _name(self, place: int) -> None:
        self.named.emit(self.number, "" if place == 0 else self.site.itemText(place))


class RegionsView(QWidget):
    """All implants, and the tools that redraw them."""

    shown_wanted = Signal(int)  # a picture of the study to look at

    def __init__(self, healing: Healing, judging: Judging, *, drawing: DrawingTool) -> None:
        super().__init__()
        self._healing, self._judging, self._drawing = healing, judging, drawing
        self._rows: list[RegionRow] = []
        self._caption = QLabel()
        self._caption.setObjectName("caption")
        self._none = quiet_label("Nothing stands out. A region can be drawn by hand.")
        self._list = QVBoxLayout()
        self._list.setSpacing(4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._caption)
        layout.addWidget(self._none)
        layout.addLayout(self._list)
        layout.addLayout(self._tools())
        healing.changed.connect(self.refresh)
        judging.changed.connect(self.refresh)
        self.refresh()

    @property
    def rows(self) -> tuple[RegionRow, ...]:
        """One for each implant."""
        return tuple(self._rows)

    def _tools(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(4)
        self._buttons = []
        for kind, text, tip in TOOLS:
            button = QToolButton()
            button.setText(text)
            button.setToolTip(tip)
            button.setProperty("compact", True)
            button.clicked.connect(lambda _=False, one=kind: self._drawing.start(one))
            line.addWidget(button)
            self._buttons.append(button)
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
        self._none.setVisible(shown is not None and not implants)
        self._lay_out(len(implants), [one.number for one in implants])
        plan = self._drawing.plan if implants else None
        for row, implant in zip(self._rows, implants, strict=True):
            own = tuple(region for region in regions if region.implant == implant.number)
            detail = _detail(own, plan)
            row.show_implant(implant, detail, chosen=implant.number == self._judging.selected)

    def _lay_out(self, count: int, numbers: list[int]) -> None:
        if [row.number for row in self._rows] == numbers:
            return
        for row in self._rows:
            row.hide()
            row.deleteLater()
        self._rows = [RegionRow(number) for number in numbers]
        for row in self._rows:
            row.pressed.connect(self._press)
            row.judged.connect(self._judging.judge)
            row.named.connect(self._judging.name)
            self._list.addWidget(row)

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
