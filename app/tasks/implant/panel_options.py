"""How a study is to be healed, and the ladder of levels that is there already."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QSpinBox,
    QStyle,
    QStyleOptionSlider,
    QVBoxLayout,
    QWidget,
)

from app.session.healing import Healing
from app.session.judging import Judging
from app.session.ladder import Ladder
from app.tasks.implant.labels import SAMPLERS
from app.widgets.fold import Fold
from app.widgets.pieces import leave_wheel, quiet_label
from domain.implant import LADDER, LEVELS

MOST_STEPS, MOST_SEEDS, MOST_SEED = 999, 16, 2**31 - 1


class RungSlider(QSlider):
    """A stop for each rung of the ladder, with a dot under those that are computed."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setRange(0, len(LADDER) - 1)
        self.setPageStep(1)
        self.setAccessibleName("Noise level λ")
        self.setMinimumHeight(30)
        self._there: frozenset[int] = frozenset()

    @property
    def level(self) -> int:
        """The rung that the slider is at."""
        return LADDER[self.value()]

    def tell(self, there: frozenset[int]) -> None:
        """Which levels are computed."""
        self._there = there
        self.setAccessibleDescription(f"{len(there)} of {len(LADDER)} levels computed")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        handle = self.style().subControlRect(
            QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle, self
        )
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        half = handle.width() / 2
        room = self.width() - handle.width()
        for place, level in enumerate(LADDER):
            is_there = level in self._there
            role = QPalette.ColorRole.Highlight if is_there else QPalette.ColorRole.Mid
            painter.setBrush(self.palette().color(role))
            at = QPointF(half + room * place / (len(LADDER) - 1), self.height() - 3.0)
            painter.drawEllipse(at, 2.4, 2.4)


class OptionsView(QWidget):
    """λ, steps, sampler and seeds; a level that is there is looked at without computing."""

    level_chosen = Signal(int)

    def __init__(self, healing: Healing, ladder: Ladder, *, judging: Judging) -> None:
        super().__init__()
        self._healing, self._ladder, self._judging = healing, ladder, judging
        self.level = RungSlider()
        self.level.valueChanged.connect(self._look)
        self.level.sliderReleased.connect(self._take)
        self._level_words, self._ladder_words = QLabel(), quiet_label()
        self.climb = QPushButton("Compute the ladder")
        self.climb.setToolTip("Every level from 50 to 600 in the background, coarse to fine")
        self.climb.clicked.connect(self._climb)
        self.any_level = _spin(1, LEVELS - 1, "Noise level λ, any")
        self.steps = _spin(1, MOST_STEPS, "Steps")
        self.seeds = _spin(1, MOST_SEEDS, "Seeds: how often it is healed, the mean is shown")
        self.seed = _spin(0, MOST_SEED, "Seed of the first")
        self.sampler = QComboBox()
        self.sampler.setAccessibleName("Sampler")
        for sampler, title in SAMPLERS.items():
            self.sampler.addItem(title, sampler)
        self._lay_out()
        for widget in (self.level, self.any_level, self.steps, self.seeds, self.seed, self.sampler):
            leave_wheel(widget)
        self._connect()
        self.refresh()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._level_words)
        head.addStretch(1)
        head.addWidget(self.climb)
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(1, 1)
        rows = (
            ("λ", self.any_level),
            ("Steps", self.steps),
            ("Sampler", self.sampler),
            ("Seeds", self.seeds),
            ("Seed", self.seed),
        )
        for line, (title, widget) in enumerate(rows):
            grid.addWidget(QLabel(title), line, 0)
            grid.addWidget(widget, line, 1)
        self.fold = Fold("Steps, sampler, seeds", inside)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(head)
        for widget in (self.level, self._ladder_words, self.fold):
            layout.addWidget(widget)

    def _connect(self) -> None:
        healing = self._healing
        self.any_level.valueChanged.connect(lambda value: healing.ask_for(level=value))
        self.steps.valueChanged.connect(lambda value: healing.ask_for(steps=value))
        self.seeds.valueChanged.connect(lambda value: healing.ask_for(seeds=value))
        self.seed.valueChanged.connect(lambda value: healing.ask_for(seed=value))
        self.sampler.activated.connect(
            lambda place: healing.ask_for(sampler=self.sampler.itemData(place))
        )
        healing.changed.connect(self.refresh)
        self._ladder.changed.connect(self._refresh_ladder)

    @Slot()
    def refresh(self) -> None:
        """Read what is wished again."""
        wish, options = self._healing.wish, self._healing.wish.options
        for widget, value in (
            (self.any_level, options.level),
            (self.steps, options.steps),
            (self.seeds, options.seeds),
            (self.seed, wish.seed),
            (self.level, min(range(len(LADDER)), key=lambda n: abs(LADDER[n] - options.level))),
        ):
            widget.blockSignals(True)
            widget.setValue(value)
            widget.blockSignals(False)
        self.sampler.setCurrentIndex(self.sampler.findData(options.sampler))
        there = self._healing.rungs
        self.level.tell(there)
        said = "computed" if options.level in there else "not computed"
        self._level_words.setText(f"λ {options.level}, {said}")
        self._refresh_ladder()

    @Slot()
    def _refresh_ladder(self) -> None:
        climbing, words = self._ladder.is_climbing, self._ladder.words
        is_whole = set(LADDER) <= self._healing.rungs
        self.climb.setText("Stop" if climbing else "Compute the ladder")
        self.climb.setEnabled(self._healing.is_on and (climbing or not is_whole))
        self._ladder_words.setText(words)
        self._ladder_words.setVisible(bool(words))

    @Slot(int)
    def _look(self, _place: int) -> None:
        level = self.level.level
        self._healing.ask_for(level=level)
        self._healing.look_at(level)
        if not self.level.isSliderDown():
            self._judging.commit_soon(f"Regions at λ {level}")

    @Slot()
    def _take(self) -> None:
        """The slider was let go: the regions of a computed level are decided on."""
        self._judging.commit(f"Regions at λ {self.level.level}")

    @Slot()
    def _climb(self) -> None:
        if self._ladder.is_climbing:
            self._ladder.cancel()
        else:
            self._ladder.climb()


def _spin(least: int, most: int, tip: str) -> QSpinBox:
    box = QSpinBox()
    box.setRange(least, most)
    box.setToolTip(tip)
    box.setAccessibleName(tip)
    box.setKeyboardTracking(False)
    return box
