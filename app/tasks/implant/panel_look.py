"""How what stands out is shown and cut: it acts at once, nothing is computed."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLabel, QSlider, QWidget

from app.canvas.colour_maps import NAMES
from app.session.healing import Healing
from app.session.judging import Judging
from app.tasks.implant.labels import SCORINGS, UNITS
from app.tasks.implant.panel_screen import ImplantScreen
from app.widgets.pieces import leave_wheel
from domain.implant import Scoring

STEPS = 200
MOST = {Scoring.CALIBRATED: 20.0, Scoring.ABSOLUTE: 1.0, Scoring.AS_PUBLISHED: 1.0}
"""The highest threshold of the slider; a default above it makes more room."""


class LookView(QWidget):
    """Heat, its colours and opacity; scoring and threshold, whose release is one gesture."""

    def __init__(self, healing: Healing, judging: Judging, *, screen: ImplantScreen) -> None:
        super().__init__()
        self._healing, self._judging, self._screen = healing, judging, screen
        self.heat = QCheckBox("Heat")
        self.heat.setChecked(True)
        self.heat.toggled.connect(lambda on: screen.look(heat=on))
        self.colours = QComboBox()
        self.colours.addItems(NAMES)
        self.colours.setAccessibleName("Colours of the heat")
        self.colours.textActivated.connect(lambda name: screen.look(colours=name))
        self.opacity = _slider("Opacity", 100, round(100 * screen.opacity))
        self.opacity.valueChanged.connect(lambda value: screen.look(opacity=value / 100))
        self.scoring = QComboBox()
        self.scoring.setAccessibleName("Scoring")
        for scoring, title in SCORINGS.items():
            self.scoring.addItem(title, scoring)
        self.scoring.activated.connect(self._score)
        self.threshold = _slider("Threshold", STEPS, 0)
        self.threshold.valueChanged.connect(self._hold)
        self.threshold.sliderReleased.connect(self._commit)
        self._value = QLabel()
        self._value.setObjectName("secondary")
        self._lay_out()
        for widget in (self.colours, self.opacity, self.scoring, self.threshold):
            leave_wheel(widget)
        judging.changed.connect(self.refresh)
        self.refresh()

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(1, 1)
        grid.setVerticalSpacing(4)
        grid.addWidget(self.heat, 0, 0)
        grid.addWidget(self.colours, 0, 1)
        for line, (title, widget) in enumerate(
            (("Opacity", self.opacity), ("Scoring", self.scoring), ("Threshold", self.threshold)), 1
        ):
            grid.addWidget(QLabel(title), line, 0)
            grid.addWidget(widget, line, 1)
        grid.addWidget(self._value, 4, 1)

    @Slot()
    def refresh(self) -> None:
        """Read the decisions on screen again; what the hand holds stays where it is."""
        shown, result = self._judging.shown, self._healing.shown
        is_there = shown is not None and result is not None
        self.setEnabled(is_there)
        if shown is None or result is None:
            self._value.setText("")
            return
        self.scoring.setCurrentIndex(self.scoring.findData(shown.scoring))
        is_calibrated = result.findings.standing_out is not None
        self.scoring.setItemData(0, None if is_calibrated else 0, Qt.ItemDataRole.UserRole - 1)
        if not math.isnan(shown.threshold):
            self._value.setText(f"{shown.threshold:.2f} {UNITS[shown.scoring]}")
            if not self.threshold.isSliderDown():
                share = shown.threshold / self._most(shown.scoring)
                self.threshold.blockSignals(True)
                self.threshold.setValue(round(share * STEPS))
                self.threshold.blockSignals(False)

    def _most(self, scoring: Scoring) -> float:
        result = self._healing.shown
        cut = math.nan if result is None else result.findings.cut
        if scoring is Scoring.CALIBRATED and not math.isnan(cut):
            return max(2 * cut, 1.0)
        return MOST[scoring]

    @Slot(int)
    def _hold(self, value: int) -> None:
        shown = self._judging.shown
        if shown is not None:
            threshold = value / STEPS * self._most(shown.scoring)
            self._judging.hold(scoring=shown.scoring, threshold=threshold)
            if not self.threshold.isSliderDown():  # by keys or the wheel: there is no release
                self._judging.commit_soon(self._action())

    @Slot()
    def _commit(self) -> None:
        self._judging.commit(self._action())

    def _action(self) -> str:
        shown = self._judging.shown
        value = self.threshold.value() / STEPS * self._most(shown.scoring) if shown else 0.0
        return f"Threshold {value:.2f}"

    @Slot(int)
    def _score(self, place: int) -> None:
        scoring: Scoring = self.scoring.itemData(place)
        self._judging.hold(scoring=scoring)
        self._judging.commit(f"Scored: {SCORINGS[scoring].lower()}")


def _slider(name: str, most: int, value: int) -> QSlider:
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setRange(0, most)
    slider.setValue(value)
    slider.setAccessibleName(name)
    return slider
