"""The vertebrae task's controls: one primary verb, the angles, what is corrected, the history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.canvas.tools.corners import CornersTool, most_worth_checking
from app.canvas.tools.curve_ends import CurveEndsTool
from app.canvas.tools.vertebra import VertebraTool
from app.canvas.view import ImageView
from app.session.asking import Asking
from app.session.curves import CurveReading
from app.session.editing import Editing
from app.session.repairing import Repairing
from app.session.session import Session
from app.tasks.vertebrae.panel_angles import AnglesView
from app.tasks.vertebrae.panel_column import ColumnView
from app.tasks.vertebrae.panel_doubts import DoubtsView
from app.widgets.case_history import CaseHistory
from app.widgets.pieces import caption, rule
from app.widgets.weights_row import WeightsRow
from domain.annotation import Annotations
from domain.repair import UNKNOWN_SPREAD
from domain.vertebrae import corner_name, names_of
from inference.manifest import WeightsEntry


@dataclass(frozen=True)
class PanelContext:
    """What the window hands to a task's panel."""

    view: ImageView
    session: Session
    asking: Asking
    editing: Editing
    curves: CurveReading
    repairing: Repairing
    weights: tuple[WeightsEntry, ...]
    show_card: Callable[[], None]
    primary: Callable[[], None]
    measures: QWidget


class VertebraePanel(QWidget):
    """Find corners, read the angles, accept, walk through the history."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self._context = context
        self._session, self._editing = context.session, context.editing
        # Handles first: where one lies over a corner, the corner is taken.
        self.ends_tool = CurveEndsTool(context.view, context.editing, context.curves)
        self.tool = CornersTool(context.view, context.session, context.editing, context.curves)
        self.vertebra_tool = VertebraTool(context.view, context.editing)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 12)
        layout.setSpacing(10)
        self._weights = WeightsRow(show_card=context.show_card)
        self._weights.chosen.connect(self._choose_weights)
        self.offer(context.weights)
        layout.addWidget(self._weights)
        self._find = QPushButton("Find corners")
        self._find.setObjectName("primary")
        self._find.clicked.connect(lambda _=False: context.primary())
        layout.addWidget(self._find)
        layout.addWidget(DoubtsView(context.session, context.editing))
        layout.addWidget(rule())
        layout.addWidget(AnglesView(context.session, context.editing, context.curves))
        layout.addWidget(context.measures)
        layout.addWidget(rule())
        self._summary = QLabel()
        self._summary.setWordWrap(True)
        layout.addWidget(self._summary)
        self._selection = QLabel()
        self._selection.setObjectName("secondary")
        self._selection.setWordWrap(True)
        layout.addWidget(self._selection)
        layout.addWidget(ColumnView(context.editing, context.repairing))
        layout.addLayout(self._layer_row())
        layout.addStretch(1)
        layout.addWidget(caption("History"))
        layout.addWidget(CaseHistory(self._session, self._editing))
        self._editing.shown_changed.connect(self.refresh)
        self._editing.selection_changed.connect(self.refresh)
        self._session.case_shown.connect(self.refresh)
        context.asking.busy_changed.connect(self._tell_busy)
        context.asking.weights_changed.connect(self.refresh)
        self.refresh()

    def offer(self, weights: tuple[WeightsEntry, ...]) -> None:
        """The networks to choose from; the one in use stays chosen."""
        self._weights.offer(weights)
        self._weights.show_in_use(self._context.asking.weights_id)

    def _layer_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        for text, part in (("Corners", "corners"), ("Lines", "lines"), ("Names", "labels")):
            box = QCheckBox(text)
            box.setChecked(True)
            box.toggled.connect(lambda on, name=part: self.tool.layer.set_part_visible(name, on))
            row.addWidget(box)
            if part == "lines":
                box.toggled.connect(self.ends_tool.set_shown)
        row.addStretch(1)
        return row

    @Slot()
    def refresh(self) -> None:
        """Read the decisions on screen again."""
        self._weights.show_in_use(self._context.asking.weights_id)
        shown, image = self._editing.shown, self._session.image
        has_points = shown is not None and shown.points is not None
        for widget in (self._summary, self._selection):
            widget.setVisible(has_points)
        if shown is None or shown.points is None or image is None:
            self._find.setText("Find corners   ⏎")
            return
        self._find.setText("Next case   ⏎" if shown.accepted else "Accept all   ⏎")
        self._summary.setText(self._summary_text(shown))
        self._selection.setText(self._selection_text(shown))

    def _summary_text(self, shown: Annotations) -> str:
        parts = ["Accepted"] if shown.accepted else []
        parts += [
            f"{0 if shown.points is None else len(shown.points)} corners",
            f"{len(shown.hints)} corrected",
        ]
        if shown.pins:
            parts.append(f"{len(shown.pins)} pinned")
        text = " · ".join(parts)
        origin = shown.origin
        if origin is None:
            text += "\nPlaced by hand, no network asked"
        elif origin.weights_id != self._context.asking.weights_id:
            text += f"\nFound by other weights: {origin.weights_id}"
        return text

    def _selection_text(self, shown: Annotations) -> str:
        index = self._editing.selected
        if index is None:
            worst = most_worth_checking(shown)
            if worst is None:
                return ""
            return f"Check next: {corner_name(worst, names_of(shown))}   (N)"
        state = "hint" if index in shown.hints else "proposed"
        state += ", pinned" if index in shown.pins else ""
        sure = shown.confidence[index] if shown.confidence else UNKNOWN_SPREAD
        spread = f" · ± {sure:.0f} px" if sure < UNKNOWN_SPREAD else ""
        return f"{corner_name(index, names_of(shown))} · {state}{spread}"

    @Slot(bool)
    def _tell_busy(self, busy: bool) -> None:
        decisions = self._session.decisions
        proposing = busy and (decisions is None or decisions.points is None)
        self._find.setEnabled(not proposing)
        if proposing:
            self._find.setText("Finding corners…")
        else:
            self.refresh()

    @Slot(object)
    def _choose_weights(self, entry: WeightsEntry) -> None:
        self._context.asking.use_weights(entry.id, mode=entry.mode)
