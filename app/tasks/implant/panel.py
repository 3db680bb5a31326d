"""The implant task's controls: one primary verb, the score, the regions, how it is healed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.session.asking import Asking
from app.session.editing import Editing
from app.session.healing import TASK, Healing
from app.session.judging import Judging
from app.session.ladder import Ladder
from app.session.session import Session
from app.tasks.implant.panel_look import LookView
from app.tasks.implant.panel_options import OptionsView
from app.tasks.implant.panel_regions import RegionsView
from app.tasks.implant.panel_score import ScoreView
from app.tasks.implant.panel_screen import ImplantScreen
from app.widgets.case_history import CaseHistory
from app.widgets.pieces import caption, rule
from app.widgets.weights_row import WeightsRow
from inference.manifest import WeightsEntry


@dataclass(frozen=True)
class ImplantContext:
    """What the window hands to the panel."""

    session: Session
    asking: Asking
    editing: Editing
    healing: Healing
    ladder: Ladder
    judging: Judging
    screen: ImplantScreen
    weights: tuple[WeightsEntry, ...]
    show_card: Callable[[], None]
    primary: Callable[[], None]
    look_at: Callable[[int], None]
    measures: QWidget


class ImplantPanel(QWidget):
    """Localise, read the score, judge the regions, walk through the history."""

    def __init__(self, context: ImplantContext) -> None:
        super().__init__()
        self._context = context
        self._session, self._healing = context.session, context.healing
        judging, healing = context.judging, context.healing
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 12)
        layout.setSpacing(10)
        self._weights = WeightsRow(show_card=context.show_card)
        self._weights.chosen.connect(self._choose_weights)
        self.offer(context.weights)
        layout.addWidget(self._weights)
        self.primary = QPushButton("Localise")
        self.primary.setObjectName("primary")
        self.primary.clicked.connect(lambda _=False: context.primary())
        layout.addWidget(self.primary)
        layout.addWidget(ScoreView(healing, judging))
        layout.addWidget(rule())
        self.regions = RegionsView(judging, drawing=context.screen.drawing)
        self.regions.shown_wanted.connect(context.look_at)
        layout.addWidget(self.regions)
        layout.addWidget(rule())
        self.look = LookView(healing, judging, screen=context.screen)
        layout.addWidget(self.look)
        layout.addWidget(rule())
        self.options = OptionsView(healing, context.ladder, judging=judging)
        layout.addWidget(self.options)
        layout.addWidget(context.measures)
        layout.addStretch(1)
        layout.addWidget(caption("History"))
        layout.addWidget(CaseHistory(context.session, context.editing))
        judging.changed.connect(self.refresh)
        context.asking.busy_changed.connect(self.refresh)
        context.asking.weights_changed.connect(self.refresh)
        self.refresh()

    def offer(self, weights: tuple[WeightsEntry, ...]) -> None:
        """The networks to choose from; the one in use stays chosen."""
        self._weights.offer(weights)
        self._show_weights()

    @Slot()
    def refresh(self) -> None:
        """Read what is decided and asked again."""
        self._show_weights()
        decisions, is_busy = self._session.decisions, self._context.asking.is_busy
        self.primary.setEnabled(not is_busy or not self._healing.is_on)
        self.primary.setText(self._verb(is_busy, bool(decisions and decisions.accepted)))

    def _verb(self, is_busy: bool, is_accepted: bool) -> str:
        if is_busy:
            return "Localising…"
        if self._healing.is_asked_anew:
            return f"Localise at λ {self._healing.wish.options.level}   ⏎"
        return "Next case   ⏎" if is_accepted else "Accept the study   ⏎"

    def _show_weights(self) -> None:
        self._weights.show_in_use(self._context.asking.weights_of(TASK)[0])

    @Slot(object)
    def _choose_weights(self, entry: WeightsEntry) -> None:
        self._context.asking.use_weights(entry.id, mode=entry.mode, task=TASK)
