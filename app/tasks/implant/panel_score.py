"""The study's score, its place among healthy studies, and what speaks against it."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from app.session.healing import Healing
from app.session.judging import Judging
from app.tasks.implant.labels import SCORINGS, SLOW, place_words, score_words
from app.widgets.dot_plot import DotPlot
from app.widgets.pieces import quiet_label
from domain.implant import Scoring
from domain.implant_words import sentences


class ScoreView(QWidget):
    """Says nothing finer than it is known."""

    def __init__(self, healing: Healing, judging: Judging) -> None:
        super().__init__()
        self._healing, self._judging = healing, judging
        self._doubts = quiet_label()
        self._doubts.setObjectName("doubt")
        self._doubts.setAccessibleName("Doubts about this answer")
        self._title, self._score = QLabel("Study score"), QLabel()
        self._score.setObjectName("figure")
        self._place, self._how = quiet_label(), quiet_label()
        self._plot = DotPlot(others="healthy studies", this="this study")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        head = QGridLayout()
        head.setColumnStretch(0, 1)
        head.addWidget(self._title, 0, 0)
        head.addWidget(self._score, 0, 1)
        layout.addWidget(self._doubts)
        layout.addLayout(head)
        for widget in (self._how, self._plot, self._place):
            layout.addWidget(widget)
        judging.changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Read the answer on screen again."""
        shown, result = self._judging.shown, self._healing.shown
        has_score = shown is not None and shown.options is not None
        for widget in (self._title, self._score, self._place):
            widget.setVisible(has_score)
        doubts = "\n".join(sentences(shown.doubts)) if shown is not None else ""
        self._doubts.setText(doubts)
        self._doubts.setVisible(bool(doubts))
        if shown is None or shown.options is None:
            self._how.setText(SLOW)
            self._plot.show_numbers((), 0.0)
            return
        options = shown.options
        seeds = "" if options.seeds == 1 else f", mean of {options.seeds} seeds"
        self._score.setText(score_words(shown.score, shown.scoring))
        self._how.setText(
            f"{SCORINGS[shown.scoring]}, λ {options.level}, {options.steps} steps{seeds}"
        )
        healthy = () if result is None else result.findings.healthy
        is_compared = shown.scoring is Scoring.CALIBRATED
        self._plot.show_numbers(healthy if is_compared else (), shown.score)
        self._place.setText(self._place_words(healthy, is_compared=is_compared))

    def _place_words(self, healthy: tuple[float, ...], *, is_compared: bool) -> str:
        shown, result = self._judging.shown, self._healing.shown
        if shown is None:
            return ""
        if result is None:
            return "What was computed is no longer kept: localise again to see its pictures."
        if not is_compared and healthy:
            return "This score is not compared with healthy studies."
        return place_words(shown.score, healthy, p_value=shown.p_value)
